import { ConflictError } from '../../domain/errors.js'
import { type IdempotencyKey, replayOf } from '../../domain/idempotency.js'
import { Session } from '../../domain/sessions/session.js'
import { type SessionRepository } from '../../domain/sessions/session-repository.js'
import type { CreateSessionInput } from '../../domain/sessions/session-service.js'
import { TokenUsage } from '../../domain/sessions/token-usage.js'
import { idempotencyKey } from '../idempotency.js'
import { validated } from '../validated.js'
import { storedMetadata } from './new-messages.js'
import { CreateSessionFields, GetOrCreateSessionFields } from './session-inputs.js'
import { type SessionServiceParts } from './session-service-parts.js'
import { externalIdTaken } from './session-staging.js'

/** Makes sessions, once for each idempotency key and external id. */
export class SessionCreator {
  constructor(private readonly parts: SessionServiceParts) {}

  /** The new session, or the id of the one that the key made before. */
  async create(plain: CreateSessionInput): Promise<Session | string> {
    const input = validated(CreateSessionFields, plain)
    const session = this.newSession(input)
    const key = idempotencyKey('', input.idempotencyKey, { call: 'create', ...input })
    const id = key
      ? await this.parts.unitOfWork.inTransaction(({ sessions }) => createOnce(sessions, session, key))
      : await createNew(this.parts.sessions, session)
    return id === session.id ? session : id
  }

  async getOrCreate(plain: CreateSessionInput): Promise<Session | string> {
    const { externalId } = validated(GetOrCreateSessionFields, plain)
    const existing = await this.parts.sessions.getByExternalId(externalId)
    if (existing) return existing
    try {
      return await this.create(plain)
    } catch (error) {
      const isTaken = error instanceof ConflictError && error.code === 'EXTERNAL_ID_TAKEN'
      const winner = isTaken ? await this.parts.sessions.getByExternalId(externalId) : undefined
      if (winner) return winner
      throw error
    }
  }

  private newSession(input: CreateSessionFields): Session {
    const now = this.parts.clock()
    const { value: metadata } = storedMetadata(input.metadata ?? {}, 'metadata', this.parts.limits)
    return Object.assign(new Session(), {
      id: this.parts.newId(),
      namespace: this.parts.namespace,
      externalId: input.externalId ?? null,
      actorName: input.actorName,
      title: input.title ?? null,
      status: 'active',
      metadata,
      messageCount: 0,
      lastSequence: 0,
      tokenUsage: new TokenUsage(),
      usageCount: 0,
      forkedFrom: null,
      importedFrom: null,
      createdAt: now,
      updatedAt: now,
    } as const)
  }
}

async function createNew(sessions: SessionRepository, session: Session): Promise<string> {
  if (await sessions.create(session)) return session.id
  throw externalIdTaken(session.externalId ?? '')
}

async function createOnce(sessions: SessionRepository, session: Session, key: IdempotencyKey): Promise<string> {
  const known = await sessions.keyed(key.scope, key.key)
  if (known) return replayOf(known, key).sessionId
  const isMade = await sessions.create(session)
  if (isMade && (await sessions.keepKey(key, session.id, session.createdAt))) return session.id
  // Another call was quicker, by less than this transaction; with our key, ours gives way to it.
  const first = await sessions.keyed(key.scope, key.key)
  if (isMade && (!first || first.sessionId === session.id)) return session.id
  if (!first) throw externalIdTaken(session.externalId ?? '')
  if (isMade) await sessions.delete(session.id)
  return replayOf(first, key).sessionId
}
