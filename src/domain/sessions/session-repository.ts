import type { JsonValue } from '../canonical-json.js'
import type { IdempotencyKey } from '../idempotency.js'
import type { Page, PagePosition } from '../page.js'
import type { Session, SessionStatus, SessionTruncation } from './session.js'

export interface SessionFilter {
  actorName?: string
  status?: SessionStatus
  /** Sessions that have all of these top-level metadata keys with equal values. */
  metadata?: Record<string, JsonValue>
  /** Sessions that have this top-level metadata key, whatever its value. */
  metadataKey?: string
  /** Created at or after. */
  createdAfter?: Date
  /** Created before. */
  createdBefore?: Date
}

export interface SessionListQuery extends SessionFilter {
  /** At most this many rows. */
  limit: number
  /** Skips rows; for small stores: keyset `position` costs the same on every page. */
  offset?: number
  /** Newest first unless said otherwise. */
  order?: 'newest' | 'oldest'
  position?: PagePosition
}

/** What an idempotency key stands for: the payload it came with and what came of it. */
export interface KeyedOutcome {
  payloadHash: string
  sessionId: string
  firstSequence: number | null
  lastSequence: number | null
}

/**
 * Sessions, their truncations and idempotency keys, within one namespace. No method
 * sees another namespace's rows, nor staged ones unless it says so.
 */
export interface SessionRepository {
  /** Inserts, staged if `stagedAt` is set; false when the external id is taken, with nothing written. */
  create(session: Session): Promise<boolean>
  /** Whether any session of any namespace has this id; one that is still staged may yet give it up. */
  isIdTaken(id: string): Promise<boolean>
  getById(id: string): Promise<Session | undefined>
  getByExternalId(externalId: string): Promise<Session | undefined>
  listAll(query: SessionListQuery): Promise<Page<Session, PagePosition>>
  /** Holds the session's row against other writers until the transaction ends; undefined if there is none. */
  lockById(id: string): Promise<Session | undefined>
  /** Writes title, status, metadata and updatedAt. */
  update(session: Session): Promise<void>
  /** Reaches every derived row. */
  delete(id: string): Promise<void>

  /** Removes messages after the sequence and records it; undefined when there was none to remove. */
  truncate(truncation: SessionTruncation): Promise<SessionTruncation | undefined>
  truncations(sessionId: string): Promise<SessionTruncation[]>

  keyed(scope: string, key: string): Promise<KeyedOutcome | undefined>
  /** Keeps the key; false when another call has it already. */
  keepKey(key: IdempotencyKey, sessionId: string, at: Date): Promise<boolean>

  /** Deletes the session if it is still the one on which this claim was made. */
  deleteClaimed(id: string, claim: IdempotencyKey): Promise<void>
  /** Deletes the staged session, of whatever namespace, whose staging has stood still since `before`. */
  deleteStalled(id: string, before: Date): Promise<void>
  /** Inserts truncations of a staged session as they are. */
  stage(sessionId: string, truncations: SessionTruncation[], at: Date): Promise<void>
  /** Makes a staged session visible with these values; false when its external id is taken. */
  publish(session: Session): Promise<boolean>
}
