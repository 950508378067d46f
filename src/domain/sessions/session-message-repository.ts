import type { IdempotencyKey } from '../idempotency.js'
import type { SessionMessage } from './message.js'
import type { UsageEntry } from './token-usage.js'

/** A message ready to be stored: everything but the sequence, which the store gives. */
export interface NewMessage extends Omit<SessionMessage, 'sequence'> {
  /** The JSON text of `content` as it is stored. */
  contentText: string
  metadataText: string
}

export interface AppendRequest {
  sessionId: string
  /** Made once, before the first try: their ids are the proof that a retry is not a second append. */
  messages: NewMessage[]
  usage: UsageEntry[]
  expectedSequence?: number
  key?: IdempotencyKey
  at: Date
}

export interface AppendResult {
  firstSequence: number
  lastSequence: number
  /** The key had been used before with the same payload: these are the first call's sequences. */
  isReplay: boolean
}

export interface MessageRange {
  /** Only messages with a greater sequence. */
  after?: number
  /** Only messages with a smaller sequence. */
  before?: number
  limit?: number
  offset?: number
  /** From the end backwards; the result is ascending all the same. */
  fromEnd?: boolean
  /** A page holds at most so much stored text, and one message in any case. Defaults to `defaultPageBytes`. */
  pageBytes?: number
}

/** What work in pages holds of stored text at a time: 500 messages may be 4 GB. */
export const defaultPageBytes = 4 * 1024 * 1024

export interface MessagePage<Message> {
  messages: Message[]
  /** Whether its bytes ended it: the range goes on. */
  isCut: boolean
}

/** A message as its text is stored, which can be read even when it is no longer JSON. */
export interface StoredMessage {
  sequence: number
  contentText: string
  contentHash: string
  metadataText: string
}

/** The messages of one namespace's sessions. */
export interface SessionMessageRepository {
  /**
   * Appends all or none, advancing the session's counter in the same transaction.
   *
   * @throws {NotFoundError} SESSION_NOT_FOUND
   * @throws {ConflictError} SESSION_NOT_ACTIVE, SEQUENCE_CONFLICT, IDEMPOTENCY_CONFLICT
   */
  append(request: AppendRequest): Promise<AppendResult>
  /** In ascending order of sequence; `[]` for an unknown session. */
  getForSession(sessionId: string, range: MessageRange): Promise<SessionMessage[]>
  /** As `getForSession`, within `pageBytes`. */
  pageForSession(sessionId: string, range: MessageRange): Promise<MessagePage<SessionMessage>>
  /** As `pageForSession`, unread. */
  storedPage(sessionId: string, range: MessageRange): Promise<MessagePage<StoredMessage>>
  /** Of all, or of those up to a sequence. */
  countForSession(sessionId: string, until?: number): Promise<number>
  /** Inserts messages of a staged session with the sequences that they bring. */
  stage(sessionId: string, messages: (NewMessage & { sequence: number })[], at: Date): Promise<void>
}
