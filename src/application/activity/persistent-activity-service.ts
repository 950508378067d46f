import type { BackfillOptions, BackfillReport, RejectedPiece } from '../../domain/activity/activity-backfill.js'
import { type ActivityEvent, eventNotFound } from '../../domain/activity/activity-event.js'
import type { ActivityPurgeReport } from '../../domain/activity/activity-purge.js'
import {
  type ActivityEventInput,
  ActivityService,
  type ActivitySink,
  type EventPageOptions,
  type FailedLoop,
  type FailedLoopsOptions,
  type FailingTool,
  type FailingToolsOptions,
  type PurgeEventsOptions,
  type RecentEventsOptions,
  type RecordedEvent,
  type RelatedEvent,
  type RelatedSubject,
  type SinkOptions,
} from '../../domain/activity/activity-service.js'
import { declarations, type EventKindDeclaration } from '../../domain/activity/event-kinds.js'
import type { Page } from '../../domain/page.js'
import { instantOr } from '../input-rules.js'
import { accepted } from '../open-calls.js'
import { requireText, validated } from '../validated.js'
import { EventPageFields, FailedLoopsFields, FailingToolsFields, RecentEventsFields } from './activity-inputs.js'
import { purgeEvents } from './activity-purging.js'
import type { ActivityServiceParts } from './activity-service-parts.js'
import { backfillEvents } from './backfilling.js'
import { BusSink } from './bus-sink.js'
import { paged, subjectOf } from './event-pages.js'
import { newEvent, newEvents } from './new-events.js'
import { redactedEvents } from './redacted-events.js'

/** Activity kept through the repository: strict calls here, a sink for those who must not be failed. */
export class PersistentActivityService extends ActivityService {
  constructor(readonly parts: ActivityServiceParts) {
    super()
  }

  @accepted()
  async record(event: ActivityEventInput): Promise<RecordedEvent> {
    const drafts = await redactedEvents([newEvent(event, '', this.parts)], this.parts.findRedactor)
    const [recorded] = await this.parts.activity.record(drafts)
    return recorded as RecordedEvent
  }

  @accepted()
  async recordAll(events: readonly ActivityEventInput[]): Promise<RecordedEvent[]> {
    const drafts = await redactedEvents(newEvents(events, this.parts), this.parts.findRedactor)
    return drafts.length === 0 ? [] : this.parts.activity.record(drafts)
  }

  @accepted()
  async get(id: string): Promise<ActivityEvent> {
    const event = await this.parts.activity.getById(requireText(id, 'id'))
    if (!event) throw eventNotFound(id)
    return event
  }

  @accepted()
  async recent(plain: RecentEventsOptions = {}): Promise<Page<ActivityEvent>> {
    const { limit = 50, cursor, since, until, ...filter } = validated(RecentEventsFields, plain)
    const query = { ...filter, since: instantOr(since), until: instantOr(until) }
    const read = this.parts.activity.listAll.bind(this.parts.activity)
    return paged(this.parts.namespace, query, cursor, (position) => read({ ...query, limit, position }))
  }

  @accepted()
  async related(plain: RelatedSubject, options: EventPageOptions = {}): Promise<Page<RelatedEvent>> {
    const subject = subjectOf(plain)
    const { limit = 50, cursor } = validated(EventPageFields, options, 'options')
    const read = this.parts.activity.related.bind(this.parts.activity)
    return paged(this.parts.namespace, subject, cursor, (position) => read({ ...subject, limit, position }))
  }

  @accepted()
  async failedLoops(plain: FailedLoopsOptions): Promise<FailedLoop[]> {
    const { path, since, limit = 50 } = validated(FailedLoopsFields, plain)
    return this.parts.activity.failedLoops({ path, since: instantOr(since), limit })
  }

  @accepted()
  async issueHistory(id: string, options: EventPageOptions = {}): Promise<Page<ActivityEvent>> {
    const query = { issueId: requireText(id, 'issueId'), order: 'oldest' as const }
    const { limit = 50, cursor } = validated(EventPageFields, options, 'options')
    const read = this.parts.activity.listAll.bind(this.parts.activity)
    return paged(this.parts.namespace, query, cursor, (position) => read({ ...query, limit, position }))
  }

  @accepted()
  async failingTools(plain: FailingToolsOptions = {}): Promise<FailingTool[]> {
    const { since, projectId, limit = 50 } = validated(FailingToolsFields, plain)
    return this.parts.activity.failingTools({ since: instantOr(since), projectId, limit })
  }

  kinds(): EventKindDeclaration[] {
    return declarations()
  }

  @accepted()
  async delete(id: string): Promise<void> {
    const { activity, clock } = this.parts
    const wasThere = await activity.delete(requireText(id, 'id'), clock())
    if (!wasThere) throw eventNotFound(id)
  }

  @accepted()
  async purge(options: PurgeEventsOptions): Promise<ActivityPurgeReport> {
    return purgeEvents(this.parts, options)
  }

  /** Each of its writes is an accepted call: a store that closes does not wait for all files. */
  async backfill(options: BackfillOptions): Promise<BackfillReport> {
    return backfillEvents(this.parts, options)
  }

  @accepted()
  async rejects(options: EventPageOptions = {}): Promise<Page<RejectedPiece>> {
    const { limit = 50, cursor } = validated(EventPageFields, options, 'options')
    const read = this.parts.sources.listRejects.bind(this.parts.sources)
    return paged(this.parts.namespace, { rejects: true }, cursor, (position) => read({ limit, position }))
  }

  sink(options: SinkOptions = {}): ActivitySink {
    return new BusSink(this.parts, options)
  }
}
