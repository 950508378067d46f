import type { TranscriptBatch } from '../../../domain/transcripts/ingest-repository.js'
import type { Database } from '../database.js'
import { hashOf, rankOf } from './source-rows.js'

/** From here on a moved source is known by its new name; not where somebody else read on under the old one, or has read the new one. */
export async function moveSources(transaction: Database, batches: TranscriptBatch[], namespace: string): Promise<void> {
  const { transcriptSources: sources } = transaction.tables
  for (const { source, names, after } of batches.filter(({ isMoved }) => isMoved)) {
    const key = [source.source.flavor, hashOf(source.source.id)]
    await transaction.query(
      `update ${sources} set flavor = ?, source_key = ?, source_id = ?, source_rank = ?
       where id = ? and batch_id = ? and not exists (
         select 1 from ${sources} taken where taken.namespace = ? and taken.flavor = ? and taken.source_key = ?)`,
      [...key, names.id, rankOf(source.source), source.id, after, namespace, ...key],
    )
  }
}
