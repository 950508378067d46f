import { estimatedCost, type ModelTokens, type PriceTable } from '../../../domain/transcripts/cost.js'
import type { UsageQuery } from '../../../domain/transcripts/transcript-repository.js'
import type { TranscriptUsage } from '../../../domain/transcripts/transcript-service.js'
import type { Database } from '../database.js'
import { equal, within } from './conditions.js'
import { type TokensRow, tokenSums, tokensOf, usdOf } from './transcript-rows.js'

const day = 86_400_000
const groups = { day: `u.at / ${day}`, project: 't.project', domain: 't.domain', model: 'u.model' }

interface UsageRow extends TokensRow {
  grouped: string | number | null
  model: string | null
  responses: string | number
}

/** Responses that count, summed by group; what they cost follows from their models. */
export async function transcriptUsage(
  database: Database,
  namespace: string,
  { since, until, by, project, domain, prices }: UsageQuery & { prices: PriceTable },
): Promise<TranscriptUsage[]> {
  const { transcriptUsages, transcripts } = database.tables
  const conditions = [
    ...equal({ 'u.namespace': namespace, 'u.is_counted': 1, 't.project': project, 't.domain': domain }),
    ...within('u.at', since, until),
  ]
  const rows = await database.query<UsageRow>(
    `select ${groups[by]} as grouped, u.model, count(*) as responses, ${tokenSums('u')}
     from ${transcriptUsages} u join ${transcripts} t on t.id = u.transcript_id
     where ${conditions.map(([sql]) => sql).join(' and ')} group by 1, u.model`,
    conditions.flatMap(([, ...parameters]) => parameters),
  )
  const spent = new Map<string | null, ModelTokens[]>()
  for (const { grouped, model, responses, ...tokens } of rows) {
    const group = by === 'day' ? dayOf(grouped) : (grouped as string | null)
    spent.set(group, [...(spent.get(group) ?? []), { model, responses: Number(responses), tokens: tokensOf(tokens) }])
  }
  const usages = [...spent].map(([group, models]) => usageOf(group, models, prices))
  return usages.sort(by === 'day' ? byGroup : (one, other) => tokensIn(other) - tokensIn(one) || byGroup(one, other))
}

/** What has no name, or no day, is the last. */
function byGroup({ group: one }: TranscriptUsage, { group: other }: TranscriptUsage): number {
  if (one === null || other === null) return Number(one === null) - Number(other === null)
  return one < other ? -1 : 1
}

const tokensIn = ({ inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens }: TranscriptUsage) =>
  inputTokens + cacheReadTokens + cacheWriteTokens + outputTokens

const dayOf = (grouped: string | number | null) =>
  grouped === null ? null : new Date(Number(grouped) * day).toISOString().slice(0, 10)

function usageOf(group: string | null, models: ModelTokens[], prices: PriceTable): TranscriptUsage {
  const { costNanoUsd, unpricedResponses } = estimatedCost(models, prices)
  const sum = (of: (each: ModelTokens) => number) => models.reduce((total, each) => total + of(each), 0)
  return {
    group,
    responses: sum(({ responses }) => responses),
    inputTokens: sum(({ tokens }) => tokens.inputTokens),
    cacheReadTokens: sum(({ tokens }) => tokens.cacheReadTokens),
    cacheWriteTokens: sum(({ tokens }) => tokens.cacheWriteTokens),
    outputTokens: sum(({ tokens }) => tokens.outputTokens),
    estimatedCostUsd: costNanoUsd === null ? null : usdOf(costNanoUsd),
    unpricedResponses,
  }
}
