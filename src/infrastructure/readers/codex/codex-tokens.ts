import type { TokenCounts } from '../../../domain/transcripts/transcript-reader.js'
import { tokenCount } from '../event-text.js'
import { isObject, type JsonRecord } from '../json-line.js'

/** As Codex counts: what was read from the cache is part of the input. */
export interface CodexTokens {
  input: number
  cached: number
  output: number
}

export const noTokens: CodexTokens = { input: 0, cached: 0, output: 0 }

export function codexTokens(usage: JsonRecord): CodexTokens {
  const { input_tokens, cached_input_tokens, output_tokens } = usage
  return { input: tokenCount(input_tokens), cached: tokenCount(cached_input_tokens), output: tokenCount(output_tokens) }
}

/**
 * What a `token_count` adds. Its totals grow over the file, are told again unchanged, and begin anew when
 * the agent is resumed or compacts: a counter that fell has all that it says to add.
 *
 * @param totals the last ones told; changed to those told here
 */
export function tokensAdded(info: JsonRecord, totals: CodexTokens): CodexTokens {
  const { total_token_usage: total, last_token_usage: last } = info
  if (!isObject(total)) return isObject(last) ? codexTokens(last) : noTokens
  const now = codexTokens(total)
  const since = (name: keyof CodexTokens) => (now[name] < totals[name] ? now[name] : now[name] - totals[name])
  const added = { input: since('input'), cached: since('cached'), output: since('output') }
  Object.assign(totals, now)
  return added
}

export function tokenCounts({ input, cached, output }: CodexTokens): TokenCounts {
  return {
    inputTokens: Math.max(0, input - cached),
    cacheReadTokens: cached,
    cacheWriteTokens: 0,
    outputTokens: output,
  }
}
