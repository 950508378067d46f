import type { TranscriptUsage, UsageGrouping } from '../../domain/transcripts/transcript-service.js'
import { type Column, count, estimated, type Output, table } from './output.js'
import { fitted } from './text-layout.js'
import { oneLine } from './tool-texts.js'

/** What the figures take, with their lines. */
const figureWidth = 64
const costWidth = 13
const minGroupWidth = 12

const groupHeads: Record<UsageGrouping, string> = {
  day: 'Day (UTC)',
  project: 'Project',
  domain: 'Domain',
  model: 'Model',
}

const figureColumns: Column<TranscriptUsage>[] = [
  { head: 'Responses', align: 'right', cell: ({ responses }) => count(responses) },
  { head: 'Input', align: 'right', cell: ({ inputTokens }) => count(inputTokens) },
  { head: 'Cache read', align: 'right', cell: ({ cacheReadTokens }) => count(cacheReadTokens) },
  { head: 'Cache write', align: 'right', cell: ({ cacheWriteTokens }) => count(cacheWriteTokens) },
  { head: 'Output', align: 'right', cell: ({ outputTokens }) => count(outputTokens) },
]
const costColumn: Column<TranscriptUsage> = {
  head: 'Cost',
  align: 'right',
  cell: ({ estimatedCostUsd }) => (estimatedCostUsd === null ? '' : estimated(estimatedCostUsd)),
}

/** Usage as a table with its sum; what it cost only where a price is known. */
export function usageText(
  usage: TranscriptUsage[],
  by: UsageGrouping = 'day',
  { width = Number.POSITIVE_INFINITY }: Output,
): string {
  if (usage.length === 0) return 'No usage recorded.'
  const total = usage.reduce(summed)
  const isPriced = total.estimatedCostUsd !== null
  const room = Math.max(width - figureWidth - (isPriced ? costWidth : 0), minGroupWidth)
  const columns: Column<TranscriptUsage>[] = [
    { head: groupHeads[by], cell: ({ group }) => fitted(oneLine(group ?? '(unknown)'), room) },
    ...figureColumns,
    ...(isPriced ? [costColumn] : []),
  ]
  const drawn = table(columns, [...usage, { ...total, group: 'Total' }], { compact: true })
  const isPartly = isPriced && total.unpricedResponses > 0
  return isPartly ? `${drawn}\n${unpricedText(total)}` : drawn
}

const unpricedText = ({ unpricedResponses }: TranscriptUsage) =>
  `The cost leaves out ${count(unpricedResponses, 'response')} of models without a price.`

function summed(one: TranscriptUsage, other: TranscriptUsage): TranscriptUsage {
  const { estimatedCostUsd: cost } = other
  return {
    group: null,
    responses: one.responses + other.responses,
    inputTokens: one.inputTokens + other.inputTokens,
    cacheReadTokens: one.cacheReadTokens + other.cacheReadTokens,
    cacheWriteTokens: one.cacheWriteTokens + other.cacheWriteTokens,
    outputTokens: one.outputTokens + other.outputTokens,
    estimatedCostUsd: cost === null ? one.estimatedCostUsd : (one.estimatedCostUsd ?? 0) + cost,
    unpricedResponses: one.unpricedResponses + other.unpricedResponses,
  }
}
