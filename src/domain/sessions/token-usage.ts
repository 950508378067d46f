/** The token counts of one call or of a whole session. All are non-negative integers. */
export interface TokenCounts {
  /** Input read at full price: without what the cache served or took in. */
  inputTokens: number
  cacheReadTokens: number
  cacheWriteTokens: number
  /** Output, reasoning included. */
  outputTokens: number
  /** The part of `outputTokens` that was reasoning. */
  reasoningTokens: number
}

export const tokenNames = [
  'inputTokens',
  'cacheReadTokens',
  'cacheWriteTokens',
  'outputTokens',
  'reasoningTokens',
] as const

/** Cumulative usage. `estimatedCostUsd` is exact to a nano-dollar: it is stored as integer nano-USD. */
export class TokenUsage implements TokenCounts {
  inputTokens = 0
  cacheReadTokens = 0
  cacheWriteTokens = 0
  outputTokens = 0
  reasoningTokens = 0
  estimatedCostUsd = 0
}

/** What a caller reports: every count left out is 0. */
export interface TokenUsageInput extends Partial<TokenCounts> {
  /** US dollars, not negative, rounded to a nano-dollar. */
  estimatedCostUsd?: number
}

/** One row of a session's usage ledger; a correction's figures may be negative. */
export class UsageEntry extends TokenUsage {
  id!: string
  namespace!: string
  sessionId!: string
  /** Position in the session's ledger: 1, 2, 3 …, given by the store. */
  sequence!: number
  kind!: 'delta' | 'correction'
  model!: string | null
  createdAt!: Date
}

/** Usage summed over the ledger rows of one model, or of one UTC day. */
export interface UsageByModel extends TokenUsage {
  model: string | null
}
export interface UsageByDay extends TokenUsage {
  /** UTC day as `YYYY-MM-DD`. */
  day: string
}
export interface UsageReport {
  total: TokenUsage
  byModel: UsageByModel[]
  byDay: UsageByDay[]
}

const nanoPerUsd = 1_000_000_000

/** The greatest total: from 2^23 dollars on, a number can no longer tell one nano-dollar from the next. */
export const maxNanoUsd = 2 ** 23 * nanoPerUsd - 1

/** By its nearest decimal with nine places: a product would be off by one where totals are great. */
export const toNanoUsd = (usd: number): number => {
  const nano = usd * nanoPerUsd
  return Math.abs(nano) < 2 ** 50 || !Number.isFinite(nano) ? Math.round(nano) : Number(usd.toFixed(9).replace('.', ''))
}
export const fromNanoUsd = (nanoUsd: number): number => nanoUsd / nanoPerUsd

/** The first figure that no session's totals hold exactly; undefined if all do. */
export function unkeptTotal(total: TokenUsage): { name: keyof TokenUsage; total: number } | undefined {
  const name = tokenNames.find((each) => total[each] < 0 || total[each] > Number.MAX_SAFE_INTEGER)
  if (name) return { name, total: total[name] }
  const cost = total.estimatedCostUsd
  return cost < 0 || toNanoUsd(cost) > maxNanoUsd ? { name: 'estimatedCostUsd', total: cost } : undefined
}

/** `a + sign * b`, field by field; cost is added in nano-dollars so that no cent drifts. */
export function addUsage(a: TokenUsage, b: TokenUsage, sign: 1 | -1 = 1): TokenUsage {
  const sum = new TokenUsage()
  for (const name of tokenNames) sum[name] = a[name] + sign * b[name]
  sum.estimatedCostUsd = fromNanoUsd(toNanoUsd(a.estimatedCostUsd) + sign * toNanoUsd(b.estimatedCostUsd))
  return sum
}

export function sameUsage(a: TokenUsage, b: TokenUsage): boolean {
  return (
    tokenNames.every((name) => a[name] === b[name]) && toNanoUsd(a.estimatedCostUsd) === toNanoUsd(b.estimatedCostUsd)
  )
}
