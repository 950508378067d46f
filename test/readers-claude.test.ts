import assert from 'node:assert/strict'
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { ClaudeReader } from '../src/infrastructure/readers/claude/claude-reader.js'
import { eventsOf, file, found, lines, newFolder, recordsOf, told } from './reader-files.js'
import { tally } from './transcript-tally.js'

const id = '0a1b2c3d-0000-4000-8000-000000000001'
const reader = new ClaudeReader()
let clock = 0
const record = (type: string, fields: object) => ({
  type,
  sessionId: id,
  timestamp: new Date(Date.UTC(2026, 0, 1) + 1000 * clock++).toISOString(),
  ...fields,
})
const user = (uuid: string, content: unknown, fields: object = {}) =>
  record('user', { uuid, message: { role: 'user', content }, ...fields })
const assistant = (uuid: string, message: object, fields: object = {}) =>
  record('assistant', { uuid, message: { role: 'assistant', model: 'opus', ...message }, ...fields })
const usage = (output_tokens: number, input_tokens = 10) => ({
  input_tokens,
  output_tokens,
  cache_read_input_tokens: 5,
  cache_creation_input_tokens: 3,
})
const session = (...records: unknown[]) => recordsOf(reader, file(`${id}.jsonl`, lines(...records)))

test('one response in several records counts its tokens once, at their greatest', async () => {
  const records = await session(
    assistant(
      'a',
      { id: 'm1', content: [{ type: 'thinking', thinking: '', signature: 'secret' }], usage: usage(5) },
      { requestId: 'r' },
    ),
    assistant('b', { id: 'm1', content: [{ type: 'text', text: 'hi' }], usage: usage(631) }, { requestId: 'r' }),
    assistant(
      'c',
      { id: 'm1', content: [{ type: 'tool_use', id: 't', name: 'Read', input: {} }], usage: usage(5) },
      { requestId: 'r' },
    ),
    assistant('d', { id: 'm2', content: [{ type: 'text', text: 'no request' }], usage: usage(7) }),
    assistant('e', { id: 'm2', content: [{ type: 'text', text: 'no request' }], usage: usage(7) }),
    assistant('f', { id: 'm3', model: '<synthetic>', content: [{ type: 'text', text: 'made up' }], usage: usage(99) }),
  )
  const { assistantMessages, toolCalls, tokens } = tally(records)
  assert.deepEqual([assistantMessages, toolCalls], [3, 1])
  assert.deepEqual(tokens, { inputTokens: 20, cacheReadTokens: 10, cacheWriteTokens: 6, outputTokens: 638 })
  assert.ok(!JSON.stringify(records).includes('secret'))
})

test('tokens are whole numbers: anything else counts nothing', async () => {
  const odd = {
    input_tokens: '12',
    output_tokens: -5,
    cache_read_input_tokens: 1.5,
    cache_creation_input_tokens: -0.5,
  }
  const lifetimes = { cache_creation: { ephemeral_5m_input_tokens: 2, ephemeral_1h_input_tokens: 3 } }
  const records = await session(
    assistant('a', { id: 'm1', content: [], usage: odd }),
    assistant('b', { id: 'm2', content: [], usage: lifetimes }),
  )
  assert.deepEqual(tally(records).tokens, { inputTokens: 12, cacheReadTokens: 0, cacheWriteTokens: 5, outputTokens: 0 })
})

test('a side conversation that replays a message of the main one adds no tokens', async () => {
  const message = { id: 'm1', content: [{ type: 'text', text: 'x' }], usage: usage(100) }
  const records = await session(
    assistant('a', message, { requestId: 'r1', isSidechain: true }),
    assistant('b', { ...message, usage: usage(40) }, { requestId: 'r2' }),
    assistant('c', { ...message, id: 'm2', usage: usage(3) }, { requestId: 'r3', isSidechain: true }),
  )
  assert.equal(tally(records).tokens.outputTokens, 43)
})

test('a copy of a session counts its tokens once, in whatever order the files are read', async () => {
  const shared = [user('u', 'go'), assistant('a', { id: 'm1', content: [], usage: usage(50) }, { requestId: 'r' })]
  const fork = '0a1b2c3d-0000-4000-8000-000000000002'
  const copied = shared.map((each) => ({ ...each, sessionId: fork }))
  const added = assistant('b', { id: 'm2', content: [], usage: usage(8) }, { requestId: 's', sessionId: fork })
  const [first, second] = [
    await session(...shared),
    await recordsOf(reader, file(`${fork}.jsonl`, lines(...copied, added))),
  ]
  assert.equal(tally([...first, ...second]).tokens.outputTokens, 58)
  assert.deepEqual(tally([...second, ...first]), tally([...first, ...second]))
  assert.deepEqual([first[0]?.sourceKey, first[0]?.sessionId], [second[0]?.sourceKey, id])
})

test('only what a person wrote is a prompt', async () => {
  const records = await session(
    user('1', 'plain'),
    user('2', [
      { type: 'text', text: 'with an image' },
      { type: 'image', source: { data: 'x'.repeat(9999) } },
    ]),
    user(
      '3',
      '<command-name>/review</command-name>\n<command-message>m</command-message><command-args>now</command-args>',
    ),
    user('4', '<ide_opened_file>a.ts</ide_opened_file>\n<system-reminder>x</system-reminder>behind prefaces'),
    user('5', '<local-command-stdout>out</local-command-stdout>'),
    user('6', 'Caveat: generated'),
    user('7', '<task-notification>done</task-notification>'),
    user('8', '<system-reminder>alone</system-reminder>'),
    user('9', 'hidden', { isMeta: true }),
    user('10', 'summary', { isCompactSummary: true }),
    user('11', 'of an agent', { isSidechain: true }),
    user('12', '<bash-input>ls</bash-input>'),
    user('13', '[Request interrupted by user for tool use]'),
    record('attachment', { uuid: '14', attachment: { type: 'queued_command', prompt: 'one more thing' } }),
    record('attachment', { uuid: '15', attachment: { type: 'queued_command', prompt: '<task-notification>x' } }),
  )
  assert.equal(tally(records).userPrompts, 4)
  assert.deepEqual(told(records), [
    'user_msg plain',
    'user_msg with an image\n[image]',
    'user_msg /review now',
    'user_msg behind prefaces',
    'lifecycle <local-command-stdout>out</local-command-stdout>',
    'lifecycle Caveat: generated',
    'lifecycle <task-notification>done</task-notification>',
    'lifecycle <system-reminder>alone</system-reminder>',
    'lifecycle hidden',
    'lifecycle summary',
    'user_msg of an agent',
    'human_intervention ls',
    'human_intervention [Request interrupted by user for tool use]',
    'human_intervention one more thing',
    'lifecycle <task-notification>x',
  ])
})

test('records whose ids were hidden are told apart', async () => {
  const hidden = '[left out of this copy]'
  const records = await session(user(hidden, 'one'), user(hidden, 'two'), user('u3', 'three'), user('u3', 'three'))
  assert.equal(tally(records).userPrompts, 3)
})

test('records that hold usage alone are known by it', async () => {
  const path = file(
    'usage.jsonl',
    lines({ type: 'user', message: {} }, { type: 'assistant', message: { usage: usage(50) } }),
  )
  assert.deepEqual(tally(await recordsOf(reader, path)).tokens.outputTokens, 50)
})

test("what another agent's command line prints is not of Claude Code", async () => {
  const said = { type: 'message', sessionId: 'sid_1', timestamp: 1767812641000, role: 'user', text: 'List files' }
  const path = file('printed.jsonl', lines({ type: 'system', subtype: 'init', sessionId: 'sid_1', cwd: '/w' }, said))
  assert.equal(await reader.identify(path), undefined)
})

test('calls and results are paired by id, and named by what they do', async () => {
  const call = (n: string, name: string, input: object) => ({ type: 'tool_use', id: n, name, input })
  const result = (n: string, content: unknown, is_error?: boolean) => ({
    type: 'tool_result',
    tool_use_id: n,
    content,
    is_error,
  })
  const records = await session(
    assistant('a', {
      id: 'm1',
      content: [
        call('t1', 'Edit', { file_path: 'a.ts' }),
        call('t2', 'Bash', { command: 'cd app && npm test' }),
        call('t3', 'ExitPlanMode', {}),
        call('t4', 'Read', { path: 'b.ts' }),
      ],
    }),
    user('b', [result('t1', 'ok'), result('t2', [{ type: 'text', text: '1 failed' }], true)], { parentUuid: 'a' }),
    user('c', [result('t3', "The user doesn't want to proceed with this tool use.", true)]),
    user('d', [result('t4', [{ type: 'image', source: { data: 'AAAA' } }])]),
  )
  const [edit, run] = eventsOf(records)
  assert.deepEqual([edit?.tool, edit?.toolCallId, edit?.role, edit?.messageKey], ['Edit', 't1', 'assistant', 'm1'])
  assert.equal(run?.body, '{"command":"cd app && npm test"}')
  assert.deepEqual(
    eventsOf(records).map(({ kind, toolCallId }) => `${kind} ${toolCallId}`),
    [
      'edit t1',
      'test_run t2',
      'decision t3',
      'tool_call t4',
      'tool_result t1',
      'error t2',
      'human_intervention t3',
      'tool_result t4',
    ],
  )
  const { toolCalls, toolResults, toolErrors } = tally(records)
  assert.deepEqual([toolCalls, toolResults, toolErrors], [4, 4, 2])
  assert.equal(records[1]?.events[0]?.parentKey, 'a')
})

test('times may be missing: they are inherited and say so', async () => {
  const records = await session(
    user('a', 'first', { timestamp: undefined }),
    user('b', 'second', { timestamp: 1_767_225_600 }),
    user('c', 'third', { timestamp: 'soon' }),
    user('d', 'fourth', { timestamp: 1_767_225_601_500 }),
    user('e', 'fifth', { timestamp: '2026-01-01 00:00:02' }),
    user('f', 'sixth', { timestamp: '7' }),
  )
  assert.deepEqual(
    eventsOf(records).map(({ ts, isTimeInherited }) => [ts, isTimeInherited]),
    [
      [null, true],
      ['2026-01-01T00:00:00.000Z', false],
      ['2026-01-01T00:00:00.000Z', true],
      ['2026-01-01T00:00:01.500Z', false],
      ['2026-01-01T00:00:02.000Z', false],
      ['2026-01-01T00:00:02.000Z', true],
    ],
  )
})

test('faults of the service are errors and retries; types not known are counted', async () => {
  const records = await session(
    record('system', { uuid: 'a', subtype: 'api_error', error: { status: 529 }, retryAttempt: 1, maxRetries: 10 }),
    record('attachment', { uuid: 'b', attachment: { type: 'hook_blocking_error', stderr: 'no' } }),
    record('system', { uuid: 'c', subtype: 'turn_duration', durationMs: 5 }),
    record('from-the-future', { uuid: 'd', anything: [1] }),
    record('progress', { data: {} }),
  )
  assert.deepEqual(told(records), [
    'error {"status":529}',
    'retry Retry 1 of 10',
    'error no',
    'completion turn_duration',
  ])
  assert.deepEqual([tally(records).unknownTypes, tally(records).records, tally(records).toolErrors], [1, 5, 0])
})

test('facts of the session stand in its records; a file may hold several sessions', async () => {
  const other = { sessionId: 'other' }
  const records = await session(
    { type: 'summary', summary: 'Old title', leafUuid: 'x' },
    user('a', 'x', { cwd: '/work', gitBranch: 'main', version: '2.1.0' }),
    { type: 'custom-title', customTitle: 'My title', sessionId: id },
    record('pr-link', { prNumber: 7, prUrl: 'https://example.org/pull/7' }),
    user('b', 'elsewhere', other),
    { type: 'untyped but spent', ...other },
    { ...other, message: { id: 'm9', usage: usage(4) } },
  )
  const facts = records.map(({ sessionId, session: told }) => [sessionId, told?.title ?? told?.cwd ?? told?.taskRef])
  assert.deepEqual(facts.slice(0, 5), [
    [id, { text: 'Old title', rank: 1 }],
    [id, '/work'],
    [id, { text: 'My title', rank: 3 }],
    [id, 'https://example.org/pull/7'],
    ['other', undefined],
  ])
  assert.equal(records.at(-1)?.usage?.tokens.outputTokens, 4)
})

test('the files of a session are found where the agent keeps them, links and other agents left out', async () => {
  const home = newFolder()
  const content = lines(user('a', 'x'))
  const project = `.claude/projects/-work`
  for (const name of [`${id}.jsonl`, `${id}/subagents/agent-1.jsonl`, `${id}/subagents/journal.jsonl`, 'agent-2.jsonl'])
    file(`${project}/${name}`, content, home)
  file(`${project}/strange.jsonl`, lines({ type: 'session.start', data: {} }), home)
  file('elsewhere/projects/p/one.jsonl', content, home)
  symlinkSync(join(home, 'elsewhere'), join(home, project, 'linked'))
  const names = async (environment: Record<string, string>, paths?: string[]) =>
    (await found(reader, { home, environment, ...(paths && { paths }) }))
      .map(({ path }) => path.slice(home.length + 1))
      .sort()
  assert.deepEqual(
    await names({}),
    [`${project}/${id}.jsonl`, `${project}/${id}/subagents/agent-1.jsonl`, `${project}/agent-2.jsonl`].sort(),
  )
  assert.deepEqual(await names({ CLAUDE_CONFIG_DIR: `${home}/elsewhere,${home}/nowhere` }), [
    'elsewhere/projects/p/one.jsonl',
  ])
  assert.deepEqual(await names({}, [`${home}/elsewhere`]), ['elsewhere/projects/p/one.jsonl'])
})

test('a file that begins with one very long line is known by its name, one that tells nothing by its bookkeeping', async () => {
  const long = file(`${id}.jsonl`, lines(user('a', 'x'.repeat(3_000_000))))
  assert.equal((await reader.identify(long))?.sessionId, id)
  assert.equal(await reader.identify(file('notes.jsonl', '')), undefined)
  const snapshot = { type: 'file-history-snapshot', messageId: 'm', snapshot: {} }
  assert.equal((await reader.identify(file(`${id}.jsonl`, lines(snapshot))))?.sessionId, id)
})

test('what the command line prints is recognised and refused', async () => {
  const printed = file(
    'out.jsonl',
    lines({ type: 'system', subtype: 'init', session_id: id }, { type: 'assistant', message: { content: [] } }),
  )
  assert.match((await reader.identify(printed))?.refusal ?? '', /stream-json.*name the very file/)
})
