import type { JsonValue } from '../../../domain/canonical-json.js'
import type { Digest, DigestError } from '../../../domain/transcripts/digest.js'
import { errorFingerprint } from '../../../domain/transcripts/error-fingerprint.js'
import type { TextPass } from '../../../domain/transcripts/rescan-repository.js'
import type { Database } from '../database.js'
import { insertRows } from '../insert-rows.js'
import { errorColumns, errorParameters, errorsOf } from './error-rows.js'
import type { Rescan } from './rescan-events.js'

/**
 * Redacts what is not an event: names, titles and paths of the transcript and of what its sources told of it, its
 * digests and its errors. Digests are made anew afterwards; of texts that are gone there is nothing else.
 */
export async function rescanDigests(database: Database, rescan: Rescan): Promise<boolean> {
  const changes = [
    await rescanColumns(database, rescan, 'transcripts', 'id', nameColumns),
    await rescanColumns(database, rescan, 'transcriptLinks', 'transcript_id', ['facts']),
    await rescanColumns(database, rescan, 'transcriptUsages', 'transcript_id', ['model']),
    await rescanColumns(database, rescan, 'transcriptEvents', 'transcript_id', ['activity']),
    await rescanErrors(database, rescan),
  ]
  return changes.some(Boolean)
}

const nameColumns = [
  'repo',
  'domain',
  'project',
  'cwd',
  'branch',
  'model',
  'title',
  'task_ref',
  'hold_reason',
  'digest',
  'evicted_digest',
]
const jsonColumns = ['facts', 'activity', 'digest', 'evicted_digest']

/** One update for each text that changes, whichever rows have it. */
async function rescanColumns(
  database: Database,
  { id, texts, dryRun }: Rescan,
  name: 'transcripts' | 'transcriptLinks' | 'transcriptUsages' | 'transcriptEvents',
  owner: string,
  columns: string[],
): Promise<boolean> {
  const table = database.tables[name]
  let isChanged = false
  for (const column of columns) {
    const rows = await database.query<{ text: string }>(
      `select distinct ${column} as text from ${table} where ${owner} = ? and ${column} is not null`,
      [id],
    )
    for (const { text } of rows) {
      const passed = jsonColumns.includes(column) ? passedJson(text, texts) : texts.name(text)
      if (passed === text) continue
      isChanged = true
      if (dryRun) continue
      await database.query(`update ${table} set ${column} = ? where ${owner} = ? and ${column} = ?`, [passed, id, text])
    }
  }
  return isChanged
}

/** Every text in it, names of properties among them: tools are such. */
function passedJson(text: string, texts: TextPass): string {
  const value = JSON.parse(text) as JsonValue & Partial<Digest>
  const passed = passedValue(value, texts)
  if (Array.isArray(value?.errors)) Object.assign(passed as object, { errors: refingered(value.errors, texts) })
  return JSON.stringify(passed)
}

function passedValue(value: JsonValue, texts: TextPass): JsonValue {
  if (typeof value === 'string') return texts.pass(value, {})
  if (Array.isArray(value)) return value.map((each) => passedValue(each, texts))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [texts.name(name), passedValue(each, texts)]))
}

async function rescanErrors(database: Database, { namespace, id, texts, dryRun }: Rescan): Promise<boolean> {
  const { transcriptErrors } = database.tables
  const errors = await errorsOf(database, id)
  const passed = refingered(errors, texts)
  if (JSON.stringify(errors) === JSON.stringify(passed)) return false
  if (dryRun) return true
  await database.query(`delete from ${transcriptErrors} where transcript_id = ?`, [id])
  await insertRows(
    database,
    transcriptErrors,
    errorColumns,
    passed.map((error) => errorParameters(namespace, id, error)),
  )
  return true
}

/** An error that held a secret is another one without it; two may become the same. */
function refingered(errors: readonly DigestError[], texts: TextPass): DigestError[] {
  const passed = new Map<string, DigestError>()
  for (const error of errors) {
    const one = refingeredError(error, texts)
    const known = passed.get(`${one.version} ${one.fingerprint}`)
    passed.set(`${one.version} ${one.fingerprint}`, known ? together(known, one) : one)
  }
  return [...passed.values()]
}

/** From the first of both to the last of both; what came last tells whether it was passed. */
function together(one: DigestError, other: DigestError): DigestError {
  const first = (one.firstAt ?? '~') <= (other.firstAt ?? '~') ? one : other
  const last = (one.lastAt ?? '') >= (other.lastAt ?? '') ? one : other
  return { ...first, count: one.count + other.count, lastAt: last.lastAt, wasPassed: last.wasPassed }
}

function refingeredError(error: DigestError, texts: TextPass): DigestError {
  const tool = error.tool === null ? null : texts.name(error.tool)
  const sample = texts.pass(error.sample, {})
  const template = texts.pass(error.template, {})
  if (sample === error.sample && template === error.template) return { ...error, tool }
  const anew = errorFingerprint(sample)
  if (!anew) return { ...error, tool, sample, template }
  return { ...error, tool, sample, template: anew.template, fingerprint: anew.key, version: anew.version }
}
