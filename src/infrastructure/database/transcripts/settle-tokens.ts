import { estimatedCost, type ModelTokens, type PriceTable } from '../../../domain/transcripts/cost.js'
import { domainOf } from '../../../domain/transcripts/domain-map.js'
import type { SettledTranscript } from '../../../domain/transcripts/ingest-repository.js'
import { noTokens, type TranscriptFigures } from '../../../domain/transcripts/transcript.js'
import type { TokenCounts } from '../../../domain/transcripts/transcript-reader.js'
import { settingsKey, type TranscriptSettings } from '../../../domain/transcripts/transcript-settings.js'
import type { Database } from '../database.js'
import { holdTranscripts, inChunks, marks } from './saving.js'
import { type TokensRow, tokenColumns, tokenSums, tokensOf } from './transcript-rows.js'

/** Sums of what counts, and what they cost, written to the transcripts that they are of. */
export async function writeTokens(
  transaction: Database,
  ids: string[],
  prices: PriceTable,
): Promise<Map<string, TokenCounts>> {
  const { transcripts } = transaction.tables
  const spent = await spentByModel(transaction, ids)
  const set = [...tokenColumns, 'cost_nano_usd', 'unpriced_responses'].map((column) => `${column} = ?`).join(', ')
  const sums = new Map<string, TokenCounts>()
  for (const id of ids) {
    const models = spent.get(id) ?? []
    const tokens = models.reduce((sum, each) => added(sum, each.tokens), noTokens)
    const { costNanoUsd, unpricedResponses } = estimatedCost(models, prices)
    sums.set(id, tokens)
    const { inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens } = tokens
    await transaction.query(`update ${transcripts} set ${set} where id = ?`, [
      ...[inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens],
      ...[costNanoUsd, unpricedResponses, id],
    ])
  }
  return sums
}

/** Others whose sums have changed with those of the transcripts that were put in order. */
export async function recountedOthers(
  transaction: Database,
  tokens: ReadonlyMap<string, TokenCounts>,
  settled: ReadonlySet<string>,
): Promise<SettledTranscript[]> {
  const others = [...tokens.keys()].filter((id) => !settled.has(id))
  const rows = await inChunks(others, (chunk) =>
    transaction.query<{ id: string; uid: string; figures: string }>(
      `select id, uid, figures from ${transaction.tables.transcripts} where id in (${marks(chunk)})`,
      chunk,
    ),
  )
  return rows.map(({ id, uid, figures }) => {
    const counted = { ...(JSON.parse(figures) as TranscriptFigures), tokens: tokens.get(id) ?? { ...noTokens } }
    return { id, uid, figures: counted, isOther: true }
  })
}

async function spentByModel(transaction: Database, ids: string[]): Promise<Map<string, ModelTokens[]>> {
  const rows = await transaction.query<
    TokensRow & { transcript_id: string; model: string | null; responses: string | number }
  >(
    `select transcript_id, model, count(*) as responses, ${tokenSums('u')} from ${transaction.tables.transcriptUsages} u
     where transcript_id in (${marks(ids)}) and is_counted = 1 group by transcript_id, model`,
    ids,
  )
  const spent = new Map<string, ModelTokens[]>()
  for (const { transcript_id, model, responses, ...row } of rows) {
    const models = spent.get(transcript_id) ?? []
    spent.set(transcript_id, models)
    models.push({ model, responses: Number(responses), tokens: tokensOf(row) })
  }
  return spent
}

const added = (one: TokenCounts, other: TokenCounts): TokenCounts => ({
  inputTokens: one.inputTokens + other.inputTokens,
  cacheReadTokens: one.cacheReadTokens + other.cacheReadTokens,
  cacheWriteTokens: one.cacheWriteTokens + other.cacheWriteTokens,
  outputTokens: one.outputTokens + other.outputTokens,
})

/**
 * The event that carries the tokens of a response that counts: the first of its message; where none is known,
 * the assistant's last event before it, else the last event before it, else the first one.
 */
export async function placeTokens(transaction: Database, ids: string[]): Promise<void> {
  const { transcriptEvents: events, transcriptUsages: usages } = transaction.tables
  const those = `transcript_id in (${marks(ids)})`
  const before = 'partition by transcript_id order by at, is_usage, seq rows unbounded preceding'
  await transaction.query(
    `with told as (
       select transcript_id, coalesce(ts, 0) as at, 0 as is_usage, seq, case when role = 'assistant' then seq end as answer,
         message_key, null as source_id, null as usage_key, 0 as is_counted from ${events} where ${those} and seq is not null
       union all
       select transcript_id, coalesce(at, 0), 1, null, null, message_key, source_id, usage_key, is_counted
         from ${usages} where ${those}
     ), placed as (
       select is_usage, source_id, transcript_id, usage_key, case when is_counted = 1 then coalesce(
         case when message_key is not null then min(seq) over (partition by transcript_id, message_key) end,
         max(answer) over (${before}), max(seq) over (${before}), min(seq) over (partition by transcript_id)) end as event_seq
       from told
     )
     update ${usages} as u set event_seq = p.event_seq from placed p
     where p.is_usage = 1 and u.source_id = p.source_id and u.transcript_id = p.transcript_id and u.usage_key = p.usage_key
       and coalesce(u.event_seq, 0) <> coalesce(p.event_seq, 0)`,
    [...ids, ...ids],
  )
}

/** Domains and costs by these settings, where others gave them. */
export async function revalueTranscripts(
  transaction: Database,
  ids: string[],
  { namespace, settings }: { namespace: string; settings: TranscriptSettings },
): Promise<void> {
  const { transcripts } = transaction.tables
  await holdTranscripts(transaction, namespace)
  const rows = await transaction.query<{ id: string; cwd: string | null }>(
    `select id, cwd from ${transcripts} where id in (${marks(ids)})`,
    ids,
  )
  await writeTokens(transaction, ids, settings.prices)
  const key = settingsKey(settings)
  for (const { id, cwd } of rows) {
    const values = [domainOf(cwd, settings.domains), key, id]
    await transaction.query(`update ${transcripts} set domain = ?, valued_by = ? where id = ?`, values)
  }
}
