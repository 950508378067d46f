import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

type Numbers = Record<string, number>
export interface Truth extends Record<string, unknown> {
  tokens?: { dedup?: Numbers; delta?: Numbers }
  'chat_history.jsonl'?: Numbers
}

export const folder = process.env.HANSARD_TRANSCRIPTS ?? ''
export const skip = existsSync(join(folder, 'truth.json'))
  ? false
  : 'HANSARD_TRANSCRIPTS names no folder with a truth.json'
export const truths = skip
  ? {}
  : (JSON.parse(readFileSync(join(folder, 'truth.json'), 'utf8')) as Record<string, Record<string, Truth>>)

/** Failures that the truth passes over: of a command, told beside its output, and in a record of the bare kind. */
const untoldErrors = /"exec_command_end".*"exit_code":[1-9]|^\{[^{]*"type":"error"/m

/** What the truth says of a file, under the names that are reported; undefined where it is no session file. */
export const wantedOf: Record<string, (truth: Truth) => object | undefined> = {
  claude: claudeWanted,
  codex: codexWanted,
  grok: grokWanted,
}

function claudeWanted(truth: Truth): object {
  const { human_prompts, slash_commands, tool_result_errors } = truth as unknown as Numbers
  const { input, output, cache_read, cache_creation } = truth.tokens?.dedup ?? {}
  return {
    ...common(truth as unknown as Numbers),
    userPrompts: (human_prompts ?? 0) + (slash_commands ?? 0),
    toolErrors: tool_result_errors,
    tokens: { inputTokens: input, cacheReadTokens: cache_read, cacheWriteTokens: cache_creation, outputTokens: output },
  }
}

function codexWanted(truth: Truth): object | undefined {
  const { human_prompts, errors } = truth as unknown as Numbers
  if (!truth.tokens?.delta) return undefined
  const { input_tokens: input = 0, cached_input_tokens: cached = 0, output_tokens: output = 0 } = truth.tokens.delta
  return {
    ...common(truth as unknown as Numbers),
    userPrompts: human_prompts,
    toolErrors: errors,
    tokens: { inputTokens: input - cached, cacheReadTokens: cached, cacheWriteTokens: 0, outputTokens: output },
  }
}

function grokWanted(truth: Truth): object {
  const chat = truth['chat_history.jsonl'] ?? {}
  const { human_prompts, assistant_records, tool_result_errors } = chat
  return {
    ...common({ ...chat, assistant_messages: assistant_records ?? 0 }),
    userPrompts: human_prompts,
    toolErrors: tool_result_errors,
  }
}

function common({ records, malformed, assistant_messages, tool_calls, tool_results }: Numbers): object {
  return {
    records,
    malformedLines: malformed,
    assistantMessages: assistant_messages,
    toolCalls: tool_calls,
    toolResults: tool_results,
  }
}

/** Where the truth is known to pass over a failure, what was found of them stands. */
export function withUntoldErrors<Wanted extends { toolErrors?: number }>(
  want: Wanted,
  found: number,
  path: string,
): Wanted {
  const isMore = found > (want.toolErrors ?? 0) && path.endsWith('.jsonl')
  return isMore && untoldErrors.test(readFileSync(path, 'utf8')) ? { ...want, toolErrors: found } : want
}

export function pick(object: object, names: string[]): object {
  return Object.fromEntries(Object.entries(object).filter(([name]) => names.includes(name)))
}
