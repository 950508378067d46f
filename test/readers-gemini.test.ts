import assert from 'node:assert/strict'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { ClaudeReader } from '../src/infrastructure/readers/claude/claude-reader.js'
import { CodexReader } from '../src/infrastructure/readers/codex/codex-reader.js'
import { GeminiReader } from '../src/infrastructure/readers/gemini/gemini-reader.js'
import { GrokReader } from '../src/infrastructure/readers/grok/grok-reader.js'
import { eventsOf, file, found, lines, newFolder, recordsOf, told } from './reader-files.js'
import { testOnBoth } from './test-store.js'
import { transcriptStore } from './transcript-store.js'
import { tally } from './transcript-tally.js'
import { folder, skip } from './transcript-truths.js'

const reader = new GeminiReader()
const id = 'session-7'
const head = { sessionId: id, projectHash: 'ab12', startTime: '2026-01-01T00:00:00.000Z', kind: 'main' }
const at = (second: number) => `2026-01-01T00:00:0${second}.000Z`
const tokens = { input: 100, cached: 40, output: 10, thoughts: 5, tool: 2, total: 117 }
const call = (status: string, output: string, more: object = {}) => ({
  ...{ id: `c-${status}`, name: 'run_shell_command', args: { command: 'npm test' }, status, timestamp: at(3) },
  result: [{ functionResponse: { id: `c-${status}`, response: { output } } }],
  ...more,
})
const asked = { id: 'm1', timestamp: at(1), type: 'user', content: [{ text: 'Please test' }] }
const answered = {
  ...{ id: 'm2', timestamp: at(2), type: 'gemini', model: 'gemini-x', content: 'I will', tokens },
  thoughts: [{ subject: 'Plan', description: 'to test' }],
}
const messages = [
  asked,
  {
    ...answered,
    toolCalls: [
      call('success', 'fine\nExit Code: 0'),
      call('error', 'no such tool', { name: 'fly', args: { to: 'moon' } }),
    ],
  },
  {
    id: 'm3',
    timestamp: at(4),
    type: 'gemini',
    content: '',
    toolCalls: [call('success', 'bad\nExit Code: 1', { id: 'c3' })],
  },
  { id: 'm4', timestamp: at(5), type: 'gemini', content: '', toolCalls: [call('cancelled', 'stopped')] },
  { id: 'm5', timestamp: at(6), type: 'info', content: 'Request cancelled.' },
  { id: 'm7', timestamp: at(6), type: 'model', parts: [{ text: 'As you like' }] },
  { id: 'm8', timestamp: at(6), type: 'info', content: 'Model changed' },
  { id: 'm6', timestamp: at(7), type: 'error', content: 'quota' },
]
const wanted = [
  'user_msg Please test',
  'thinking Plan\nto test',
  'assistant_msg I will',
  'test_run {"command":"npm test"}',
  'tool_result fine\nExit Code: 0',
  'tool_call {"to":"moon"}',
  'error no such tool',
  'test_run {"command":"npm test"}',
  'error bad\nExit Code: 1',
  'test_run {"command":"npm test"}',
  'human_intervention stopped',
  'human_intervention Request cancelled.',
  'assistant_msg As you like',
  'lifecycle Model changed',
  'error quota',
]
const asLines = lines(head, asked, answered, { $set: { lastUpdated: at(2), summary: 'Tests' } }, ...messages.slice(1), {
  $rewindTo: 'm1',
})
const document = (told: object[]) => JSON.stringify({ ...head, summary: 'Tests', messages: told }, null, 2)

test('lines and a document of one session tell the same', async () => {
  for (const path of [file('session-1.jsonl', asLines), file('session-1.json', `\uFEFF${document(messages)}`)]) {
    const records = await recordsOf(reader, path)
    const last = new Map(records.map((record) => [record.sourceKey, record]))
    assert.deepEqual(told([...last.values()]), wanted, path)
    const { userPrompts, toolCalls, toolResults, toolErrors, malformedLines, unknownTypes } = tally([...last.values()])
    assert.deepEqual(
      [userPrompts, toolCalls, toolResults, toolErrors, malformedLines, unknownTypes],
      [1, 4, 4, 3, 0, 0],
    )
    const { usage } = records.find(({ usage }) => usage) ?? {}
    assert.deepEqual(usage?.tokens, { inputTokens: 62, cacheReadTokens: 40, cacheWriteTokens: 0, outputTokens: 15 })
    assert.equal(eventsOf(records).find(({ kind }) => kind === 'tool_result')?.ts, at(3))
    const titles = records.flatMap(({ session }) => session?.title?.text ?? [])
    assert.deepEqual(titles, ['Tests'])
  }
})

testOnBoth('a document is read anew when it is whole again, and its lines add nothing to it', async (store) => {
  const transcripts = await transcriptStore(store)
  const path = file('session-1.json', document(messages.slice(0, 1)))
  const figures = async (paths: string[]) => {
    await transcripts.ingest({ paths })
    const { lastSeq, tokens: cost, generation } = await transcripts.get(`gemini:${id}`)
    return [lastSeq, cost.outputTokens, generation]
  }
  assert.deepEqual(await figures([path]), [1, 0, 1])
  writeFileSync(path, document(messages).slice(0, 900))
  assert.deepEqual(await figures([path]), [1, 0, 1])
  writeFileSync(path, document(messages))
  assert.deepEqual(await figures([path]), [15, 15, 2])
  assert.deepEqual((await transcripts.ingest({ paths: [path] })).sources.unchanged, 1)
  assert.deepEqual(await figures([path, file('session-1.jsonl', asLines)]), [15, 15, 2])
  assert.deepEqual((await transcripts.list({ flavor: 'gemini' })).items.length, 1)
})

testOnBoth('a document that was begun when it was first seen is none that was rewritten', async (store) => {
  const transcripts = await transcriptStore(store)
  const path = file('session-1.json', document(messages).slice(0, 900))
  assert.equal((await transcripts.ingest({ paths: [path] })).sources.read, 1)
  writeFileSync(path, document(messages))
  await transcripts.ingest({ paths: [path] })
  const { lastSeq, generation } = await transcripts.get(`gemini:${id}`)
  assert.deepEqual([lastSeq, generation], [15, 1])
})

testOnBoth('a document that outgrows the cap says so, once, and keeps what was read of it', async (store) => {
  const transcripts = await transcriptStore(store)
  const path = file('session-1.json', document(messages))
  await transcripts.ingest({ paths: [path] })
  for (const size of [17, 18]) {
    writeFileSync(path, document([...messages, { ...asked, id: 'm9', content: 'x'.repeat(size * 1024 * 1024) }]))
    await transcripts.ingest({ paths: [path] })
    const { lastSeq, figures } = await transcripts.get(`gemini:${id}`)
    assert.deepEqual([lastSeq, figures.oversizedLines], [15, 1])
  }
  writeFileSync(path, document(messages))
  await transcripts.ingest({ paths: [path] })
  const { lastSeq, figures } = await transcripts.get(`gemini:${id}`)
  assert.deepEqual([lastSeq, figures.oversizedLines], [15, 0])
})

test('a document over the cap is recorded with its size, and a message of tomorrow is counted', async () => {
  const path = file('session-1.json', document([{ id: 'm', type: 'dance', content: 'x' }]))
  const source = await reader.identify(path)
  assert.ok(source)
  for await (const { records } of reader.read(source, undefined, { maxLineBytes: 10 })) {
    assert.deepEqual(
      [records[0]?.counts.oversizedLines, records[0]?.counts.oversizedBytes],
      [1, document([{ id: 'm', type: 'dance', content: 'x' }]).length],
    )
  }
  const records = await recordsOf(reader, path)
  assert.deepEqual([told(records), tally(records).unknownTypes], [['lifecycle x'], 1])
})

test('sessions are found below the home of the agent, or where its variable says', async () => {
  const home = newFolder()
  file('.gemini/tmp/p/chats/session-1.jsonl', asLines, home)
  file('.gemini/tmp/p/logs.json', '[]', home)
  file('other/.gemini/tmp/p/chats/session-2.json', document([]), home)
  const names = async (environment: Record<string, string>) =>
    (await found(reader, { home, environment })).map(({ path, sessionId }) => [path.slice(home.length + 1), sessionId])
  assert.deepEqual(await names({}), [['.gemini/tmp/p/chats/session-1.jsonl', id]])
  assert.deepEqual(await names({ GEMINI_CLI_HOME: join(home, 'other') }), [
    ['other/.gemini/tmp/p/chats/session-2.json', id],
  ])
})

test('each takes its own', { skip }, async () => {
  const path = join(folder, 'other', 'gemini')
  assert.ok(existsSync(path))
  const named = (each: GeminiReader | ClaudeReader, paths: string[]) =>
    found(each as GeminiReader, { home: '', environment: {}, paths })
  const own = ['jsonl_v040.jsonl', 'large.json', 'small.json'].map((name) => join(path, name))
  const sources = await named(reader, own)
  assert.deepEqual(
    sources.map((each) => each.path),
    own,
  )
  for (const each of sources) {
    const records = await recordsOf(reader, each.path)
    const { unknownTypes, malformedLines } = tally(records)
    assert.deepEqual([unknownTypes, malformedLines], [0, 0], each.path)
  }
  for (const other of ['claude', 'codex', 'grok']) assert.deepEqual(await named(reader, [join(folder, other)]), [])
  for (const other of [new ClaudeReader(), new CodexReader(), new GrokReader()])
    assert.deepEqual(await named(other as never, own), [])
})
