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
import { accepted, eachAccepted } from '../open-calls.js'
import { requireText, validated } from '../validated.js'
import { storedMetadata } from './new-messages.js'
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

  constructor(readonly parts: SessionServiceParts) {
    super()
    this.appender = new SessionAppender(parts)
  }

  @accepted()
  async create(input: CreateSessionInput): Promise<Session> {
    return this.resolved(await new SessionCreator(this.parts).create(input))
  }

  @accepted()
  async getOrCreate(input: CreateSessionInput & { externalId: string }): Promise<Session> {
    return this.resolved(await new SessionCreator(this.parts).getOrCreate(input))
  }

  @accepted()
  get(id: string): Promise<Session> {
    return this.read(id)
  }

  @accepted()
  async find(reference: SessionReference): Promise<Session | undefined> {
    const { id, externalId } = reference
    if ((id === undefined) === (externalId === undefined)) {
      throw new InvalidInputError([{ path: 'reference', message: 'needs exactly one of id and externalId' }])
    }
    if (id !== undefined) return this.parts.sessions.getById(requireText(id, 'id'))
    return this.parts.sessions.getByExternalId(requireText(externalId, 'externalId'))
  }

  @accepted()
  list(options: ListSessionsOptions = {}): Promise<Page<Session>> {
    return new SessionPages(this.parts).sessions(options)
  }

  @accepted()
  async update(id: string, plain: UpdateSessionInput): Promise<Session> {
    requireText(id, 'id')
    const input = validated(UpdateSessionFields, plain)
    const metadata = input.metadata && storedMetadata(input.metadata, 'metadata', this.parts.limits).value
    const updatedAt = this.parts.clock()
    return this.parts.unitOfWork.inTransaction(async ({ sessions }) => {
      const session = await sessions.lockById(id)
      if (!session) throw sessionNotFound(this.parts, id)
      if (input.status) assertTransition(session, input.status)
      if (input.title !== undefined) session.title = input.title
      session.status = input.status ?? session.status
      session.metadata = metadata ?? session.metadata
      session.updatedAt = updatedAt > session.updatedAt ? updatedAt : session.updatedAt
      await sessions.update(session)
      return session
    })
  }

  @accepted()
  async delete(id: string): Promise<void> {
    await this.read(id)
    await this.parts.sessions.delete(id)
    this.parts.follower.notify(id)
  }

  @accepted()
  async appendMessage(id: string, message: AppendMessageInput, options: AppendOptions = {}): Promise<SessionMessage> {
    const [stored] = await this.appender.append(id, [message], options, () => 'message')
    return stored as SessionMessage
  }

  @accepted()
  async appendMessages(
    id: string,
    messages: readonly AppendMessageInput[],
    options: AppendOptions = {},
  ): Promise<SessionMessage[]> {
    if (!Array.isArray(messages))
      throw new InvalidInputError([{ path: 'messages', message: 'must be a list of messages' }])
    return this.appender.append(id, messages, options, (index) => `messages[${index}]`)
  }

  @accepted()
  messages(id: string, options: ListMessagesOptions = {}): Promise<Page<SessionMessage, number>> {
    return new SessionPages(this.parts).messages(id, options)
  }

  follow(id: string, options: FollowOptions = {}): AsyncIterableIterator<SessionMessage> {
    return followMessages(this.parts, id, options)
  }

  @accepted()
  async truncate(
    id: string,
    plain: { afterSequence: number },
  ): Promise<{ removed: number; truncation: SessionTruncation | null }> {
    const { afterSequence } = validated(TruncateFields, plain)
    await this.read(id)
    const fields = { id: this.parts.newId(), namespace: this.parts.namespace, sessionId: id, afterSequence }
    const request = Object.assign(new SessionTruncation(), fields, {
      lastSequence: 0,
      removedCount: 0,
      createdAt: this.parts.clock(),
    })
    const truncation = await this.parts.sessions.truncate(request)
    return { removed: truncation?.removedCount ?? 0, truncation: truncation ?? null }
  }

  @accepted()
  async exportSession(id: string): Promise<SessionArchive> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.archiver().document(await this.read(id))
      } catch (error) {
        const isChange = error instanceof ConflictError && error.code === 'SESSION_CHANGED'
        if (!isChange || attempt === snapshotAttempts) throw error
      }
    }
  }

  exportLines(id: string, form: 'jsonl' | 'markdown'): AsyncIterableIterator<string> {
    return eachAccepted(this.parts.calls, this.lines(id, form))
  }

  @accepted()
  async importSession(archive: ArchiveSource, options: ImportOptions = {}): Promise<ImportReport> {
    return new SessionImporter(this.parts).import(archive, options)
  }

  @accepted()
  async updateTokenUsage(id: string, delta: TokenUsageInput, options: UsageOptions = {}): Promise<Session> {
    await new UsageRecorder(this.parts).record(id, 'delta', delta, options)
    return this.read(id)
  }

  @accepted()
  async setTokenUsage(id: string, total: TokenUsageInput, options: UsageOptions = {}): Promise<Session> {
    await new UsageRecorder(this.parts).record(id, 'correction', total, options)
    return this.read(id)
  }

  @accepted()
  async usage(id?: string): Promise<UsageReport> {
    if (id !== undefined) await this.read(id)
    return this.parts.ledger.report(id)
  }

  @accepted()
  async fork(id: string, options: ForkOptions = {}): Promise<Session> {
    return this.read(await new SessionForker(this.parts).fork(id, options))
  }

  @accepted()
  async verify(id: string): Promise<VerifyReport> {
    for (let attempt = 1; ; attempt++) {
      const session = await this.read(id)
      const report = await verifySession(session, this.parts)
      if (report.ok || attempt === snapshotAttempts || isSameState(session, await this.read(id))) return report
    }
  }

  private async *lines(id: string, form: 'jsonl' | 'markdown'): AsyncGenerator<string> {
    const session = await this.read(id)
    yield* form === 'jsonl' ? this.archiver().jsonl(session) : this.archiver().markdown(session)
  }

  private async read(id: string): Promise<Session> {
    const session = await this.parts.sessions.getById(requireText(id, 'id'))
    if (session) return session
    throw sessionNotFound(this.parts, id)
  }

  private resolved(made: Session | string): Session | Promise<Session> {
    return typeof made === 'string' ? this.read(made) : made
  }

  private archiver(): SessionArchiver {
    return new SessionArchiver(this.parts)
  }
}

const isSameState = (before: Session, after: Session) =>
  before.messageCount === after.messageCount &&
  before.lastSequence === after.lastSequence &&
  before.usageCount === after.usageCount
