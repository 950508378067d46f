import type { ReadSource, TranscriptWithSources } from '../../../domain/transcripts/transcript.js'
import type { Database } from '../database.js'

interface ToldByRow {
  path: string
  form: ReadSource['form']
  size: number | string
  generation: number
  is_pending: number
  last_error: string | null
  copied_from_uid: string | null
  updated_at: number | string
}

/** The first of them are enough to go on from. */
const maxCopied = 100

/** The sources of a transcript, and the sessions that they begin with the history of. */
export async function toldBy(
  database: Database,
  transcriptId: string,
): Promise<Pick<TranscriptWithSources, 'sources' | 'copiedFromUids'>> {
  const { transcriptLinks, transcriptSources } = database.tables
  const rows = await database.query<ToldByRow>(
    `select s.path, s.form, s.size, s.generation, s.is_pending, s.last_error, s.updated_at, l.copied_from_uid
     from ${transcriptLinks} l join ${transcriptSources} s on s.id = l.source_id
     where l.transcript_id = ? order by s.source_rank`,
    [transcriptId],
  )
  const told = rows.flatMap(({ copied_from_uid }) => copied_from_uid ?? [])
  const copiedFromUids = [...new Set([...told, ...(await countedElsewhere(database, transcriptId))])]
  return { sources: rows.map(sourceFrom), copiedFromUids }
}

/** Sessions in which responses count that this one tells of, too: an agent that copies them need not say so. */
async function countedElsewhere(database: Database, transcriptId: string): Promise<string[]> {
  const { transcriptUsages: usages, transcripts } = database.tables
  const rows = await database.query<{ uid: string }>(
    `select distinct t.uid from ${usages} copy
       join ${usages} original on original.namespace = copy.namespace and original.usage_key = copy.usage_key
         and original.is_counted = 1 and original.transcript_id <> copy.transcript_id
       join ${transcripts} t on t.id = original.transcript_id
     where copy.transcript_id = ? and copy.is_counted = 0 order by t.uid limit ${maxCopied}`,
    [transcriptId],
  )
  return rows.map(({ uid }) => uid)
}

function sourceFrom(row: ToldByRow): ReadSource {
  return {
    path: row.path,
    form: row.form,
    // Until it was read to its end it is not known by its size.
    bytes: Math.max(0, Number(row.size)),
    generation: row.generation,
    isPending: row.is_pending === 1,
    lastError: row.last_error,
    copiedFromUid: row.copied_from_uid,
    readAt: new Date(Number(row.updated_at)),
  }
}
