import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TranscriptReader } from '../src/domain/transcripts/transcript-reader.js'
import { ClaudeReader } from '../src/infrastructure/readers/claude-reader.js'
import { CodexReader } from '../src/infrastructure/readers/codex-reader.js'
import { GrokReader } from '../src/infrastructure/readers/grok-reader.js'
import { readAll, type Tally, tally } from './transcript-tally.js'

type Numbers = Record<string, number>
interface Truth extends Record<string, unknown> {
  tokens?: { dedup?: Numbers; delta?: Numbers }
  'chat_history.jsonl'?: Numbers
}

const folder = process.env.HANSARD_TRANSCRIPTS ?? ''
const skip = existsSync(join(folder, 'truth.json')) ? false : 'HANSARD_TRANSCRIPTS names no folder with a truth.json'
const truths = skip
  ? {}
  : (JSON.parse(readFileSync(join(folder, 'truth.json'), 'utf8')) as Record<string, Record<string, Truth>>)

/** Failures that the truth passes over: of a command, told beside its output, and in a record of the bare kind. */
const untoldErrors = /"exec_command_end".*"exit_code":[1-9]|^\{[^{]*"type":"error"/m

const flavors: Record<string, { reader: TranscriptReader; wanted(truth: Truth): Partial<Tally> | undefined }> = {
  claude: { reader: new ClaudeReader(), wanted: claudeWanted },
  codex: { reader: new CodexReader(), wanted: codexWanted },
  grok: { reader: new GrokReader(), wanted: grokWanted },
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

async function reported(reader: TranscriptReader, path: string): Promise<{ tally: Tally; isRefused: boolean }> {
  const source = await reader.identify(path)
  assert.ok(source, 'was not recognised')
  const { records, pendingLines } = await readAll(reader, source)
  const whole = tally(records)
  return {
    tally: { ...whole, malformedLines: whole.malformedLines + pendingLines },
    isRefused: source.refusal !== undefined,
  }
}

test('the files of other agents are recognised by none', { skip }, async () => {
  for (const { reader } of Object.values(flavors)) {
    for await (const { path } of reader.discover({ home: '', environment: {}, paths: [join(folder, 'other')] }))
      assert.fail(`${reader.flavor} takes ${path} for its own`)
  }
})

for (const [flavor, { reader, wanted }] of Object.entries(flavors)) {
  test(`${flavor}: every file is reported as it is`, { skip }, async (t) => {
    for (const [name, truth] of Object.entries(truths[flavor] ?? {})) {
      const path = join(folder, flavor, name)
      if (!existsSync(path)) continue
      await t.test(name, async () => {
        const { tally: got, isRefused } = await reported(reader, path)
        const want = wanted(truth)
        if (!want) assert.ok(isRefused, 'is no session file')
        else assert.deepEqual(pick(got, Object.keys(want)), withUntoldErrors(want, got, path))
      })
    }
  })
}

function withUntoldErrors(want: Partial<Tally>, got: Tally, path: string): Partial<Tally> {
  const isMore = got.toolErrors > (want.toolErrors ?? 0) && path.endsWith('.jsonl')
  return isMore && untoldErrors.test(readFileSync(path, 'utf8')) ? { ...want, toolErrors: got.toolErrors } : want
}

function pick(object: object, names: string[]): object {
  return Object.fromEntries(Object.entries(object).filter(([name]) => names.includes(name)))
}
