import type { Page, PagePosition } from '../../../domain/page.js'
import type { DigestError, TranscriptDigest } from '../../../domain/transcripts/digest.js'
import type { Transcript, TranscriptEvent } from '../../../domain/transcripts/transcript.js'
import type {
  EventsQuery,
  TranscriptQuery,
  TranscriptRepository,
} from '../../../domain/transcripts/transcript-repository.js'
import type { RecurringError, TranscriptUsage, UsageGrouping } from '../../../domain/transcripts/transcript-service.js'
import type { Database } from '../database.js'
import { databaseRetry } from '../database-retry.js'
import { type Condition, Keyset } from '../keyset.js'
import { readBodies } from './bodies.js'
import { type ErrorsQuery, recurringErrors } from './recurring-errors.js'
import {
  eventColumns,
  hashOfRef,
  type TranscriptEventRow,
  type TranscriptRow,
  tokensOf,
  transcriptColumns,
  transcriptEventFromRow,
  transcriptFromRow,
} from './transcript-rows.js'

/** Transcripts of one namespace in TypeORM's tables, on either database. */
export class TypeOrmTranscriptRepository implements TranscriptRepository {
  constructor(
    readonly database: Database,
    private readonly namespace: string,
  ) {}

  @databaseRetry()
  async list(query: TranscriptQuery): Promise<Page<Transcript, PagePosition>> {
    const { flavor, outcome, project, since, until } = query
    const began = 'coalesce(started_at, 0)'
    const keyset = new Keyset(began, query)
    const conditions: Condition[] = [['namespace = ?', this.namespace]]
    for (const [column, value] of Object.entries({ flavor, outcome, project })) {
      if (value !== undefined) conditions.push([`${column} = ?`, value])
    }
    conditions.push(...within(began, since, until))
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
    const events = rows.map(transcriptEventFromRow)
    return withBodies ? this.withBodies(events) : events.map((event) => Object.assign(event, { body: null }))
  }

  private async withBodies(events: TranscriptEvent[]): Promise<TranscriptEvent[]> {
    const hashes = events.flatMap(({ bodyRef }) => (bodyRef === null ? [] : [hashOfRef(bodyRef)]))
    const bodies = await readBodies(this.database, this.namespace, [...new Set(hashes)])
    for (const event of events) event.body ??= bodies.get(hashOfRef(event.bodyRef ?? '')) ?? null
    return events
  }

  @databaseRetry()
  async digest(transcriptId: string): Promise<TranscriptDigest | undefined> {
    const { transcripts, transcriptErrors } = this.database.tables
    const [row] = await this.database.query<TranscriptRow & { digest: string | null }>(
      `select ${transcriptColumns}, digest from ${transcripts} where id = ?`,
      [transcriptId],
    )
    if (!row || row.digest === null) return undefined
    const errors = await this.database.query<ErrorRow>(
      `select fingerprint, version, template, sample, tool, count, first_at, last_at, was_passed from ${transcriptErrors}
       where transcript_id = ? order by count desc, fingerprint`,
      [transcriptId],
    )
    const { wallClockMs, turns, retries, estimatedCostUsd } = transcriptFromRow(row)
    const cost = { ...tokensOf(row), wallClockMs, turns, retries, estimatedCostUsd }
    const kept = JSON.parse(row.digest) as Omit<TranscriptDigest, 'errors' | 'cost' | 'uid'>
    return { ...kept, uid: row.uid, cost, errors: errors.map(errorFromRow) }
  }

  @databaseRetry()
  errors(query: ErrorsQuery): Promise<RecurringError[]> {
    return recurringErrors(this.database, this.namespace, query)
  }

  @databaseRetry()
  async usage({ since, until, by }: { since?: Date; until?: Date; by: UsageGrouping }): Promise<TranscriptUsage[]> {
    const { transcriptUsages, transcripts } = this.database.tables
    const day = 86_400_000
    const groups = { day: `u.at / ${day}`, project: 't.project', model: 'u.model' }
    const conditions: Condition[] = [
      ['u.namespace = ? and u.is_counted = 1', this.namespace],
      ...within('u.at', since, until),
    ]
    const sums = ['input', 'cache_read', 'cache_write', 'output'].map(
      (name) => `sum(u.${name}_tokens) as ${name}_tokens`,
    )
    const rows = await this.database.query<
      TranscriptRow & { grouped: string | number | null; responses: string | number }
    >(
      `select ${groups[by]} as grouped, count(*) as responses, ${sums.join(', ')}
       from ${transcriptUsages} u join ${transcripts} t on t.id = u.transcript_id
       where ${conditions.map(([sql]) => sql).join(' and ')} group by 1`,
      conditions.flatMap(([, ...parameters]) => parameters),
    )
    const nameOf = (group: string | number | null) =>
      group === null ? null : by === 'day' ? new Date(Number(group) * day).toISOString().slice(0, 10) : String(group)
    const usages = rows.map((row) => ({
      group: nameOf(row.grouped),
      responses: Number(row.responses),
      ...tokensOf(row),
    }))
    return usages.sort((one, other) => ((one.group ?? '') < (other.group ?? '') ? -1 : 1))
  }
}

export interface ErrorRow {
  fingerprint: string
  version: number
  template: string
  sample: string
  tool: string | null
  count: number
  first_at: number | string | null
  last_at: number | string | null
  was_passed: number
}

const isoOf = (time: number | string | null) => (time === null ? null : new Date(Number(time)).toISOString())

export function errorFromRow({ first_at, last_at, was_passed, ...row }: ErrorRow): DigestError {
  return { ...row, firstAt: isoOf(first_at), lastAt: isoOf(last_at), wasPassed: was_passed === 1 }
}

function within(column: string, since: Date | undefined, until: Date | undefined): Condition[] {
  const conditions: Condition[] = []
  if (since) conditions.push([`${column} >= ?`, since.getTime()])
  if (until) conditions.push([`${column} < ?`, until.getTime()])
  return conditions
}
