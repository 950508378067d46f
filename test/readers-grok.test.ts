import assert from 'node:assert/strict'
import { appendFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import Database from 'better-sqlite3'
import { GrokReader } from '../src/infrastructure/readers/grok/grok-reader.js'
import { eventsOf, file, found, lines, newFolder, recordsOf, told } from './reader-files.js'
import { readAll, tally } from './transcript-tally.js'

const reader = new GrokReader()
const id = '019f6000-0000-7000-8000-000000000001'
const prompt = '019f6000-aaaa-7000-8000-00000000000a'
const text = (words: string) => [{ type: 'text', text: words }]
const chat = [
  { type: 'system', content: 'You are Grok' },
  { type: 'user', content: text('<user_info>x</user_info>\n<user_query>fix it</user_query>'), prompt_index: 0 },
  { type: 'user', content: text('reminder'), synthetic_reason: 'system_reminder' },
  { type: 'reasoning', id: 'r', summary: [{ type: 'summary_text', text: 'hm' }], encrypted_content: 'secret' },
  { type: 'backend_tool_call', kind: { tool_type: 'web_search', id: 'w', action: { query: 'q' } } },
  {
    type: 'assistant',
    content: '',
    tool_calls: [{ id: 'c1', name: 'Shell', arguments: '{"command":"ls"}' }],
    model_id: 'grok-4',
  },
  { type: 'tool_result', tool_call_id: 'c1', content: 'not there' },
  { type: 'user', content: text('no, stop'), synthetic_reason: 'interjection' },
  { type: 'assistant', content: 'done' },
]
let second = 1_767_225_600
const update = (sessionUpdate: string, fields: object, meta: object = {}) => ({
  timestamp: second++,
  method: 'session/update',
  params: { sessionId: id, update: { sessionUpdate, ...fields }, _meta: { eventId: `e${second}`, ...meta } },
})
const spent = (inputTokens: number) => ({
  inputTokens,
  cachedReadTokens: 40,
  outputTokens: 7,
  modelUsage: { 'grok-4': {} },
})
const updates = [
  update('user_message_chunk', { content: { text: 'fix it' } }, { promptIndex: 0 }),
  update('agent_message_chunk', { content: { text: 'd' } }),
  update('tool_call', { toolCallId: 'c1' }),
  update('tool_call_update', { toolCallId: 'c1', status: 'in_progress', content: 'x'.repeat(1000) }),
  update('tool_call_update', { toolCallId: 'c1', status: 'failed' }),
  update('retry_state', { message: 'again' }),
  update('turn_completed', { prompt_id: prompt, stop_reason: 'end_turn', usage: spent(90) }),
  update('turn_completed', { prompt_id: prompt, stop_reason: 'end_turn', usage: spent(100) }),
  update('from_the_future', {}),
]
const summary = {
  info: { id, cwd: '/work' },
  generated_title: 'Fixing',
  created_at: '2026-01-01T00:00:00Z',
  head_branch: 'main',
}

function session(more: object = {}, at = newFolder()): string {
  const folder = `sessions/%2Fwork/${id}`
  file(`${folder}/chat_history.jsonl`, lines(...chat), at)
  file(`${folder}/updates.jsonl`, lines(...updates), at)
  return dirname(file(`${folder}/summary.json`, JSON.stringify({ ...summary, ...more }), at))
}

test('the chat tells what was said and done, the updates when, at what cost and how it ended', async () => {
  const records = await recordsOf(reader, session())
  const { tokens, kinds, records: count, ...report } = tally(records)
  assert.deepEqual(
    [
      report.userPrompts,
      report.assistantMessages,
      report.toolCalls,
      report.toolResults,
      report.toolErrors,
      report.unknownTypes,
      count,
    ],
    [1, 2, 1, 1, 1, 1, 9],
  )
  assert.deepEqual(tokens, { inputTokens: 60, cacheReadTokens: 40, cacheWriteTokens: 0, outputTokens: 7 })
  assert.deepEqual(
    [kinds.retry, kinds.completion, kinds.error, kinds.human_intervention, kinds.thinking],
    [1, 2, 1, 1, 1],
  )
  assert.ok(told(records).includes('user_msg fix it'))
  const amendments = records.flatMap((record) => record.amendments ?? [])
  const joined = amendments.map(({ joinKey, ts, isError }) => [joinKey, ts?.slice(17, 19), isError])
  assert.deepEqual(joined, [
    ['prompt:0', '00', undefined],
    ['call:c1', '02', undefined],
    ['result:c1', '04', true],
  ])
  assert.deepEqual(
    eventsOf(records).flatMap(({ joinKey }) => joinKey ?? []),
    ['prompt:0', 'call:c1', 'result:c1'],
  )
  assert.equal(records[0]?.session?.title?.text, 'Fixing')
  assert.ok(!JSON.stringify(records).includes('secret'))
})

test('the first format of the chat, rows of roles, is read as well', async () => {
  const rows = [
    { role: 'system', content: 'You are Grok' },
    { role: 'user', content: 'hello' },
    {
      role: 'assistant',
      content: 'reading',
      reasoning_content: 'hm',
      tool_calls: [{ id: 'c', type: 'function', function: { name: 'write_file', arguments: '{}' } }],
    },
    { role: 'tool', tool_call_id: 'c', content: 'ok' },
  ]
  const records = await recordsOf(reader, dirname(file('s/chat_history.jsonl', lines(...rows))))
  assert.deepEqual(told(records), [
    'lifecycle You are Grok',
    'user_msg hello',
    'thinking hm',
    'assistant_msg reading',
    'edit {}',
    'tool_result ok',
  ])
})

test('without a chat history the updates tell it all; once there is one, it is read anew', async () => {
  const folder = newFolder()
  const pieces = [
    update('user_message_chunk', { content: { type: 'text', text: '<user_query>fix it</user_query>' } }),
    update('agent_thought_chunk', { content: { type: 'text', text: 'h' } }),
    update('agent_thought_chunk', { content: { type: 'text', text: 'm' } }),
    update('tool_call', {
      toolCallId: 'c',
      title: 'Run',
      rawInput: { command: 'ls' },
      _meta: { 'x.ai/tool': { name: 'bash' } },
    }),
    update('tool_call_update', { toolCallId: 'c', status: 'in_progress', content: [] }),
    update('tool_call_update', {
      toolCallId: 'c',
      status: 'failed',
      content: [{ content: { type: 'text', text: 'no' } }],
    }),
    update('agent_message_chunk', { content: { type: 'text', text: 'I am ' } }),
    update('agent_message_chunk', { content: { type: 'text', text: 'sorry' } }),
    update('turn_completed', { prompt_id: prompt, stop_reason: 'end_turn', usage: spent(100) }),
  ]
  const path = dirname(file('s/updates.jsonl', lines(...pieces), folder))
  const source = await reader.identify(path)
  assert.ok(source)
  const { records, last } = await readAll(reader, source)
  const expected = [
    'user_msg fix it',
    'thinking hm',
    'tool_call {"command":"ls"}',
    'error no',
    'assistant_msg I am sorry',
    'completion end_turn',
  ]
  assert.deepEqual(told(records), expected)
  const { userPrompts, assistantMessages, toolCalls, toolErrors, records: count } = tally(records)
  assert.deepEqual([userPrompts, assistantMessages, toolCalls, toolErrors, count], [1, 1, 1, 1, 9])
  const halves = [pieces.slice(0, 7), pieces]
  let cursor: typeof last.cursor | undefined
  const joined: string[] = []
  for (const part of halves) {
    file('s/updates.jsonl', lines(...part), folder)
    const read = await readAll(reader, source, cursor && { cursor })
    joined.push(...told(read.records))
    cursor = JSON.parse(JSON.stringify(read.last.cursor)) as typeof last.cursor
  }
  assert.deepEqual(joined, expected)
  file('s/chat_history.jsonl', lines(...chat), folder)
  assert.equal((await readAll(reader, source, { cursor: last.cursor })).last.isRewritten, true)
})

test('what a fork has from its parent is not counted again', async () => {
  const records = await recordsOf(reader, session({ inherited_prefix_len: 7, parent_session_id: 'before' }))
  const { userPrompts, assistantMessages, toolCalls, records: count } = tally(records)
  assert.deepEqual([userPrompts, assistantMessages, toolCalls, count], [0, 1, 0, 9])
})

test('a folder is gone on with file by file; a chat that was rewound is told', async () => {
  const folder = session()
  const source = await reader.identify(folder)
  assert.ok(source)
  const { last } = await readAll(reader, source)
  appendFileSync(join(folder, 'chat_history.jsonl'), `${lines({ type: 'user', content: text('more') })}{"type":"us`)
  const cursor = JSON.parse(JSON.stringify(last.cursor)) as typeof last.cursor
  const grown = await readAll(reader, source, { cursor })
  assert.deepEqual([told(grown.records), grown.pendingLines], [['user_msg more'], 1])
  writeFileSync(join(folder, 'chat_history.jsonl'), lines(...chat.slice(0, 3)))
  const rewound = await readAll(reader, source, { cursor: grown.last.cursor })
  assert.deepEqual([rewound.last.isRewritten, rewound.records], [true, []])
})

function database(path: string): Database.Database {
  const db = new Database(path)
  db.exec(`
    pragma journal_mode = wal;
    create table sessions (id text primary key, title text, model text, cwd_last text, created_at text, updated_at text);
    create table messages (session_id text, seq integer, role text, message_json text, created_at text, primary key (session_id, seq));
    create table usage_events (id integer primary key autoincrement, session_id text, model text, input_tokens integer,
      output_tokens integer, created_at text);`)
  return db
}

test('the database of the other Grok CLI is read without a lock on it, and gone on with', async () => {
  const at = '2026-01-01T00:00:00.000Z'
  const path = file('grok.db', '')
  const db = database(path)
  const say = db.prepare('insert into messages values (?, ?, ?, ?, ?)')
  const add = (seq: number, message: object) => say.run('s1', seq, 'x', JSON.stringify(message), at)
  db.prepare('insert into sessions values (?, ?, ?, ?, ?, ?)').run('s1', 'Title', 'grok-4', '/work', at, at)
  add(1, { role: 'user', content: 'hello' })
  add(2, {
    role: 'assistant',
    content: [
      { type: 'text', text: 'ok' },
      { type: 'tool-call', toolCallId: 'c', toolName: 'bash', input: { command: 'ls' } },
    ],
  })
  add(3, {
    role: 'tool',
    content: [
      { type: 'tool-result', toolCallId: 'c', output: { type: 'json', value: { success: false, error: 'no' } } },
    ],
  })
  say.run('s1', 4, 'x', '{torn', at)
  db.prepare('insert into usage_events values (null, ?, ?, ?, ?, ?)').run('s1', 'grok-4', 100, 9, at)
  const source = await reader.identify(path)
  assert.ok(source)
  const first = await readAll(reader, source)
  assert.deepEqual(told(first.records), [
    'user_msg hello',
    'assistant_msg ok',
    'tool_call {"command":"ls"}',
    'error no',
  ])
  const { records, malformedLines, toolErrors, tokens } = tally(first.records)
  assert.deepEqual([records, malformedLines, toolErrors, tokens.inputTokens, tokens.outputTokens], [3, 1, 1, 100, 9])
  assert.ok(first.records.every(({ sessionId }) => sessionId === 's1'))
  add(5, { role: 'user', content: 'more' })
  const next = await readAll(reader, source, { cursor: JSON.parse(JSON.stringify(first.last.cursor)) })
  assert.deepEqual(told(next.records), ['user_msg more'])
  db.exec('delete from messages where seq = 5')
  db.close()
  assert.equal((await readAll(reader, source, { cursor: next.last.cursor })).last.isRewritten, true)
})

test('how calls and turns ended stands in the events; one file of a chat is read by itself', async () => {
  const ended = [
    { ts: '2026-01-01T00:00:09Z', type: 'tool_completed', tool_call_id: 'c1', outcome: 'error' },
    { ts: '2026-01-01T00:00:10Z', type: 'turn_ended', outcome: 'error', error: 'no credit' },
    { ts: '2026-01-01T00:00:11Z', type: 'turn_started' },
  ]
  const folder = newFolder()
  const path = dirname(file('s/chat_history.jsonl', lines(...chat), folder))
  file('s/events.jsonl', lines(...ended), folder)
  const records = await recordsOf(reader, path)
  assert.deepEqual([tally(records).toolErrors, told(records).at(-1), tally(records).records], [1, 'error no credit', 9])
  const alone = await recordsOf(reader, file('chat-copy.jsonl', lines(...chat)))
  assert.deepEqual([alone[0]?.sessionId, tally(alone).userPrompts], ['chat-copy', 1])
})

test('tags that are opened and never closed cost one pass', async () => {
  const content = `<git_status>${'<git_status>'.repeat(300_000)}`
  const records = await recordsOf(reader, dirname(file('s/chat_history.jsonl', lines({ type: 'user', content }))))
  assert.deepEqual(told(records), [`user_msg ${content}`])
})

test('another database is not taken for one of sessions', async () => {
  const path = file('other.db', '')
  const db = new Database(path)
  db.exec('create table messages (id integer)')
  db.close()
  assert.equal(await reader.identify(path), undefined)
})

test('sessions are found below GROK_HOME, each once', async () => {
  const home = newFolder()
  session({}, join(home, '.grok'))
  session({}, join(home, 'other'))
  database(file('.grok/grok.db', '', home)).close()
  const names = async (environment: Record<string, string>) =>
    (await found(reader, { home, environment })).map(({ path, sessionId }) => [path.slice(home.length + 1), sessionId])
  const folder = `sessions/%2Fwork/${id}`
  assert.deepEqual(await names({}), [
    [`.grok/${folder}`, id],
    ['.grok/grok.db', 'grok.db'],
  ])
  assert.deepEqual(await names({ GROK_HOME: `${home}/other` }), [[`other/${folder}`, id]])
})
