import type { Page, PagePosition } from '../../../domain/page.js'
import type { TranscriptDigest } from '../../../domain/transcripts/digest.js'
import type { Transcript, TranscriptEvent, TranscriptWithSources } from '../../../domain/transcripts/transcript.js'
import type {
  ErrorsQuery,
  EventsQuery,
  TranscriptQuery,
  TranscriptRepository,
  UsageQuery,
} from '../../../domain/transcripts/transcript-repository.js'
import type { RecurringError, TranscriptUsage } from '../../../domain/transcripts/transcript-service.js'
import { noSettings, type TranscriptSettings } from '../../../domain/transcripts/transcript-settings.js'
import type { Database } from '../database.js'
import { databaseRetry } from '../database-retry.js'
import { type Condition, Keyset } from '../keyset.js'
import { readBodies } from './bodies.js'
import { equal, within } from './conditions.js'
import { errorsOf } from './error-rows.js'
import { recurringErrors } from './recurring-errors.js'
import { toldBy } from './told-by.js'
import {
  eventColumns,
  hashOfRef,
  type TokensRow,
  type TranscriptEventRow,
  type TranscriptRow,
  tokenSums,
  tokensOf,
  transcriptColumns,
  transcriptEventFromRow,
  transcriptFromRow,
} from './transcript-rows.js'
import { transcriptUsage } from './transcript-usage.js'

/** Transcripts of one namespace in TypeORM's tables, on either database. */
export class TypeOrmTranscriptRepository implements TranscriptRepository {
  constructor(
    readonly database: Database,
    private readonly namespace: string,
    private readonly settings: TranscriptSettings = noSettings,
  ) {}

  @databaseRetry()
  async list(query: TranscriptQuery): Promise<Page<Transcript, PagePosition>> {
    const { flavor, outcome, project, repo, domain, since, until } = query
    const began = 'coalesce(started_at, 0)'
    const keyset = new Keyset(began, query)
    const conditions: Condition[] = [['namespace = ?', this.namespace]]
    conditions.push(...equal({ flavor, outcome, project, repo, domain }), ...within(began, since, until))
    const { sql, parameters } = keyset.clauses(conditions)
    const rows = await this.database.query<TranscriptRow>(
      `select ${transcriptColumns} from ${this.database.tables.transcripts} ${sql}`,
      parameters,
    )
    const page = keyset.page(rows, (row) => new Date(Number(row.started_at ?? 0)))
    return { ...page, items: page.items.map(transcriptFromRow) }
  }

  @databaseRetry()
  async find(uid: string): Promise<Transcript | undefined> {
    const [row] = await this.database.query<TranscriptRow>(
      `select ${transcriptColumns} from ${this.database.tables.transcripts} where namespace = ? and uid = ?`,
      [this.namespace, uid],
    )
    return row && transcriptFromRow(row)
  }

  @databaseRetry()
  sources(transcriptId: string): Promise<Pick<TranscriptWithSources, 'sources' | 'copiedFromUids'>> {
    return toldBy(this.database, transcriptId)
  }

  /** What an event answers is the last event of the record that it names; else the one before it. */
  @databaseRetry()
  async events(transcriptId: string, { after, limit, kinds, withBodies }: EventsQuery): Promise<TranscriptEvent[]> {
    const table = this.database.tables.transcriptEvents
    const among = kinds ? `and e.kind in (${kinds.map(() => '?').join(', ')})` : ''
    const rows = await this.database.query<TranscriptEventRow>(
      `select ${eventColumns}, coalesce((select max(p.seq) from ${table} p where p.transcript_id = e.transcript_id
           and p.record_key = e.parent_key and p.seq < e.seq), nullif(e.seq - 1, 0)) as parent_seq
       from ${table} e where e.transcript_id = ? and e.seq > ? ${among} order by e.seq limit ?`,
      [transcriptId, after, ...(kinds ?? []), limit],
    )
    const events = await this.withTokens(transcriptId, rows.map(transcriptEventFromRow))
    return withBodies ? this.withBodies(events) : events.map((event) => Object.assign(event, { body: null }))
  }

  private async withTokens(transcriptId: string, events: TranscriptEvent[]): Promise<TranscriptEvent[]> {
    const rows = await this.database.query<TokensRow & { event_seq: number }>(
      `select event_seq, ${tokenSums('u')} from ${this.database.tables.transcriptUsages} u
       where transcript_id = ? and event_seq between ? and ? group by event_seq`,
      [transcriptId, events.at(0)?.seq ?? 0, events.at(-1)?.seq ?? 0],
    )
    const tokens = new Map(rows.map((row) => [row.event_seq, tokensOf(row)]))
    for (const event of events) event.tokens = tokens.get(event.seq) ?? null
    return events
  }

  private async withBodies(events: TranscriptEvent[]): Promise<TranscriptEvent[]> {
    const hashes = events.flatMap(({ bodyRef }) => (bodyRef === null ? [] : [hashOfRef(bodyRef)]))
    const bodies = await readBodies(this.database, this.namespace, [...new Set(hashes)])
    for (const event of events) event.body ??= bodies.get(hashOfRef(event.bodyRef ?? '')) ?? null
    return events
  }

  @databaseRetry()
  async digest(transcriptId: string): Promise<TranscriptDigest | undefined> {
    const [row] = await this.database.query<TranscriptRow & { digest: string | null }>(
      `select ${transcriptColumns}, digest from ${this.database.tables.transcripts} where id = ?`,
      [transcriptId],
    )
    if (!row || row.digest === null) return undefined
    const errors = await errorsOf(this.database, transcriptId)
    const { uid, lastSeq, wallClockMs, turns, retries, estimatedCostUsd, unpricedResponses } = transcriptFromRow(row)
    const cost = { ...tokensOf(row), wallClockMs, turns, retries, estimatedCostUsd, unpricedResponses }
    const kept = JSON.parse(row.digest) as Omit<TranscriptDigest, 'errors' | 'cost' | 'uid' | 'isComplete'>
    return { ...kept, uid, isComplete: kept.throughSeq === lastSeq, cost, errors }
  }

  @databaseRetry()
  errors(query: ErrorsQuery): Promise<RecurringError[]> {
    return recurringErrors(this.database, this.namespace, query)
  }

  @databaseRetry()
  usage(query: UsageQuery): Promise<TranscriptUsage[]> {
    return transcriptUsage(this.database, this.namespace, { ...query, prices: this.settings.prices })
  }
}
