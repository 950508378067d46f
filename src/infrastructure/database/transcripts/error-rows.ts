import type { DigestError } from '../../../domain/transcripts/digest.js'
import type { Database } from '../database.js'

interface ErrorRow {
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

const columns = 'fingerprint, version, template, sample, tool, count, first_at, last_at, was_passed'
export const errorColumns = `transcript_id, namespace, ${columns}`

/** The errors of a transcript, the most frequent first. */
export async function errorsOf(database: Database, transcriptId: string): Promise<DigestError[]> {
  const rows = await database.query<ErrorRow>(
    `select ${columns} from ${database.tables.transcriptErrors} where transcript_id = ? order by count desc, fingerprint`,
    [transcriptId],
  )
  return rows.map(errorFromRow)
}

const isoOf = (time: number | string | null) => (time === null ? null : new Date(Number(time)).toISOString())

function errorFromRow({ first_at, last_at, was_passed, ...row }: ErrorRow): DigestError {
  return { ...row, firstAt: isoOf(first_at), lastAt: isoOf(last_at), wasPassed: was_passed === 1 }
}

export function errorParameters(namespace: string, id: string, error: DigestError): unknown[] {
  const { fingerprint, version, template, sample, tool, count, firstAt, lastAt, wasPassed } = error
  const at = (iso: string | null) => (iso === null ? null : Date.parse(iso))
  return [
    id,
    namespace,
    fingerprint,
    version,
    template,
    sample,
    tool,
    count,
    at(firstAt),
    at(lastAt),
    wasPassed ? 1 : 0,
  ]
}
