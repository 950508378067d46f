import type { ErrorsQuery } from '../../../domain/transcripts/transcript-repository.js'
import type { ErrorTrend, RecurringError } from '../../../domain/transcripts/transcript-service.js'
import type { Database } from '../database.js'
import type { Condition } from '../keyset.js'
import { equal, within } from './conditions.js'

interface Fingerprint {
  fingerprint: string
  version: number
}

interface RankedRow extends Fingerprint {
  count: number | string
  transcripts: number | string
}

interface CourseRow extends Fingerprint {
  first_at: number | string | null
  last_at: number | string | null
  recent: number | string
  earlier: number | string
}

interface SampleRow extends Fingerprint {
  template: string
  sample: string
  tool: string | null
  was_passed: number
  uid: string
}

const maxPassed = 20
/** Of each error the transcripts that had it last tell what it looks like. */
const maxSamples = 100
const trendMs = 7 * 86_400_000

/** The errors of most transcripts first, then of most occurrences. */
export async function recurringErrors(
  database: Database,
  namespace: string,
  query: ErrorsQuery,
): Promise<RecurringError[]> {
  const ranked = await rankedErrors(database, conditionsOf(namespace, query), query.limit)
  if (ranked.length === 0) return []
  const among: Condition = [
    `e.fingerprint in (${ranked.map(() => '?').join(', ')})`,
    ...ranked.map(({ fingerprint }) => fingerprint),
  ]
  const courses = await coursesOf(database, [...conditionsOf(namespace, { ...query, since: undefined }), among], query)
  const samples = await samplesOf(database, [...conditionsOf(namespace, query), among])
  return ranked.map((row) => {
    const isOfIt = (each: Fingerprint) => each.fingerprint === row.fingerprint && each.version === row.version
    return told(row, courses.find(isOfIt), samples.filter(isOfIt), query)
  })
}

function conditionsOf(namespace: string, { since, project, domain, tool }: Omit<ErrorsQuery, 'limit'>): Condition[] {
  return [
    ...equal({ 'e.namespace': namespace, 't.project': project, 't.domain': domain, 'e.tool': tool }),
    ...within('e.last_at', since, undefined),
  ]
}

const valuesOf = (conditions: Condition[]) => conditions.flatMap(([, ...parameters]) => parameters)

function fromErrors({ tables }: Database, conditions: Condition[]): string {
  return `from ${tables.transcriptErrors} e join ${tables.transcripts} t on t.id = e.transcript_id
    where ${conditions.map(([sql]) => sql).join(' and ')}`
}

function rankedErrors(database: Database, conditions: Condition[], limit: number): Promise<RankedRow[]> {
  return database.query<RankedRow>(
    `select e.fingerprint, e.version, sum(e.count) as count, count(*) as transcripts
     ${fromErrors(database, conditions)} group by e.fingerprint, e.version order by 4 desc, 3 desc, 1 limit ?`,
    [...valuesOf(conditions), limit],
  )
}

/** When they were seen, and how often of late; the occurrences of a transcript stand at the last of them. */
function coursesOf(database: Database, conditions: Condition[], { now }: ErrorsQuery): Promise<CourseRow[]> {
  const since = now.getTime() - trendMs
  return database.query<CourseRow>(
    `select e.fingerprint, e.version, min(e.first_at) as first_at, max(e.last_at) as last_at,
       sum(case when e.last_at >= ? then e.count else 0 end) as recent,
       sum(case when e.last_at >= ? and e.last_at < ? then e.count else 0 end) as earlier
     ${fromErrors(database, conditions)} group by e.fingerprint, e.version`,
    [since, since - trendMs, since, ...valuesOf(conditions)],
  )
}

function samplesOf(database: Database, conditions: Condition[]): Promise<SampleRow[]> {
  return database.query<SampleRow>(
    `select * from (
       select e.fingerprint, e.version, e.template, e.sample, e.tool, e.was_passed, t.uid, row_number() over (
         partition by e.fingerprint, e.version order by coalesce(e.last_at, 0) desc, t.uid) as nth
       ${fromErrors(database, conditions)}) as latest where nth <= ${maxSamples} order by nth`,
    valuesOf(conditions),
  )
}

function told(
  row: RankedRow,
  course: CourseRow | undefined,
  samples: SampleRow[],
  { now }: ErrorsQuery,
): RecurringError {
  const { fingerprint, version } = row
  const passed = samples.filter(({ was_passed }) => was_passed === 1).map(({ uid }) => uid)
  return {
    ...{ fingerprint, version, template: samples[0]?.template ?? '', sample: samples[0]?.sample ?? '' },
    tools: [...new Set(samples.flatMap(({ tool }) => tool ?? []))].sort(),
    ...{ count: Number(row.count), transcripts: Number(row.transcripts) },
    ...courseFrom(course, now.getTime() - trendMs),
    passedIn: passed.slice(0, maxPassed),
  }
}

type Course = Pick<RecurringError, 'trend' | 'recentCount' | 'earlierCount' | 'firstAt' | 'lastAt'>

function courseFrom(row: CourseRow | undefined, recentSince: number): Course {
  const { first_at = null, last_at = null, recent = 0, earlier = 0 } = row ?? {}
  const [recentCount, earlierCount] = [Number(recent), Number(earlier)]
  const firstAt = dateOf(first_at)
  const isNew = firstAt !== null && firstAt.getTime() >= recentSince
  const trend = isNew ? 'new' : trendOf(recentCount, earlierCount)
  return { trend, recentCount, earlierCount, firstAt, lastAt: dateOf(last_at) }
}

const dateOf = (time: number | string | null) => (time === null ? null : new Date(Number(time)))

function trendOf(recent: number, earlier: number): ErrorTrend {
  if (recent === 0 && earlier === 0) return 'quiet'
  if (recent === earlier) return 'steady'
  return recent > earlier ? 'rising' : 'falling'
}
