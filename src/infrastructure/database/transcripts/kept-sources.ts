import type { TranscriptBatch } from '../../../domain/transcripts/ingest-repository.js'
import type { Database } from '../database.js'
import { marks, type Saving } from './saving.js'
import { sourceColumns } from './source-rows.js'

interface KeptRow {
  source_id: string
  transcript_id: string
  flavor: string
  native_id: string
  session_id: string
}

/**
 * A file that is another session's now tells nothing of the old one any more. Where that is held, or lost its texts, it
 * stays as it was: as if the old file were gone and had never been rewritten.
 */
export async function keepSources(transaction: Database, batches: TranscriptBatch[], saving: Saving): Promise<void> {
  const anew = new Map(batches.filter(({ isFromStart }) => isFromStart).map((batch) => [batch.source.id, batch]))
  const kept = new Map<string, KeptRow[]>()
  for (const row of await keptRows(transaction, [...anew.keys()])) {
    const batch = anew.get(row.source_id)
    if (batch && isAnothers(row, batch)) kept.set(row.source_id, [...(kept.get(row.source_id) ?? []), row])
  }
  for (const rows of kept.values()) await keepSource(transaction, rows, saving.newId())
}

async function keptRows(transaction: Database, ids: string[]): Promise<KeptRow[]> {
  const { transcriptLinks, transcriptSources, transcripts } = transaction.tables
  if (ids.length === 0) return []
  return transaction.query<KeptRow>(
    `select l.source_id, l.transcript_id, t.flavor, t.native_id, s.session_id from ${transcriptLinks} l
       join ${transcripts} t on t.id = l.transcript_id join ${transcriptSources} s on s.id = l.source_id
     where l.source_id in (${marks(ids)}) and (t.has_evicted = 1 or t.hold_reason is not null)`,
    ids,
  )
}

function isAnothers({ flavor, native_id, session_id }: KeptRow, { source, names }: TranscriptBatch): boolean {
  if (flavor !== source.source.flavor) return true
  return session_id !== names.nativeId && native_id !== names.nativeId
}

/** Under a key and a path that nothing is found by. */
async function keepSource(transaction: Database, [first, ...others]: KeptRow[], keptId: string): Promise<void> {
  if (!first) return
  const { tables } = transaction
  const { transcriptSources, transcriptEvents, transcriptUsages, transcriptTurns, transcriptAmendments } = tables
  const given = new Map([
    ['id', keptId],
    ['flavor', first.flavor],
    ['source_key', keptId],
    ['path_hash', ''],
  ])
  const columns = sourceColumns.split(', ').map((column) => (given.has(column) ? '?' : column))
  await transaction.query(
    `insert into ${transcriptSources} (${sourceColumns}) select ${columns.join(', ')} from ${transcriptSources} where id = ?`,
    [...given.values(), first.source_id],
  )
  const ids = [first, ...others].map(({ transcript_id }) => transcript_id)
  const tablesOfRows = [
    ...[tables.transcriptLinks, transcriptEvents, transcriptUsages],
    ...[transcriptTurns, transcriptAmendments],
  ]
  for (const table of tablesOfRows) {
    await transaction.query(
      `update ${table} set source_id = ? where source_id = ? and transcript_id in (${marks(ids)})`,
      [keptId, first.source_id, ...ids],
    )
  }
}
