import { InvalidInputError } from '../../domain/errors.js'
import { type IdempotencyKey, replayOf } from '../../domain/idempotency.js'
import { Session, SessionTruncation } from '../../domain/sessions/session.js'
import type { KeyedOutcome } from '../../domain/sessions/session-repository.js'
import type { ForkOptions } from '../../domain/sessions/session-service.js'
import { TokenUsage } from '../../domain/sessions/token-usage.js'
import { idempotencyKey } from '../idempotency.js'
import { requireText, validated } from '../validated.js'
import { onceForKey } from './once-for-key.js'
import { sessionChanged } from './session-archiver.js'
import { ForkFields } from './session-inputs.js'
import { type SessionServiceParts, sessionNotFound } from './session-service-parts.js'
import { type StagedRow, stageAndPublish } from './session-staging.js'

const pageSize = 200

/** Copies a session up to a message. Tokens stay where they were spent: a fork's ledger starts empty. */
export class SessionForker {
  constructor(private readonly parts: SessionServiceParts) {}

  /** The new session's id, or the one that the key made before. */
  async fork(id: string, plain: ForkOptions): Promise<string> {
    const options = validated(ForkFields, plain, 'options')
    const payload = { call: 'fork', id: requireText(id, 'id'), atSequence: options.atSequence, title: options.title }
    const key = idempotencyKey('', options.idempotencyKey, payload)
    // Before the parent is looked for: what was made stays made when its parent is gone.
    const known = key && (await this.parts.sessions.keyed(key.scope, key.key))
    if (key && known) return replayOf(known, key).sessionId
    const parent = await this.parts.sessions.getById(id)
    if (!parent) throw sessionNotFound(this.parts, id)
    const atSequence = options.atSequence ?? parent.lastSequence
    if (atSequence > parent.lastSequence) throw beyondTheEnd(atSequence, parent)
    const session = await this.forkOf(parent, atSequence, options.title)
    const earlier = await onceForKey(this.parts, key, session.id, () => this.store(parent, session, key))
    return earlier?.sessionId ?? session.id
  }

  private async store(
    parent: Session,
    session: Session,
    key: IdempotencyKey | undefined,
  ): Promise<KeyedOutcome | undefined> {
    const truncations = await this.carriedTruncations(parent, session)
    return stageAndPublish(this.parts, {
      session,
      rows: this.rows(parent, session),
      truncations,
      key,
      incomplete: () => sessionChanged(parent),
    })
  }

  private async forkOf(parent: Session, atSequence: number, title: string | null | undefined): Promise<Session> {
    const now = this.parts.clock()
    return Object.assign(new Session(), {
      id: this.parts.newId(),
      namespace: parent.namespace,
      externalId: null,
      actorName: parent.actorName,
      title: title === undefined ? parent.title : title,
      status: 'active',
      metadata: parent.metadata,
      messageCount: await this.parts.messages.countForSession(parent.id, atSequence),
      lastSequence: atSequence,
      tokenUsage: new TokenUsage(),
      usageCount: 0,
      forkedFrom: { sessionId: parent.id, sequence: atSequence },
      importedFrom: null,
      createdAt: now,
      updatedAt: now,
    } as const)
  }

  private async *rows(parent: Session, fork: Session): AsyncGenerator<StagedRow> {
    const before = fork.lastSequence + 1
    let after = 0
    for (;;) {
      const range = { after, before, limit: pageSize }
      const { messages: page, isCut } = await this.parts.messages.pageForSession(parent.id, range)
      for (const message of page) {
        const ids = { id: this.parts.newId(), sessionId: fork.id, recordedAt: fork.createdAt }
        const texts = { contentText: JSON.stringify(message.content), metadataText: JSON.stringify(message.metadata) }
        yield { message: { ...message, ...ids, ...texts } }
      }
      if (page.length < pageSize && !isCut) return
      after = page.at(-1)?.sequence ?? before
    }
  }

  /** What explains gaps in the part that is taken along, cut at its end. */
  private async carriedTruncations(parent: Session, fork: Session): Promise<SessionTruncation[]> {
    const truncations = await this.parts.sessions.truncations(parent.id)
    const carried = truncations.filter((each) => each.afterSequence < fork.lastSequence)
    return carried.map((each) =>
      Object.assign(new SessionTruncation(), each, {
        id: this.parts.newId(),
        sessionId: fork.id,
        lastSequence: Math.min(each.lastSequence, fork.lastSequence),
      }),
    )
  }
}

function beyondTheEnd(atSequence: number, parent: Session): InvalidInputError {
  const message = `${atSequence} is beyond the session's last sequence, ${parent.lastSequence}`
  return new InvalidInputError([{ path: 'options.atSequence', message }])
}
