import type { JsonInput } from '../canonical-json.js'
import type { Page } from '../page.js'
import type { MessageRole, SessionMessage } from './message.js'
import type { Session, SessionStatus, SessionTruncation } from './session.js'
import type { SessionArchive } from './session-archive.js'
import type { SessionFilter } from './session-repository.js'
import type { TokenUsageInput, UsageReport } from './token-usage.js'

export interface CreateSessionInput {
  /** Whom the session belongs to. 1 to 255 characters. */
  actorName: string
  /** Your own name for the session, unique in its namespace. 1 to 255 characters. */
  externalId?: string | null
  title?: string | null
  /** Any JSON object. Defaults to `{}`. */
  metadata?: object
  /** The same key with the same input returns the session first created; with another input it is a conflict. */
  idempotencyKey?: string
}

export interface UpdateSessionInput {
  title?: string | null
  status?: SessionStatus
  /** Replaces the metadata as a whole. */
  metadata?: object
}

/** Exactly one of the two. */
export type SessionReference = { id: string; externalId?: undefined } | { externalId: string; id?: undefined }

export interface ListSessionsOptions extends SessionFilter {
  /** 1 to 1,000. Defaults to 50. */
  limit?: number
  /** `nextCursor` or `previousCursor` of a page with the same filters. */
  cursor?: string
  /** Skips rows; not together with `cursor`. A cursor costs the same on every page, an offset does not. */
  offset?: number
  /** By creation. Defaults to newest first. */
  order?: 'newest' | 'oldest'
}

export interface AppendMessageInput {
  role: MessageRole
  /** Any JSON value. At most `limits.messageBytes` (8 MiB) as UTF-8 JSON. */
  content: JsonInput
  metadata?: object
  /** Which tool call this message answers. */
  toolCallId?: string | null
  tokenCount?: number | null
  /** When it was said. Defaults to now. */
  createdAt?: Date | string
  /** What this message cost; recorded in the ledger in the same transaction. */
  usage?: TokenUsageInput & { model?: string | null }
}

export interface AppendOptions {
  /** Scoped to the session: the same key with the same messages returns what was first stored. */
  idempotencyKey?: string
  /** Fails with SEQUENCE_CONFLICT unless the session's `lastSequence` is this. */
  expectedSequence?: number
}

export interface ListMessagesOptions {
  /** Only messages after this sequence. */
  after?: number
  /** Only messages before this sequence; without `after`, the ones nearest to it. */
  before?: number
  /** The last n messages, in ascending order; not together with the others. */
  latest?: number
  /** 1 to 10,000. Defaults to 100. */
  limit?: number
  /** Skips messages. */
  offset?: number
}

export interface FollowOptions {
  /** Starts after this sequence. Defaults to 0: from the beginning. */
  after?: number
  /** Ends the iteration, without an error. */
  signal?: AbortSignal
}

export interface UsageOptions {
  idempotencyKey?: string
  /** The model that the tokens were spent on. */
  model?: string | null
}

export interface ImportOptions {
  /** `fresh` (the default) makes new ids; `preserve` keeps the archive's, ID_TAKEN if one exists. */
  ids?: 'fresh' | 'preserve'
  /** Replaces the archive's external id; null drops it. */
  externalId?: string | null
  /** Verifies and reports; writes nothing. */
  dryRun?: boolean
  idempotencyKey?: string
  /** Told after each batch how many messages are stored so far. */
  onProgress?: (progress: { messages: number; total: number }) => void
}

export interface ImportReport {
  dryRun: boolean
  /** The new session's id; null in a dry run that would make a fresh one. */
  sessionId: string | null
  origin: { sessionId: string; namespace: string; checksum: string }
  messages: number
  usageEntries: number
}

export interface TruncateOptions {
  /** The last message to keep; 0 keeps none. */
  afterSequence: number
}

export interface TruncateReport {
  removed: number
  /** The recorded removal; null when there was nothing to remove. */
  truncation: SessionTruncation | null
}

export interface ForkOptions {
  /** The last message to take along. Defaults to the session's `lastSequence`. */
  atSequence?: number
  idempotencyKey?: string
  title?: string | null
}

export interface VerifyProblem {
  code:
    | 'CONTENT_HASH'
    | 'GAP'
    | 'UNEXPECTED_MESSAGE'
    | 'LAST_SEQUENCE'
    | 'MESSAGE_COUNT'
    | 'LEDGER_GAP'
    | 'LEDGER_TOTAL'
    | 'MORE_PROBLEMS'
  /** The message or ledger row concerned; null when the whole session is. Of a gap, its first. */
  sequence: number | null
  message: string
}

export interface VerifyReport {
  ok: boolean
  sessionId: string
  messages: number
  usageEntries: number
  problems: VerifyProblem[]
}

/** An archive to import: the document, its text, or the bytes of either form as a stream. */
export type ArchiveSource = SessionArchive | string | AsyncIterable<string | Uint8Array>

/**
 * Conversations with store-given order, cumulative token usage and checksummed archives, within
 * one namespace. `get` throws NotFound, `find` returns undefined, `list` returns a page. Every call
 * may also throw a StorageError.
 */
export abstract class SessionService {
  abstract create(input: CreateSessionInput): Promise<Session>
  /** The session with this external id, created if there is none; race-free across processes. */
  abstract getOrCreate(input: CreateSessionInput & { externalId: string }): Promise<Session>
  abstract get(id: string): Promise<Session>
  abstract find(reference: SessionReference): Promise<Session | undefined>
  abstract list(options?: ListSessionsOptions): Promise<Page<Session>>
  abstract update(id: string, input: UpdateSessionInput): Promise<Session>
  abstract delete(id: string): Promise<void>
  abstract appendMessage(id: string, message: AppendMessageInput, options?: AppendOptions): Promise<SessionMessage>
  abstract appendMessages(
    id: string,
    messages: readonly AppendMessageInput[],
    options?: AppendOptions,
  ): Promise<SessionMessage[]>
  abstract messages(id: string, options?: ListMessagesOptions): Promise<Page<SessionMessage, number>>
  abstract follow(id: string, options?: FollowOptions): AsyncIterableIterator<SessionMessage>
  abstract truncate(id: string, options: TruncateOptions): Promise<TruncateReport>
  abstract exportSession(id: string): Promise<SessionArchive>
  /** The JSONL or Markdown form, line by line with its newline, in bounded memory. */
  abstract exportLines(id: string, form: 'jsonl' | 'markdown'): AsyncIterableIterator<string>
  abstract importSession(archive: ArchiveSource, options?: ImportOptions): Promise<ImportReport>
  abstract updateTokenUsage(id: string, delta: TokenUsageInput, options?: UsageOptions): Promise<Session>
  abstract setTokenUsage(id: string, total: TokenUsageInput, options?: UsageOptions): Promise<Session>
  /** Usage by model and by UTC day: of one session, or of the whole namespace. */
  abstract usage(id?: string): Promise<UsageReport>
  abstract fork(id: string, options?: ForkOptions): Promise<Session>
  abstract verify(id: string): Promise<VerifyReport>
}
