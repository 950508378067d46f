import { ConflictError, InvalidInputError } from '../../domain/errors.js'
import type { Page } from '../../domain/page.js'
import type { SessionMessage } from '../../domain/sessions/message.js'
import { assertTransition, type Session, SessionTruncation } from '../../domain/sessions/session.js'
import type { SessionArchive } from '../../domain/sessions/session-archive.js'
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
import type { TokenUsageInput, UsageReport } from '../../domain/sessions/token-usage.js'
import { requireText, validated } from '../validated.js'
import { metadataText } from './new-messages.js'
import { SessionAppender } from './session-appender.js'
import { SessionArchiver } from './session-archiver.js'
import { SessionCreator } from './session-creator.js'
import { followMessages } from './session-following.js'
import { SessionForker } from './session-forker.js'
import { SessionImporter } from './session-importer.js'
import { TruncateFields, UpdateSessionFields } from './session-inputs.js'
import { SessionPages } from './session-pages.js'
import { type SessionServiceParts, sessionNotFound } from './session-service-parts.js'
import { verifySession } from './session-verifier.js'
import { UsageRecorder } from './usage-recorder.js'

/** Reading a session takes many reads; one that a writer moved under is done again. */
const snapshotAttempts = 3

/** Sessions kept through the repositories: ULIDs, store-given sequences, cumulative tokens, verified archives. */
export class PersistentSessionService extends SessionService {
  private readonly appender: SessionAppender

  constructor(private readonly parts: SessionServiceParts) {
    super()
    this.appender = new SessionAppender(parts)
  }

  async create(input: CreateSessionInput): Promise<Session> {
    return this.resolved(await new SessionCreator(this.parts).create(input))
  }

  async getOrCreate(input: CreateSessionInput & { externalId: string }): Promise<Session> {
    return this.resolved(await new SessionCreator(this.parts).getOrCreate(input))
  }

  async get(id: string): Promise<Session> {
    this.parts.assertOpen()
    const session = await this.parts.sessions.getById(requireText(id, 'id'))
    if (session) return session
    throw sessionNotFound(this.parts, id)
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

  list(options: ListSessionsOptions = {}): Promise<Page<Session>> {
    return new SessionPages(this.parts).sessions(options)
  }

  async update(id: string, plain: UpdateSessionInput): Promise<Session> {
    this.parts.assertOpen()
    requireText(id, 'id')
    const input = validated(UpdateSessionFields, plain)
    if (input.metadata) metadataText(input.metadata, 'metadata', this.parts.limits)
    const updatedAt = this.parts.clock()
    return this.parts.unitOfWork.inTransaction(async ({ sessions }) => {
      const session = await sessions.lockById(id)
      if (!session) throw sessionNotFound(this.parts, id)
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
    const [stored] = await this.appender.append(id, [message], options, () => 'message')
    return stored as SessionMessage
  }

  async appendMessages(
    id: string,
    messages: readonly AppendMessageInput[],
    options: AppendOptions = {},
  ): Promise<SessionMessage[]> {
    if (!Array.isArray(messages))
      throw new InvalidInputError([{ path: 'messages', message: 'must be a list of messages' }])
    return this.appender.append(id, messages, options, (index) => `messages[${index}]`)
  }

  messages(id: string, options: ListMessagesOptions = {}): Promise<Page<SessionMessage, number>> {
    return new SessionPages(this.parts).messages(id, options)
  }

  async *follow(id: string, options: FollowOptions = {}): AsyncIterableIterator<SessionMessage> {
    yield* followMessages(this.parts, id, options)
  }

  async truncate(
    id: string,
    plain: { afterSequence: number },
  ): Promise<{ removed: number; truncation: SessionTruncation | null }> {
    this.parts.assertOpen()
    const { afterSequence } = validated(TruncateFields, plain)
    await this.get(id)
    const fields = { id: this.parts.newId(), namespace: this.parts.namespace, sessionId: id, afterSequence }
    const request = Object.assign(new SessionTruncation(), fields, {
      lastSequence: 0,
      removedCount: 0,
      createdAt: this.parts.clock(),
    })
    const truncation = await this.parts.sessions.truncate(request)
    return { removed: truncation?.removedCount ?? 0, truncation: truncation ?? null }
  }

  async exportSession(id: string): Promise<SessionArchive> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.archiver().document(await this.get(id))
      } catch (error) {
        const isChange = error instanceof ConflictError && error.code === 'SESSION_CHANGED'
        if (!isChange || attempt === snapshotAttempts) throw error
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

  async updateTokenUsage(id: string, delta: TokenUsageInput, options: UsageOptions = {}): Promise<Session> {
    await new UsageRecorder(this.parts).record(id, 'delta', delta, options)
    return this.get(id)
  }

  async setTokenUsage(id: string, total: TokenUsageInput, options: UsageOptions = {}): Promise<Session> {
    await new UsageRecorder(this.parts).record(id, 'correction', total, options)
    return this.get(id)
  }

  async usage(id?: string): Promise<UsageReport> {
    this.parts.assertOpen()
    if (id !== undefined) await this.get(id)
    return this.parts.ledger.report(id)
  }

  async fork(id: string, options: ForkOptions = {}): Promise<Session> {
    return this.get(await new SessionForker(this.parts).fork(await this.get(id), options))
  }

  async verify(id: string): Promise<VerifyReport> {
    for (let attempt = 1; ; attempt++) {
      const session = await this.get(id)
      const report = await verifySession(session, this.parts)
      if (report.ok || attempt === snapshotAttempts || isSameState(session, await this.get(id))) return report
    }
  }

  private resolved(made: Session | string): Session | Promise<Session> {
    return typeof made === 'string' ? this.get(made) : made
  }

  private archiver(): SessionArchiver {
    return new SessionArchiver(this.parts)
  }
}

const isSameState = (before: Session, after: Session) =>
  before.messageCount === after.messageCount &&
  before.lastSequence === after.lastSequence &&
  before.usageCount === after.usageCount
