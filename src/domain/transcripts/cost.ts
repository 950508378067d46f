import type { TokenCounts } from './transcript-reader.js'

/** US dollars for a million tokens of each kind. */
export type ModelPrice = { [Name in keyof TokenCounts]: number }

/** Prices by the name of the model; a name that ends in `*` stands for all that begin so, the longest first. */
export type PriceTable = Readonly<Record<string, ModelPrice>>

/** What responses of one model took together. */
export interface ModelTokens {
  model: string | null
  responses: number
  tokens: TokenCounts
}

/** What is known of a cost: `costNanoUsd` is null where no model has a price. */
export interface EstimatedCost {
  costNanoUsd: number | null
  unpricedResponses: number
}

/** The least that a price can be, above nothing, and the most, in US dollars for a million tokens. */
export const priceBounds = { least: 1e-6, most: 1e6 } as const

export const tokenNames = ['inputTokens', 'cacheReadTokens', 'cacheWriteTokens', 'outputTokens'] as const

/** A price of a millionth of a dollar for a million tokens is a picodollar for one: whole numbers from there on. */
const picosPerNano = 1_000n

/** What no price comes to: what a file claims beyond it is not believed. */
const maxNanos = BigInt(Number.MAX_SAFE_INTEGER)

/** By whole numbers, rounded once. */
export function estimatedCost(spent: readonly ModelTokens[], prices: PriceTable): EstimatedCost {
  let picos = 0n
  let priced = 0
  let unpricedResponses = 0
  for (const { model, responses, tokens } of spent) {
    const price = model === null ? undefined : entryFor(model, prices)
    if (!price) {
      unpricedResponses += responses
      continue
    }
    priced += responses
    for (const name of tokenNames) picos += BigInt(tokens[name]) * BigInt(Math.round(price[name] * 1e6))
  }
  const nanos = (picos + picosPerNano / 2n) / picosPerNano
  const costNanoUsd = priced === 0 ? null : Number(nanos < maxNanos ? nanos : maxNanos)
  return { costNanoUsd, unpricedResponses }
}

/** The entry of exactly this name; else that of the longest name before a `*` that it begins with. */
function entryFor(model: string, prices: PriceTable): ModelPrice | undefined {
  if (Object.hasOwn(prices, model)) return prices[model]
  const patterns = Object.keys(prices).filter((each) => each.endsWith('*') && model.startsWith(each.slice(0, -1)))
  const longest = patterns.sort((one, other) => other.length - one.length)[0]
  return longest === undefined ? undefined : prices[longest]
}
