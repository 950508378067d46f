import {
  addUsage,
  fromNanoUsd,
  maxNanoUsd,
  TokenUsage,
  toNanoUsd,
  UsageEntry,
} from '../../../domain/sessions/token-usage.js'

export const tokenColumns =
  'input_tokens, cache_read_tokens, cache_write_tokens, output_tokens, reasoning_tokens, cost_nano_usd'

export const usageColumns = `id, namespace, session_id, sequence, kind, model, ${tokenColumns}, created_at`

export interface TokenRow {
  input_tokens: number | string
  cache_read_tokens: number | string
  cache_write_tokens: number | string
  output_tokens: number | string
  reasoning_tokens: number | string
  cost_nano_usd: number | string
}

export interface UsageRow extends TokenRow {
  id: string
  namespace: string
  session_id: string
  sequence: number
  kind: 'delta' | 'correction'
  model: string | null
  created_at: number | string
}

/** Sums come back as strings or null from some drivers. */
export function readTokens<T extends TokenUsage>(into: T, row: TokenRow): T {
  into.inputTokens = Number(row.input_tokens)
  into.cacheReadTokens = Number(row.cache_read_tokens)
  into.cacheWriteTokens = Number(row.cache_write_tokens)
  into.outputTokens = Number(row.output_tokens)
  into.reasoningTokens = Number(row.reasoning_tokens)
  into.estimatedCostUsd = fromNanoUsd(Number(row.cost_nano_usd))
  return into
}

export function usageFromRow(row: UsageRow): UsageEntry {
  const entry = readTokens(new UsageEntry(), row)
  entry.id = row.id
  entry.namespace = row.namespace
  entry.sessionId = row.session_id
  entry.sequence = row.sequence
  entry.kind = row.kind
  entry.model = row.model
  entry.createdAt = new Date(Number(row.created_at))
  return entry
}

export function tokenParameters(usage: TokenUsage): number[] {
  return [
    usage.inputTokens,
    usage.cacheReadTokens,
    usage.cacheWriteTokens,
    usage.outputTokens,
    usage.reasoningTokens,
    toNanoUsd(usage.estimatedCostUsd),
  ]
}

export function usageParameters(entry: UsageEntry, sequence: number): unknown[] {
  const { id, namespace, sessionId, kind, model } = entry
  return [id, namespace, sessionId, sequence, kind, model, ...tokenParameters(entry), entry.createdAt.getTime()]
}

/** Added to the `set` of a session's update when tokens were spent; takes `spentParameters`. */
export const spentColumns = `, usage_count = usage_count + ?, input_tokens = input_tokens + ?,
      cache_read_tokens = cache_read_tokens + ?, cache_write_tokens = cache_write_tokens + ?,
      output_tokens = output_tokens + ?, reasoning_tokens = reasoning_tokens + ?, cost_nano_usd = cost_nano_usd + ?`

export function spentParameters(entries: UsageEntry[]): number[] {
  // Within 64 bits even where the conditions below let nothing through.
  const sums = tokenParameters(sumOf(entries)).map((sum) => Math.min(sum, Number.MAX_SAFE_INTEGER))
  return [entries.length, ...sums]
}

/** Stands in the `where` of such an update, so that no total leaves what it holds exactly; takes `roomParameters`. */
export const roomConditions = ` and input_tokens <= ? and cache_read_tokens <= ? and cache_write_tokens <= ?
      and output_tokens <= ? and reasoning_tokens <= ? and cost_nano_usd <= ?`

/** What the totals may be before, so that they can take the entries. */
export function roomParameters(entries: UsageEntry[]): number[] {
  const { MAX_SAFE_INTEGER: most } = Number
  return tokenParameters(sumOf(entries)).map((spent, index) => {
    const limit = index === 5 ? maxNanoUsd : most
    // Sums beyond what a number holds find room nowhere; a correction that takes away, everywhere.
    return Math.max(-1, Math.min(limit, limit - spent))
  })
}

export const sumOf = (entries: UsageEntry[]): TokenUsage =>
  entries.reduce<TokenUsage>((sum, entry) => addUsage(sum, entry), new TokenUsage())
