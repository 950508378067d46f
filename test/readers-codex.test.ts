import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TranscriptRecord } from '../src/domain/transcripts/transcript-reader.js'
import { ClaudeReader } from '../src/infrastructure/readers/claude/claude-reader.js'
import { CodexReader } from '../src/infrastructure/readers/codex/codex-reader.js'
import { eventsOf, file, found, lines, newFolder, recordsOf, told } from './reader-files.js'
import { testOnBoth } from './test-store.js'
import { transcriptStore } from './transcript-store.js'
import { tally } from './transcript-tally.js'

const id = '01997e76-0000-7000-8000-000000000001'
const parentId = '01997e76-0000-7000-8000-000000000000'
const rollout = (session = id) => `rollout-2026-01-02T03-04-05-${session}.jsonl`
const reader = new CodexReader()
let clock = 0
const line = (type: string, payload: object) => ({
  timestamp: new Date(Date.UTC(2026, 0, 1) + 1000 * clock++).toISOString(),
  type,
  payload,
})
const meta = (more: object = {}) => line('session_meta', { id, cwd: '/work', cli_version: '0.150.0', ...more })
const item = (payload: object) => line('response_item', payload)
const event = (type: string, more: object = {}) => line('event_msg', { type, ...more })
const turn = (turn_id: string) => event('task_started', { turn_id })
const says = (role: string, text: string) => item({ type: 'message', role, content: [{ type: 'text', text }] })
const totals = (input_tokens: number, cached_input_tokens: number, output_tokens: number) =>
  event('token_count', { info: { total_token_usage: { input_tokens, cached_input_tokens, output_tokens } } })
const session = (...records: unknown[]) => recordsOf(reader, file(rollout(), lines(...records)))
const tokens = (inputTokens: number, cacheReadTokens: number, outputTokens: number) => ({
  inputTokens,
  cacheReadTokens,
  cacheWriteTokens: 0,
  outputTokens,
})

test('tokens are what the counters grew by; they are told again, and begin anew', async () => {
  const last = { last_token_usage: { input_tokens: 5, output_tokens: 1 } }
  const records = await session(
    meta(),
    totals(100, 40, 10),
    totals(100, 40, 10),
    event('token_count', { info: null, rate_limits: {} }),
    totals(250, 90, 30),
    totals(60, 20, 5),
    event('token_count', { info: last }),
    totals(80, 20, 9),
  )
  assert.deepEqual(tally(records).tokens, tokens(250 + 80 + 5 - 110, 110, 30 + 9 + 1))
})

test('a turn whose responses are recorded one by one is counted by those records', async () => {
  const spent = (response_id: string, input_tokens: number) =>
    line('token_usage_record', { response_id, thread_id: id, usage: { input_tokens, output_tokens: 1 } })
  const records = await session(
    meta(),
    turn('t1'),
    totals(100, 0, 10),
    turn('t2'),
    totals(400, 0, 40),
    spent('r1', 120),
    spent('r2', 130),
    spent('r2', 130),
  )
  assert.deepEqual(tally(records).tokens, tokens(350, 0, 12))
})

test('a message told twice is one: prompts by the event, answers by the item, either by what there is', async () => {
  const both = await session(
    meta(),
    says('user', '<environment_context>x</environment_context>'),
    says('user', 'fix it'),
    event('user_message', { message: 'fix it' }),
    event('agent_reasoning', { text: 'thinking' }),
    item({ type: 'reasoning', summary: [{ type: 'summary_text', text: 'thinking' }], encrypted_content: 'secret' }),
    says('assistant', 'done'),
    event('agent_message', { message: 'done' }),
  )
  const { userPrompts, assistantMessages, kinds } = tally(both)
  assert.deepEqual([userPrompts, assistantMessages, kinds.thinking, kinds.lifecycle], [1, 1, 1, 1])
  assert.ok(!JSON.stringify(both).includes('secret'))
  const events = tally(
    await session(meta(), event('user_message', { message: 'x' }), event('agent_message', { message: 'y' })),
  )
  const items = tally(await session(meta(), says('user', 'x'), says('assistant', 'y')))
  assert.deepEqual([events.userPrompts, events.assistantMessages], [1, 1])
  assert.deepEqual([items.userPrompts, items.assistantMessages], [1, 1])
})

test('what one agent writes to another is no message of the assistant', async () => {
  const written = { author: '/root', recipient: '/root/helper', content: [{ type: 'input_text', text: 'go on' }] }
  const records = await session(meta(), item({ type: 'agent_message', ...written }), says('assistant', 'done'))
  const { assistantMessages, kinds } = tally(records)
  assert.deepEqual([assistantMessages, kinds.lifecycle, kinds.assistant_msg], [1, 1, 1])
})

testOnBoth('a prompt is what the user asked, without what the editor had open', async (store) => {
  const asked = 'mend it\n## My request for Codex:\nis a heading'
  const prompt = `# Context from my IDE setup:\n\n## Open tabs:\n- a.ts\n\n## My request for Codex:\n${asked}\n`
  const content = lines(
    meta(),
    says('user', prompt),
    event('user_message', { message: prompt }),
    says('assistant', 'ok'),
  )
  const path = file(rollout(), content)
  const prompts = eventsOf(await recordsOf(reader, path)).filter(({ kind }) => kind === 'user_msg')
  assert.deepEqual(
    prompts.map(({ body }) => body),
    [asked, asked],
  )
  const transcripts = await transcriptStore(store)
  await transcripts.ingest({ paths: [path] })
  assert.equal((await transcripts.digest(`codex:${id}`))?.firstPrompt, asked)
})

test('calls are paired by call_id, and fail by what their output or an event says', async () => {
  const call = (call_id: string, command: string) =>
    item({
      type: 'function_call',
      name: 'shell',
      arguments: JSON.stringify({ command: ['bash', '-lc', command] }),
      call_id,
    })
  const output = (call_id: string, text: unknown) => item({ type: 'function_call_output', call_id, output: text })
  const records = await session(
    meta(),
    call('c1', 'ls'),
    output('c1', JSON.stringify({ output: 'not there', metadata: { exit_code: 2 } })),
    call('c2', 'pytest -q'),
    output('c2', 'Chunk ID: 1\nWall time: 0.1 seconds\nProcess exited with code 1\nOutput:\n'),
    call('c3', 'cat log'),
    output('c3', 'Exit code: 0\nWall time: 1\nOutput:\nExit code: 1'),
    item({ type: 'custom_tool_call', name: 'apply_patch', input: '*** Begin Patch', call_id: 'c4' }),
    event('patch_apply_end', { call_id: 'c4', success: false }),
    item({ type: 'custom_tool_call_output', call_id: 'c4', output: 'no such hunk' }),
    item({ type: 'web_search_call', id: 'w', action: { query: 'x' } }),
    output('c1', [{ type: 'input_text', text: 'again' }]),
  )
  const { toolCalls, toolResults, toolErrors, kinds } = tally(records)
  assert.deepEqual([toolCalls, toolResults, toolErrors], [5, 5, 3])
  assert.deepEqual(kinds, { tool_call: 3, error: 3, test_run: 1, tool_result: 2, edit: 1 })
  assert.equal(eventsOf(records)[1]?.body, 'not there')
})

test('the bare lines of 2025 are read like those in envelopes, also in one file with them', async () => {
  const timestamp = '2025-06-01T00:00:00Z'
  const content = lines(
    { id, timestamp, instructions: null, git: { branch: 'main' } },
    { record_type: 'state' },
    { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'bare' }] },
    { type: 'function_call', name: 'shell', arguments: '{}', call_id: 'c' },
    { type: 'function_call_output', call_id: 'c', output: 'ok' },
    { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'answer' }] },
    { timestamp, role: 'user', content: 'flat' },
    { timestamp, type: 'error', text: 'broken' },
    says('assistant', 'in an envelope'),
  )
  const records = await recordsOf(reader, file('sessions.jsonl', content))
  const { userPrompts, assistantMessages, toolCalls, toolResults, unknownTypes } = tally(records)
  assert.deepEqual([userPrompts, assistantMessages, toolCalls, toolResults, unknownTypes], [2, 2, 1, 1, 0])
  assert.deepEqual(records[0]?.session, { startedAt: '2025-06-01T00:00:00.000Z', gitBranch: 'main' })
  assert.ok(records.every(({ sessionId }) => sessionId === id))
})

test('bare lines may name their time and their words otherwise', async () => {
  const at = (second: number) => ({ created_at: `2025-09-10T12:00:0${second}Z` })
  const records = await recordsOf(
    reader,
    file(
      rollout(),
      lines(
        { ...at(0), role: 'user', message: 'Say hello' },
        { ...at(1), type: 'function_call', function: { name: 'translate' }, arguments: { text: 'hello' } },
        { ...at(2), type: 'function_result', name: 'translate', result: 'hola' },
        { ...at(3), role: 'assistant', content: 'hola' },
      ),
    ),
  )
  assert.deepEqual(told(records), [
    'user_msg Say hello',
    'tool_call {"text":"hello"}',
    'tool_result hola',
    'assistant_msg hola',
  ])
  assert.equal(eventsOf(records)[2]?.ts, '2025-09-10T12:00:02.000Z')
})

test('bare lines that name their session are not of Codex', async () => {
  const line = { type: 'message', sessionId: 'other-1', timestamp: 1767225600, role: 'user', content: 'Say hello' }
  assert.equal(await reader.identify(file('session.jsonl', lines(line))), undefined)
})

test('what happened beside the talk is told, and unknown types are counted', async () => {
  const records = await session(
    meta(),
    turn('t1'),
    line('turn_context', { turn_id: 't1', model: 'gpt', cwd: '/work' }),
    event('error', { message: 'limit reached' }),
    event('turn_aborted', { reason: 'interrupted' }),
    event('stream_error', { message: 'retrying 1/5' }),
    line('compacted', { message: 'short', replacement_history: [{ role: 'user', content: 'old' }] }),
    event('from_the_future'),
    line('also_unknown', {}),
    item({ type: 'telepathy' }),
    event('task_complete', { last_agent_message: 'echo' }),
  )
  assert.deepEqual(told(records), [
    'lifecycle task_started',
    'error limit reached',
    'human_intervention interrupted',
    'retry retrying 1/5',
    'lifecycle short',
    'completion task_complete',
  ])
  assert.deepEqual([tally(records).unknownTypes, tally(records).toolErrors], [3, 1])
})

const parent = () =>
  lines(
    meta({ id: parentId }),
    turn('p1'),
    event('user_message', { message: 'first' }),
    says('assistant', 'one'),
    totals(100, 10, 10),
    turn('p2'),
    event('user_message', { message: 'second' }),
    totals(300, 30, 20),
  )
const fork = (own: unknown[]) => lines(meta({ forked_from_id: parentId })) + parent() + lines(...own)
const ownTurn = [turn('f1'), event('user_message', { message: 'own' }), says('assistant', 'two'), totals(450, 40, 25)]

test('of a fork only what is its own counts, whichever file is read first', async () => {
  const old = await recordsOf(reader, file(rollout(parentId), parent()))
  const forked = await recordsOf(reader, file(rollout(), fork(ownTurn)))
  const only = (records: TranscriptRecord[]) => tally(records)
  assert.deepEqual(only([...old, ...forked]), only([...forked, ...old]))
  assert.deepEqual(only([...old, ...forked]).tokens, tokens(450 - 40, 40, 25))
  assert.deepEqual(only([...old, ...forked]).userPrompts, 3)
  assert.deepEqual([forked[0]?.session?.parentSessionId, forked.at(-1)?.copiedFrom], [parentId, parentId])
  assert.equal(only(forked).userPrompts, 3, 'without its parent all of it counts')
})

test('a fork that names no turns counts whole, beside its parent too', async () => {
  const old = lines(meta({ id: parentId }), event('user_message', { message: 'first' }), totals(100, 0, 1))
  const parentRecords = await recordsOf(reader, file(rollout(parentId), old))
  const forked = await recordsOf(reader, file(rollout(), lines(meta({ forked_from_id: parentId })) + old))
  assert.equal(tally([...parentRecords, ...forked]).userPrompts, 2)
})

test('an agent that was started without history has nothing copied', async () => {
  const source = { subagent: { thread_spawn: { parent_thread_id: parentId, depth: 1 } } }
  const records = await session(meta({ source }), ...ownTurn)
  assert.equal(records[0]?.session?.parentSessionId, parentId)
  assert.ok(records.every(({ copiedFrom }) => copiedFrom === undefined))
})

test('rollouts are found once: active before archived, plain before compressed', async () => {
  const home = newFolder()
  const content = lines(meta())
  file(`.codex/archived_sessions/${rollout()}`, content, home)
  file(`.codex/sessions/2026/01/02/${rollout()}`, content, home)
  file(`.codex/sessions/2026/01/02/${rollout()}.zst`, 'compressed', home)
  file('.codex/history.jsonl', content, home)
  file(`other/archived_sessions/${rollout(parentId)}`, content, home)
  const names = async (environment: Record<string, string>) =>
    (await found(reader, { home, environment })).map(({ path }) => path.slice(home.length + 1))
  assert.deepEqual(await names({}), [`.codex/sessions/2026/01/02/${rollout()}`])
  assert.deepEqual(await names({ CODEX_HOME: `${home}/other` }), [`other/archived_sessions/${rollout(parentId)}`])
})

test('a rollout that begins with nothing to read is known by its name', async () => {
  const source = await reader.identify(file(rollout(), `\0\0\n${lines(meta())}`.slice(0, 3)))
  assert.deepEqual([source?.sessionId, source?.refusal], [id, undefined])
})

test('what `codex exec --json` prints is recognised and refused', async () => {
  const printed = file('out.jsonl', lines({ type: 'thread.started', thread_id: id }, { type: 'turn.started' }))
  assert.match((await reader.identify(printed))?.refusal ?? '', /codex exec --json/)
})

test('a damaged rollout is known by its name, whatever is left of it or was spliced into it', async () => {
  const name = 'rollout-2025-08-01T10-00-00-01997e76-d124-7592-9cac-2ec05abbca08.jsonl'
  const call = { type: 'function_call', name: 'shell', call_id: 'c1', arguments: '{"command":["ls"]}' }
  const foreign = { type: 'user', uuid: 'u', sessionId: 's', message: { role: 'user', content: 'hi' } }
  const path = file(name, `me":"shell"}\n${lines(call, foreign)}`)
  assert.deepEqual(told(await recordsOf(new CodexReader(), path)), ['tool_call {"command":["ls"]}'])
  assert.equal(await new ClaudeReader().identify(path), undefined)
})
