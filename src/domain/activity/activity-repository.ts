import type { Page, PagePosition } from '../page.js'
import type { ActivityEvent } from './activity-event.js'
import type { ActivityPurgeReport, ActivityPurgeTerms } from './activity-purge.js'
import type { FailedLoop, FailingTool, RecordedEvent, RelatedEvent } from './activity-service.js'

export interface NewEvent {
  event: ActivityEvent
  /** As stored. */
  payloadText: string
  searchText: string
  /** Whether the caller said when it happened: only then is it part of what must be the same again. */
  hasOwnTs: boolean
}

type EventFilter = Partial<
  Pick<
    { [Name in keyof ActivityEvent]: NonNullable<ActivityEvent[Name]> },
    'kind' | 'sessionId' | 'issueId' | 'projectId' | 'actorName' | 'path' | 'name' | 'state'
  >
>

export interface EventQuery extends EventFilter {
  since?: Date
  until?: Date
  order?: 'newest' | 'oldest'
  limit: number
  position?: PagePosition
}

export interface RelatedQuery {
  by: 'path' | 'issueId' | 'sessionId' | 'loop'
  value: string
  limit: number
  position?: PagePosition
}

/** Events within one namespace. */
export interface ActivityRepository {
  /**
   * Inserts all or none; an event whose native id is there is given back as it is there.
   *
   * @throws {ConflictError} IDEMPOTENCY_CONFLICT
   */
  record(events: NewEvent[]): Promise<RecordedEvent[]>
  /** As `record`, but tried once and at once: for who comes again by himself. */
  recordOnce(events: NewEvent[]): Promise<RecordedEvent[]>
  getById(id: string): Promise<ActivityEvent | undefined>
  listAll(query: EventQuery): Promise<Page<ActivityEvent, PagePosition>>
  related(query: RelatedQuery): Promise<Page<RelatedEvent, PagePosition>>
  failedLoops(query: { path: string; since?: Date; limit: number }): Promise<FailedLoop[]>
  failingTools(query: { since?: Date; projectId?: string; limit: number }): Promise<FailingTool[]>
  /** For good: no backfill brings it back. Whether it was there. */
  delete(id: string, at: Date): Promise<boolean>
  /** What a purge would do now, all counted at one moment. */
  countPurge(terms: ActivityPurgeTerms): Promise<Omit<ActivityPurgeReport, 'dryRun'>>
  /** Deletes at most `batchSize` events for good, in one transaction; their number by kind. */
  deleteDue(terms: ActivityPurgeTerms, batchSize: number, at: Date): Promise<Record<string, number>>
}
