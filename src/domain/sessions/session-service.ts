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

export interface ListSessionsOptions extends Omit<SessionFilter, 'createdAfter' | 'createdBefore'> {
  /** Created at or after; a date begins in UTC. */
  createdAfter?: Date | string
  /** Created before. */
  createdBefore?: Date | string
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

/** A page ends early, with its cursors set, where its messages would be more than 64 MiB. */
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
 * one namespace: what another one holds is not found here. `get` throws NotFound, `find` returns
 * undefined, `list` returns a page.
 *
 * Beside what it names, every call may throw an InvalidInputError (INVALID_INPUT) whose `problems`
 * name each fault, and a StorageError, such as STORE_CLOSED after `close()`. A call that throws has
 * changed nothing; STORAGE_UNAVAILABLE alone leaves open whether it has.
 */
export abstract class SessionService {
  /**
   * Makes an active session without messages. With an `idempotencyKey`, which belongs to the
   * namespace, a repeated call returns the session first made, as it is by now.
   *
   * @throws {ConflictError} EXTERNAL_ID_TAKEN; IDEMPOTENCY_CONFLICT when the key came with another input
   */
  abstract create(input: CreateSessionInput): Promise<Session>

  /**
   * The session with this external id, created if there is none; race-free across processes. One
   * that exists is returned as it is, whatever else the input says.
   *
   * @throws {ConflictError} IDEMPOTENCY_CONFLICT
   */
  abstract getOrCreate(input: CreateSessionInput & { externalId: string }): Promise<Session>

  /**
   * The session without its messages; its totals are those of the moment.
   *
   * @throws {NotFoundError} SESSION_NOT_FOUND
   */
  abstract get(id: string): Promise<Session>

  /** The session with this id or external id, or undefined. */
  abstract find(reference: SessionReference): Promise<Session | undefined>

  /**
   * A page of the sessions that meet every condition, without their messages: newest first and 50
   * unless told otherwise. Sessions created between two pages shift nothing.
   *
   * @throws {InvalidInputError} CURSOR_INVALID for a cursor of other filters or another namespace
   */
  abstract list(options?: ListSessionsOptions): Promise<Page<Session>>

  /**
   * Changes what is given and leaves the rest. From `active` a session becomes `closed` or
   * `archived`; from `closed`, `active` or `archived`; from `archived`, `closed`.
   *
   * @throws {NotFoundError} SESSION_NOT_FOUND
   * @throws {ConflictError} ILLEGAL_TRANSITION
   */
  abstract update(id: string, input: UpdateSessionInput): Promise<Session>

  /**
   * Deletes the session with its messages, ledger, truncations and keys, for good. Its forks and
   * imported copies stay.
   *
   * @throws {NotFoundError} SESSION_NOT_FOUND
   */
  abstract delete(id: string): Promise<void>

  /**
   * Stores one message under the session's next sequence: gap-free under any number of writers, and
   * committed when the promise resolves. Under an `idempotencyKey` a repeated call returns what was
   * first stored.
   *
   * @throws {NotFoundError} SESSION_NOT_FOUND
   * @throws {ConflictError} SESSION_NOT_ACTIVE, SEQUENCE_CONFLICT, IDEMPOTENCY_CONFLICT
   * @throws {InvalidInputError} MESSAGE_TOO_LARGE
   * @throws {StorageError} OVERLOADED; STORAGE_UNAVAILABLE, after which only a call with a key is safe to repeat
   */
  abstract appendMessage(id: string, message: AppendMessageInput, options?: AppendOptions): Promise<SessionMessage>

  /**
   * Stores a batch as `appendMessage` stores one: whole or not at all, in its order, with no other
   * message in between and with its usage in the ledger. An empty batch stores nothing.
   *
   * @throws {NotFoundError} SESSION_NOT_FOUND
   * @throws {ConflictError} SESSION_NOT_ACTIVE, SEQUENCE_CONFLICT, IDEMPOTENCY_CONFLICT
   * @throws {InvalidInputError} MESSAGE_TOO_LARGE; `problems` name the message by its place, `messages[1].role`
   * @throws {StorageError} OVERLOADED; STORAGE_UNAVAILABLE, after which only a call with a key is safe to repeat
   */
  abstract appendMessages(
    id: string,
    messages: readonly AppendMessageInput[],
    options?: AppendOptions,
  ): Promise<SessionMessage[]>

  /**
   * A page of messages in ascending order: the first 100 unless told otherwise. Its cursors are
   * sequences, to be handed in as `after` and `before`.
   *
   * @throws {NotFoundError} SESSION_NOT_FOUND
   */
  abstract messages(id: string, options?: ListMessagesOptions): Promise<Page<SessionMessage, number>>

  /**
   * What is there, then what comes, from any process: each message once and in order. The signal,
   * or closing the store, ends the iteration without an error.
   *
   * @throws {NotFoundError} SESSION_NOT_FOUND from the iteration, also when the session is deleted meanwhile
   */
  abstract follow(id: string, options?: FollowOptions): AsyncIterableIterator<SessionMessage>

  /**
   * Removes the messages after a sequence, for good. The removal is recorded, its sequences are not
   * used again, and the tokens they cost stay spent. `truncation` is null when there was nothing to remove.
   *
   * @throws {NotFoundError} SESSION_NOT_FOUND
   * @throws {ConflictError} SESSION_NOT_ACTIVE
   */
  abstract truncate(id: string, options: TruncateOptions): Promise<TruncateReport>

  /**
   * The whole session as one checksummed document, held in memory: use `exportLines` for large ones.
   * It is the session as it was when the export began.
   *
   * @throws {NotFoundError} SESSION_NOT_FOUND
   * @throws {ConflictError} SESSION_CHANGED when it was truncated meanwhile, time and again
   */
  abstract exportSession(id: string): Promise<SessionArchive>

  /**
   * The JSONL or Markdown form, line by line with its newline, in bounded memory. Only JSONL can be
   * imported; it is whole when the iteration has ended.
   *
   * @throws {NotFoundError} SESSION_NOT_FOUND from the iteration
   * @throws {ConflictError} SESSION_CHANGED from the iteration, when it was truncated or deleted meanwhile
   */
  abstract exportLines(id: string, form: 'jsonl' | 'markdown'): AsyncIterableIterator<string>

  /**
   * Verifies an archive whole, then stores it; the session becomes visible all at once. With fresh
   * ids, the default, `importedFrom` says where it came from. An `idempotencyKey` belongs to the namespace.
   *
   * @throws {InvalidInputError} ARCHIVE_MALFORMED, ARCHIVE_VERSION_UNSUPPORTED, ARCHIVE_CHECKSUM_MISMATCH
   * @throws {ConflictError} EXTERNAL_ID_TAKEN, ID_TAKEN, IDEMPOTENCY_CONFLICT
   */
  abstract importSession(archive: ArchiveSource, options?: ImportOptions): Promise<ImportReport>

  /**
   * Adds figures to the ledger and to the session's totals, in one transaction; what is left out is 0.
   * Also for a closed session.
   *
   * @throws {NotFoundError} SESSION_NOT_FOUND
   * @throws {ConflictError} IDEMPOTENCY_CONFLICT
   */
  abstract updateTokenUsage(id: string, delta: TokenUsageInput, options?: UsageOptions): Promise<Session>

  /**
   * Makes the figures the session's totals, by a signed correction row: the ledger still sums up to
   * them. What is left out is 0.
   *
   * @throws {NotFoundError} SESSION_NOT_FOUND
   * @throws {ConflictError} IDEMPOTENCY_CONFLICT
   */
  abstract setTokenUsage(id: string, total: TokenUsageInput, options?: UsageOptions): Promise<Session>

  /**
   * Usage by model and by UTC day: of one session, or of the whole namespace.
   *
   * @throws {NotFoundError} SESSION_NOT_FOUND
   */
  abstract usage(id?: string): Promise<UsageReport>

  /**
   * Copies a session up to a message, its last unless told otherwise, into a new, active one with the
   * same sequences. Tokens stay where they were spent: a fork's ledger starts empty, and it has no
   * external id. An `idempotencyKey` belongs to the namespace.
   *
   * @throws {NotFoundError} SESSION_NOT_FOUND
   * @throws {ConflictError} IDEMPOTENCY_CONFLICT; SESSION_CHANGED when the parent was truncated meanwhile
   */
  abstract fork(id: string, options?: ForkOptions): Promise<Session>

  /**
   * Recomputes every content hash and checks order, counts, ledger and totals. What is wrong stands
   * in the report; it is not thrown.
   *
   * @throws {NotFoundError} SESSION_NOT_FOUND
   */
  abstract verify(id: string): Promise<VerifyReport>
}
