import { hashJson } from '../../domain/canonical-json.js'
import type { Clock } from '../../domain/clock.js'
import { ConflictError, InvalidInputError, NotFoundError } from '../../domain/errors.js'
import type { IdFactory } from '../../domain/ids.js'
import { decodeCursor, encodeCursor, type Page, type PagePosition } from '../../domain/page.js'
import type { SessionMessage } from '../../domain/sessions/message.js'
import { assertTransition, Session, SessionTruncation } from '../../domain/sessions/session.js'
import type { SessionArchive } from '../../domain/sessions/session-archive.js'
import type { SessionMessageRepository } from '../../domain/sessions/session-message-repository.js'
import { type IdempotencyKey, replayOf, type SessionRepository } from '../../domain/sessions/session-repository.js'
import {
  type AppendMessageInput,
  type AppendOptions,
  type ArchiveSource,
  type CreateSessionInput,
  type FollowOptions,
  type ForkOptions,
  type ImportOptions,
  type ImportReport,
  type ListMessagesOptions,
  type ListSessionsOptions,
  type SessionReference,
  SessionService,
  type UpdateSessionInput,
  type UsageOptions,
  type VerifyReport,
} from '../../domain/sessions/session-service.js'
import { addUsage, TokenUsage, type TokenUsageInput, type UsageReport } from '../../domain/sessions/token-usage.js'
import type { UnitOfWork } from '../../domain/unit-of-work.js'
import { validated } from '../validated.js'
import type { MessageFollower } from './message-follower.js'
import { type MessageContext, metadataText, newMessage, type SessionLimits, usageEntry, usageOf } from './new-messages.js'
import { SessionArchiver } from './session-archiver.js'
import { SessionForker } from './session-forker.js'
import { SessionImporter } from './session-importer.js'
import {
  AppendOptionsFields,
  CreateSessionFields,
  FollowFields,
  GetOrCreateSessionFields,
  ListMessagesFields,
  ListSessionsFields,
  TokenUsageFields,
  TruncateFields,
  UpdateSessionFields,
  UsageOptionsFields,
} from './session-inputs.js'
import { externalIdTaken } from './session-staging.js'
import { verifySession } from './session-verifier.js'

export interface SessionRepositories {
  sessions: SessionRepository
  messages: SessionMessageRepository
}

export interface SessionServiceParts extends SessionRepositories {
  unitOfWork: UnitOfWork<SessionRepositories>
  namespace: string
  clock: Clock
  newId: IdFactory
  limits: SessionLimits
  follower: MessageFollower
  /** Refuses calls on a store that was closed. */
  assertOpen(): void
}

const exportAttempts = 3

/** Sessions kept through the repositories: ULIDs, store-given sequences, cumulative tokens, verified archives. */
export class PersistentSessionService extends SessionService {
  constructor(private readonly parts: SessionServiceParts) {
    super()
  }

  async create(plain: CreateSessionInput): Promise<Session> {
    this.parts.assertOpen()
    const input = validated(CreateSessionFields, plain)
    const session = this.newSession(input)
    const key = this.key('', input.idempotencyKey, { call: 'create', ...input })
    const outcome = await this.parts.unitOfWork.inTransaction(async ({ sessions }) => {
      const known = key && (await sessions.keyed(key.scope, key.key))
      if (key && known) return replayOf(known, key).sessionId
      if (!(await sessions.create(session))) throw externalIdTaken(session.externalId ?? '')
      if (!key || (await sessions.keepKey(key, session.id, session.createdAt))) return session.id
      // Another call with the key was quicker, by less than this transaction: ours gives way.
      await sessions.delete(session.id)
      const first = await sessions.keyed(key.scope, key.key)
      return first && first.sessionId !== session.id ? replayOf(first, key).sessionId : session.id
    })
    return outcome === session.id ? session : this.get(outcome)
  }

  async getOrCreate(plain: CreateSessionInput & { externalId: string }): Promise<Session> {
    this.parts.assertOpen()
    const { externalId } = validated(GetOrCreateSessionFields, plain)
    const existing = await this.find({ externalId })
    if (existing) return existing
    try {
      return await this.create(plain)
    } catch (error) {
      const winner = error instanceof ConflictError && error.code === 'EXTERNAL_ID_TAKEN' && (await this.find({ externalId }))
      if (winner) return winner
      throw error
    }
  }

  async get(id: string): Promise<Session> {
    this.parts.assertOpen()
    const session = await this.parts.sessions.getById(requireText(id, 'id'))
    if (session) return session
    const message = `No session ${JSON.stringify(id)} in namespace ${JSON.stringify(this.parts.namespace)}. List them with "hansard sessions list".`
    throw new NotFoundError('SESSION_NOT_FOUND', 'session', id, message)
  }

  async find(reference: SessionReference): Promise<Session | undefined> {
    this.parts.assertOpen()
    const { id, externalId } = reference
    if ((id === undefined) === (externalId === undefined)) {
      throw new InvalidInputError([{ path: 'reference', message: 'needs exactly one of id and externalId' }])
    }
    if (id !== undefined) return this.parts.sessions.getById(requireText(id, 'id'))
    return this.parts.sessions.getByExternalId(requireText(externalId, 'externalId'))
  }

  async list(plain: ListSessionsOptions = {}): Promise<Page<Session>> {
    this.parts.assertOpen()
    const { cursor, limit = 50, createdAfter, createdBefore, ...filters } = validated(ListSessionsFields, plain)
    if (cursor !== undefined && filters.offset) {
      throw new InvalidInputError([{ path: 'offset', message: 'does not go together with cursor' }])
    }
    const dates = {
      createdAfter: createdAfter && new Date(createdAfter),
      createdBefore: createdBefore && new Date(createdBefore),
    }
    const { offset: _, ...query } = filters
    const fingerprint = hashJson(JSON.parse(JSON.stringify([this.parts.namespace, query, dates]))).slice(7, 19)
    const position = cursor === undefined ? undefined : decodeCursor(cursor, fingerprint)
    const page = await this.parts.sessions.listAll({ ...filters, ...dates, limit, position })
    const encoded = (place: PagePosition | null) => place && encodeCursor(place, fingerprint)
    return { items: page.items, nextCursor: encoded(page.nextCursor), previousCursor: encoded(page.previousCursor) }
  }

  async update(id: string, plain: UpdateSessionInput): Promise<Session> {
    this.parts.assertOpen()
    const input = validated(UpdateSessionFields, plain)
    if (input.metadata) metadataText(input.metadata, 'metadata', this.parts.limits)
    const updatedAt = this.parts.clock()
    await this.get(id)
    return this.parts.unitOfWork.inTransaction(async ({ sessions }) => {
      await sessions.lockUsage(id)
      const session = await sessions.getById(id)
      if (!session) return this.get(id)
      if (input.status) assertTransition(session, input.status)
      if (input.title !== undefined) session.title = input.title
      session.status = input.status ?? session.status
      session.metadata = input.metadata ?? session.metadata
      session.updatedAt = updatedAt > session.updatedAt ? updatedAt : session.updatedAt
      await sessions.update(session)
      return session
    })
  }

  async delete(id: string): Promise<void> {
    await this.get(id)
    await this.parts.sessions.delete(id)
    this.parts.follower.notify(id)
  }

  async appendMessage(id: string, message: AppendMessageInput, options: AppendOptions = {}): Promise<SessionMessage> {
    const [stored] = await this.append(id, [message], options, () => 'message')
    return stored as SessionMessage
  }

  async appendMessages(id: string, messages: AppendMessageInput[], options: AppendOptions = {}): Promise<SessionMessage[]> {
    if (!Array.isArray(messages)) throw new InvalidInputError([{ path: 'messages', message: 'must be a list of messages' }])
    return this.append(id, messages, options, (index) => `messages[${index}]`)
  }

  async messages(id: string, plain: ListMessagesOptions = {}): Promise<Page<SessionMessage, number>> {
    this.parts.assertOpen()
    const { after, before, latest, offset, limit = 100 } = validated(ListMessagesFields, plain)
    if (latest !== undefined && (after ?? before ?? offset) !== undefined) {
      throw new InvalidInputError([{ path: 'latest', message: 'does not go together with after, before or offset' }])
    }
    const size = latest ?? limit
    const fromEnd = latest !== undefined || (before !== undefined && after === undefined)
    const range = { after, before, limit: size + 1, offset, fromEnd }
    const rows = await this.parts.messages.getForSession(requireText(id, 'id'), range)
    // Only an empty answer leaves open whether the session exists.
    if (rows.length === 0) await this.get(id)
    const hasMore = rows.length > size
    const items = fromEnd ? rows.slice(hasMore ? 1 : 0) : rows.slice(0, size)
    const hasNext = fromEnd ? before !== undefined : hasMore
    const hasPrevious = fromEnd ? hasMore : (after ?? 0) > 0 || (offset ?? 0) > 0
    return {
      items,
      nextCursor: hasNext ? (items.at(-1)?.sequence ?? null) : null,
      previousCursor: hasPrevious ? (items[0]?.sequence ?? null) : null,
    }
  }

  async *follow(id: string, plain: FollowOptions = {}): AsyncIterableIterator<SessionMessage> {
    const { signal, after: start = 0 } = validated(FollowFields, plain)
    const { follower, messages } = this.parts
    await this.get(id)
    let after = start
    while (!signal?.aborted && !follower.isClosed) {
      // Listening begins before the read, so that what comes in between is not slept over.
      const { ready, cancel } = follower.waitForMore(id, after, signal)
      try {
        const page = await messages.getForSession(id, { after, limit: 500 })
        for (const message of page) {
          if (signal?.aborted) return
          yield message
          after = message.sequence
        }
        if (page.length > 0) continue
        await ready
        if (!signal?.aborted && !follower.isClosed) await this.get(id)
      } finally {
        cancel()
      }
    }
  }

  async truncate(id: string, plain: { afterSequence: number }): Promise<{ removed: number; truncation: SessionTruncation | null }> {
    this.parts.assertOpen()
    const { afterSequence } = validated(TruncateFields, plain)
    await this.get(id)
    const fields = { id: this.parts.newId(), namespace: this.parts.namespace, sessionId: id, afterSequence }
    const request = Object.assign(new SessionTruncation(), fields, { lastSequence: 0, removedCount: 0, createdAt: this.parts.clock() })
    const truncation = await this.parts.sessions.truncate(request)
    return { removed: truncation?.removedCount ?? 0, truncation: truncation ?? null }
  }

  async exportSession(id: string): Promise<SessionArchive> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.archiver().document(await this.get(id))
      } catch (error) {
        const isChange = error instanceof ConflictError && error.code === 'SESSION_CHANGED'
        if (!isChange || attempt === exportAttempts) throw error
      }
    }
  }

  async *exportLines(id: string, form: 'jsonl' | 'markdown'): AsyncIterableIterator<string> {
    const session = await this.get(id)
    yield* form === 'jsonl' ? this.archiver().jsonl(session) : this.archiver().markdown(session)
  }

  async importSession(archive: ArchiveSource, options: ImportOptions = {}): Promise<ImportReport> {
    this.parts.assertOpen()
    return new SessionImporter(this.parts).import(archive, options)
  }

  updateTokenUsage(id: string, delta: TokenUsageInput, options: UsageOptions = {}): Promise<Session> {
    return this.changeUsage(id, 'delta', delta, options)
  }

  setTokenUsage(id: string, total: TokenUsageInput, options: UsageOptions = {}): Promise<Session> {
    return this.changeUsage(id, 'correction', total, options)
  }

  async usage(id?: string): Promise<UsageReport> {
    this.parts.assertOpen()
    if (id !== undefined) await this.get(id)
    return this.parts.sessions.usageReport(id)
  }

  async fork(id: string, options: ForkOptions = {}): Promise<Session> {
    return this.get(await new SessionForker(this.parts).fork(await this.get(id), options))
  }

  async verify(id: string): Promise<VerifyReport> {
    return verifySession(await this.get(id), this.parts.sessions, this.parts.messages)
  }

  private async append(
    id: string,
    plain: AppendMessageInput[],
    plainOptions: AppendOptions,
    path: (index: number) => string,
  ): Promise<SessionMessage[]> {
    this.parts.assertOpen()
    const context = this.context(requireText(id, 'id'))
    const options = validated(AppendOptionsFields, plainOptions, 'options')
    const messages = plain.map((message, index) => newMessage(message, path(index), context))
    if (messages.length === 0) return this.emptyAppend(id, options)
    const usage = plain.flatMap((message, index) => {
      if (!message.usage) return []
      const details = { kind: 'delta' as const, model: message.usage.model ?? null }
      return [usageEntry(usageOf(message.usage, `${path(index)}.usage`), details, context)]
    })
    const payload = { call: 'append', messages: plain.map((message) => ({ ...message, createdAt: instantText(message.createdAt) })) }
    const key = this.key(id, options.idempotencyKey, payload)
    const { expectedSequence } = options
    const result = await this.parts.messages.append({ sessionId: id, messages, usage, expectedSequence, key, at: context.at })
    if (result.isReplay) return this.stored(id, result.firstSequence, result.lastSequence)
    this.parts.follower.notify(id)
    return messages.map(({ contentText: _, metadataText: __, ...message }, index) => ({ ...message, sequence: result.firstSequence + index }))
  }

  private async emptyAppend(id: string, options: AppendOptionsFields): Promise<SessionMessage[]> {
    const session = await this.get(id)
    const expected = options.expectedSequence
    if (expected === undefined || expected === session.lastSequence) return []
    const message = `Session "${id}" is at sequence ${session.lastSequence}, expected ${expected}. Read on from there and try again.`
    throw new ConflictError('SEQUENCE_CONFLICT', { kind: 'session', id, expected, actual: session.lastSequence }, message)
  }

  /** What an append stored; less if it was truncated since. */
  private stored(id: string, first: number, last: number): Promise<SessionMessage[]> {
    return this.parts.messages.getForSession(id, { after: first - 1, before: last + 1, limit: last - first + 1 })
  }

  private async changeUsage(id: string, kind: 'delta' | 'correction', plain: TokenUsageInput, plainOptions: UsageOptions): Promise<Session> {
    this.parts.assertOpen()
    const options = validated(UsageOptionsFields, plainOptions, 'options')
    const figures = usageOf(plain, 'usage', TokenUsageFields)
    const context = this.context(requireText(id, 'id'))
    const entry = usageEntry(figures, { kind, model: options.model ?? null }, context)
    const key = this.key(id, options.idempotencyKey, { call: kind, figures: { ...figures }, model: entry.model })
    await this.get(id)
    await this.parts.unitOfWork.inTransaction(async ({ sessions }) => {
      // The row lock first: whoever holds it sees every key and total that is committed.
      const current = await sessions.lockUsage(id)
      const known = key && (await sessions.keyed(key.scope, key.key))
      if (key && known) return void replayOf(known, key)
      const change = kind === 'delta' ? figures : addUsage(figures, current, -1)
      await sessions.recordUsage(id, [Object.assign(entry, change)])
      if (key) await sessions.keepKey(key, id, context.at)
    })
    return this.get(id)
  }

  private newSession(input: CreateSessionFields): Session {
    const now = this.parts.clock()
    const metadata = input.metadata ?? {}
    metadataText(metadata, 'metadata', this.parts.limits)
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

  private key(scope: string, key: string | undefined, payload: object): IdempotencyKey | undefined {
    if (key === undefined) return undefined
    // Through JSON first: what was left out and what was undefined are the same input.
    return { scope, key, payloadHash: hashJson(JSON.parse(JSON.stringify(payload))) }
  }

  private context(sessionId: string): MessageContext {
    const { namespace, newId, limits, clock } = this.parts
    return { sessionId, namespace, newId, limits, at: clock() }
  }

  private archiver(): SessionArchiver {
    return new SessionArchiver(this.parts.sessions, this.parts.messages)
  }
}

const instantText = (value: Date | string | undefined) => (value === undefined ? undefined : new Date(value).toISOString())

/** Ids and external ids must be text that a database can compare; anything else names nothing. */
function requireText(value: unknown, path: string): string {
  if (typeof value === 'string' && value !== '' && value.isWellFormed() && !value.includes('\u0000')) return value
  throw new InvalidInputError([{ path, message: `${JSON.stringify(value) ?? 'undefined'} is not an id` }])
}
