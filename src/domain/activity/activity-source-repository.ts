import type { JsonObject } from '../canonical-json.js'
import type { Page, PagePosition } from '../page.js'
import type { EventChanges, RejectedPiece } from './activity-backfill.js'
import type { ActivityReject, ActivitySource } from './activity-event.js'
import type { NewEvent } from './activity-repository.js'

/** What became of an event that the source told of before. */
export interface EventOutcome {
  kind: string
  nativeId: string
  state: string | null
  payload: JsonObject
}

/** A source tells of an event, or of what became of one. */
export type SourceStatement = EventStatement | { outcome: EventOutcome }

export interface EventStatement {
  event: NewEvent
  /** Of an issue: the event in its place where the issue was in another state before. */
  later?: NewEvent
}

export interface SourceBatch {
  /** As it stands once the batch is stored. */
  source: ActivitySource
  /** The source is read anew: what was rejected of it before is forgotten. */
  isFromStart: boolean
  /** What was deleted of it comes back. */
  isAgain: boolean
  statements: SourceStatement[]
  rejects: Pick<ActivityReject, 'id' | 'place' | 'reason' | 'excerpt'>[]
}

/** The files that backfills read, within one namespace. */
export interface ActivitySourceRepository {
  find(kind: string, pathHash: string): Promise<ActivitySource | undefined>
  /** Stores events, rejects and how far the source was read in one transaction; what became of the events, by kind. */
  save(batch: SourceBatch): Promise<Record<string, EventChanges>>
  countRejects(): Promise<number>
  /** Sources of a kind of which there are rejects. */
  listRejected(kind: string): Promise<ActivitySource[]>
  /** The newest first. */
  listRejects(query: { limit: number; position?: PagePosition }): Promise<Page<RejectedPiece, PagePosition>>
}

/** Where a file that cannot be opened, or read to its end, is rejected. */
export const wholeFile = 'file'
