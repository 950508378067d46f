import type { ToldUsage, TranscriptBatch } from '../../../domain/transcripts/ingest-repository.js'
import type { Database } from '../database.js'
import { insertRows } from '../insert-rows.js'
import { transcriptIdOf } from './saving.js'

type Ids = ReadonlyMap<string, string>

export const usageColumns = [
  'namespace, source_id, transcript_id, usage_key, place, is_copied, weight, lesser_weight',
  'told_input, told_cache_read, told_cache_write, told_output, model, at, message_key, is_replay, voice_of, voice_rank',
  'is_counted, input_tokens, cache_read_tokens, cache_write_tokens, output_tokens',
].join(', ')

/** Counted as they come, until all that is told of a response is compared. */
export async function insertUsages(
  transaction: Database,
  batches: TranscriptBatch[],
  ids: Ids,
  namespace: string,
): Promise<void> {
  const table = transaction.tables.transcriptUsages
  const rows = batches.flatMap((batch) =>
    batch.usages.map((usage) => [
      ...[namespace, batch.source.id, transcriptIdOf(ids, batch, usage)],
      ...usageParameters(usage),
    ]),
  )
  const kept = new Set(['namespace', 'source_id', 'transcript_id', 'usage_key', 'at'])
  const set = usageColumns.split(', ').flatMap((column) => (kept.has(column) ? [] : [`${column} = excluded.${column}`]))
  // The first to tell of a response knows when it came.
  const onConflict = `on conflict (source_id, transcript_id, usage_key) do update set ${set.join(', ')}, at = coalesce(${table}.at, excluded.at)
    where (excluded.is_replay = ${table}.is_replay and (excluded.weight > ${table}.weight
        or (excluded.weight = ${table}.weight and excluded.lesser_weight > ${table}.lesser_weight)))
      or excluded.is_replay < ${table}.is_replay`
  await insertRows(transaction, table, usageColumns, rows, onConflict)
}

function usageParameters(usage: ToldUsage): unknown[] {
  const { usageKey, place, isCopied, weight, tokens, model, at, messageKey, isReplay, voice } = usage
  const { inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens } = tokens
  const told = [inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens]
  return [
    ...[usageKey, place, isCopied ? 1 : 0, ...weight, ...told, model, at, messageKey, isReplay ? 1 : 0],
    ...[voice?.of ?? null, voice?.rank ?? null, 1, ...told],
  ]
}

export async function insertTurns(transaction: Database, batches: TranscriptBatch[], ids: Ids): Promise<void> {
  const rows = batches.flatMap((batch) =>
    batch.turns.map((turn) => [
      ...[batch.source.id, transcriptIdOf(ids, batch, turn), turn.turn, turn.isCopied ? 1 : 0, turn.place],
    ]),
  )
  const columns = 'source_id, transcript_id, turn, is_copied, place'
  await insertRows(transaction, transaction.tables.transcriptTurns, columns, rows, 'on conflict do nothing')
}

export async function insertAmendments(transaction: Database, batches: TranscriptBatch[], ids: Ids): Promise<void> {
  const table = transaction.tables.transcriptAmendments
  const rows = batches.flatMap((batch) =>
    batch.amendments.map((amendment) => {
      const { joinKey, ts, isError } = amendment
      return [batch.source.id, transcriptIdOf(ids, batch, amendment), joinKey, ts, isError ? 1 : 0]
    }),
  )
  const onConflict = `on conflict (source_id, transcript_id, join_key) do update set
    ts = case when ${table}.ts is null or excluded.ts < ${table}.ts then excluded.ts else ${table}.ts end,
    is_error = case when excluded.is_error > ${table}.is_error then excluded.is_error else ${table}.is_error end`
  await insertRows(transaction, table, 'source_id, transcript_id, join_key, ts, is_error', rows, onConflict)
}
