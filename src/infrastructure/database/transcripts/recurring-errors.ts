import type { RecurringError } from '../../../domain/transcripts/transcript-service.js'
import type { Database } from '../database.js'
import type { Condition } from '../keyset.js'

export interface ErrorsQuery {
  since?: Date
  project?: string
  tool?: string
  limit: number
}

interface RankedRow {
  fingerprint: string
  version: number
  count: number | string
  transcripts: number | string
  first_at: number | string | null
  last_at: number | string | null
}

interface SampleRow {
  fingerprint: string
  version: number
  template: string
  sample: string
  tool: string | null
  was_passed: number
  uid: string
}

const maxPassed = 20
const maxSamples = 5_000

/** The errors of most transcripts first, then of most occurrences. */
export async function recurringErrors(
  database: Database,
  namespace: string,
  query: ErrorsQuery,
): Promise<RecurringError[]> {
  const { transcriptErrors, transcripts } = database.tables
  const conditions = conditionsOf(namespace, query)
  const from = `from ${transcriptErrors} e join ${transcripts} t on t.id = e.transcript_id
    where ${conditions.map(([sql]) => sql).join(' and ')}`
  const values = conditions.flatMap(([, ...parameters]) => parameters)
  const ranked = await database.query<RankedRow>(
    `select e.fingerprint, e.version, sum(e.count) as count, count(*) as transcripts, min(e.first_at) as first_at, max(e.last_at) as last_at
     ${from} group by e.fingerprint, e.version order by 4 desc, 3 desc, 1 limit ?`,
    [...values, query.limit],
  )
  if (ranked.length === 0) return []
  const samples = await database.query<SampleRow>(
    `select e.fingerprint, e.version, e.template, e.sample, e.tool, e.was_passed, t.uid ${from}
       and e.fingerprint in (${ranked.map(() => '?').join(', ')}) order by e.last_at desc, t.uid limit ${maxSamples}`,
    [...values, ...ranked.map(({ fingerprint }) => fingerprint)],
  )
  return ranked.map((row) =>
    told(
      row,
      samples.filter((each) => isSame(each, row)),
    ),
  )
}

function conditionsOf(namespace: string, { since, project, tool }: ErrorsQuery): Condition[] {
  const conditions: Condition[] = [['e.namespace = ?', namespace]]
  if (since) conditions.push(['e.last_at >= ?', since.getTime()])
  if (project !== undefined) conditions.push(['t.project = ?', project])
  if (tool !== undefined) conditions.push(['e.tool = ?', tool])
  return conditions
}

const isSame = (one: Pick<RankedRow, 'fingerprint' | 'version'>, other: Pick<RankedRow, 'fingerprint' | 'version'>) =>
  one.fingerprint === other.fingerprint && one.version === other.version

const dateOf = (time: number | string | null) => (time === null ? null : new Date(Number(time)))

function told(row: RankedRow, samples: SampleRow[]): RecurringError {
  const { fingerprint, version } = row
  const passed = samples.filter(({ was_passed }) => was_passed === 1).map(({ uid }) => uid)
  return {
    ...{ fingerprint, version, template: samples[0]?.template ?? '', sample: samples[0]?.sample ?? '' },
    tools: [...new Set(samples.flatMap(({ tool }) => tool ?? []))].sort(),
    ...{ count: Number(row.count), transcripts: Number(row.transcripts) },
    ...{ firstAt: dateOf(row.first_at), lastAt: dateOf(row.last_at), passedIn: passed.slice(0, maxPassed) },
  }
}
