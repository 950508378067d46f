import {
  type ActivityEvent,
  type ActivityEventInput,
  type ActivityPurgeReport,
  ActivityService,
  type ActivitySink,
  type BackfillReport,
  type EventKindDeclaration,
  type EventPageOptions,
  type FailedLoop,
  type FailedLoopsOptions,
  type FailingTool,
  type FailingToolsOptions,
  type Page,
  type PurgeEventsOptions,
  type RecentEventsOptions,
  type RecordedEvent,
  type RejectedPiece,
  type RelatedEvent,
  type RelatedSubject,
} from '../../../src/index.js'
import { HttpClient } from './http-client.js'
import { notOffered } from './library.js'

/** The activity service as the HTTP service offers it. */
export class HttpActivity extends ActivityService {
  private readonly http: HttpClient

  constructor(url: string, namespace: string) {
    super()
    this.http = new HttpClient(url, namespace)
  }

  record(body: ActivityEventInput): Promise<RecordedEvent> {
    return this.http.send('POST', '/v1/activity', { body })
  }

  async recordAll(events: readonly ActivityEventInput[]): Promise<RecordedEvent[]> {
    const { items } = await this.http.send<Items<RecordedEvent>>('POST', '/v1/activity', { body: events })
    return items
  }

  get(id: string): Promise<ActivityEvent> {
    return this.http.send('GET', `/v1/activity/${encodeURIComponent(id)}`)
  }

  recent(options: RecentEventsOptions = {}): Promise<Page<ActivityEvent>> {
    return this.http.send('GET', '/v1/activity', { query: { ...options } })
  }

  related(subject: RelatedSubject, options: EventPageOptions = {}): Promise<Page<RelatedEvent>> {
    return this.http.send('GET', '/v1/activity/related', { query: { ...subject, ...options } })
  }

  async failedLoops(options: FailedLoopsOptions): Promise<FailedLoop[]> {
    return (await this.http.send<Items<FailedLoop>>('GET', '/v1/activity/failed-loops', { query: { ...options } }))
      .items
  }

  issueHistory(issueId: string, options: EventPageOptions = {}): Promise<Page<ActivityEvent>> {
    return this.http.send('GET', '/v1/activity/history', { query: { issueId, ...options } })
  }

  async failingTools(options: FailingToolsOptions = {}): Promise<FailingTool[]> {
    const query = { ...options }
    return (await this.http.send<Items<FailingTool>>('GET', '/v1/activity/failing-tools', { query })).items
  }

  kinds(): EventKindDeclaration[] {
    return notOffered('HTTP service', 'kinds that are there at once')
  }

  delete(id: string): Promise<void> {
    return this.http.send('DELETE', `/v1/activity/${encodeURIComponent(id)}`)
  }

  purge({ onProgress: _, ...body }: PurgeEventsOptions): Promise<ActivityPurgeReport> {
    return this.http.send('POST', '/v1/activity/purge', { body })
  }

  backfill(): Promise<BackfillReport> {
    return notOffered('service', 'backfill')
  }

  rejects(): Promise<Page<RejectedPiece>> {
    return notOffered('service', 'rejects')
  }

  sink(): ActivitySink {
    return notOffered('HTTP service', 'sink')
  }
}

interface Items<T> {
  items: T[]
}
