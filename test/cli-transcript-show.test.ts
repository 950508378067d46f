import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { type TestContext, test } from 'node:test'
import type { TranscriptEvent } from '../src/domain/transcripts/transcript.js'
import { type Entry, foldedCalls } from '../src/infrastructure/cli/folded-calls.js'
import { fitted, fittedAtEnd, plain, textWidth, wrapped, wrappedStart } from '../src/infrastructure/cli/text-layout.js'
import { callText } from '../src/infrastructure/cli/tool-texts.js'
import { Collector, Terminal } from './terminal.js'
import { Corpus, lines, session } from './transcript-corpus.js'

const uid = `claude:${session}`
let records = 0

/** A record of Claude Code, a second after the one before. */
function said(role: 'user' | 'assistant', content: unknown, extra: object = {}): object {
  records++
  const timestamp = new Date(Date.UTC(2026, 0, 1) + records * 1000).toISOString()
  const message = { role, content, ...(role === 'assistant' && { id: `msg_${records}`, model: 'claude-x' }) }
  const chain = { uuid: `u${records}`, parentUuid: records > 1 ? `u${records - 1}` : null, isSidechain: false }
  return {
    ...chain,
    type: role,
    sessionId: session,
    timestamp,
    cwd: '/home/ann/shop',
    gitBranch: 'main',
    message,
    ...extra,
  }
}
const call = (id: string, name: string, input: object) => said('assistant', [{ type: 'tool_use', id, name, input }])
const result = (id: string, content: string, isError = false) =>
  said('user', [{ type: 'tool_result', tool_use_id: id, content, is_error: isError }])

const conversation = () => [
  said('user', 'Mend the \u001b[31mred\u001b[0m test\u0007, please'),
  said('assistant', [{ type: 'thinking', thinking: '**Where** is it?' }]),
  call('t1', 'Bash', { command: 'cd /home/ann/shop && npm test /home/ann/shop/a.test.ts' }),
  call('t2', 'Read', { file_path: '/home/ann/shop/src/a.ts' }),
  result('t2', 'one\ntwo\nthree'),
  result('t1', '\u001b[1mAssertionError: 1 is not 2\u001b[0m\n\n  at a.ts:3', true),
  said('user', 'look into a.ts', { isSidechain: true }),
  call('t3', 'TodoWrite', { todos: [{ status: 'completed' }, { status: 'pending' }] }),
  said('assistant', `Mended. ${'It was a long story with many words. '.repeat(5)}`),
]

async function shown(t: TestContext, content: object[], words: string[] = [], stdout = new Collector()) {
  const terminal = new Terminal()
  const corpus = new Corpus()
  t.after(() => rmSync(corpus.folder, { recursive: true }))
  await terminal.json('transcripts', 'ingest', corpus.write(`${session}.jsonl`, lines(content)))
  const typed = await terminal.type(['transcripts', 'show', uid, ...words], { stdout })
  assert.equal(typed.exitCode, 0, typed.stderr)
  return { terminal, text: stdout.text }
}

test('show tells who spoke, each call in a line with what came of it, and errors below their calls', async (t) => {
  const { text } = await shown(t, conversation())
  assert.match(text, /^Mend the red test\\x07, please\nclaude:/)
  assert.match(
    text,
    /^shop · main · claude-x\n\/home\/ann\/shop\n2026-01-01 .* · 1 turn\n1 prompt · 3 calls \(1 failed\)/m,
  )
  assert.match(text, /\nuser · 00:00:\d\d\n {2}Mend the red test\\x07, please\n/)
  assert.match(
    text,
    /\n {2}… Where is it\?\n {2}✗ Bash {6}npm test a\.test\.ts\n {6}AssertionError: 1 is not 2\n {8}at a\.ts:3\n/,
  )
  assert.match(text, /\n {2}✓ Read {6}src\/a\.ts → 3 lines\n/)
  assert.match(text, /\n {2}task · \S+\n {2}│ look into a\.ts\n/)
  assert.match(text, /\n {2}· TodoWrite 1 of 2 steps done → no result\n/)
  assert.match(text, /\n(success|fail|unknown|abandoned) · \d+ % sure: .+\n$/)
  assert.ok(!text.includes('\u001b') && !text.includes('\u0007'))
})

test('show keeps within the terminal, in colours only there and never with NO_COLOR', async (t) => {
  const narrow = Object.assign(new Collector(), { isTTY: true, columns: 40 })
  const { terminal, text } = await shown(t, conversation(), [], narrow)
  assert.ok(text.includes('\u001b[31m✗\u001b[39m'), text)
  const bare = plain(text).split('\n')
  assert.ok(bare.includes('  Mended. It was a long story with many'), text)
  assert.deepEqual(
    bare.filter((line) => textWidth(line) > 40),
    [],
  )
  terminal.env.NO_COLOR = '1'
  const grey = Object.assign(new Collector(), { isTTY: true, columns: 40 })
  await terminal.type(['transcripts', 'show', uid], { stdout: grey })
  assert.equal(grey.text, plain(text))
})

test('show leaves long messages and what came back to --full, which leaves out nothing', async (t) => {
  const long = Array.from({ length: 60 }, (_, index) => `line ${index}`).join('\n')
  const content = [said('user', long), call('t9', 'Bash', { command: 'ls' }), result('t9', 'first\n  second')]
  const { terminal, text } = await shown(t, content)
  assert.match(text, /line 39\n {2}… 20 more lines; --full shows all\n/)
  assert.ok(!text.includes('line 40') && !text.includes('second'))
  const { stdout } = await terminal.type(['transcripts', 'show', uid, '--full'])
  assert.match(stdout, /line 59\n/)
  assert.match(stdout, /✓ Bash {6}ls → 2 lines\n {6}first\n {8}second\n/)
})

test('a terminal of any size, or of none, is written to', async (t) => {
  const { text: unlimited } = await shown(t, conversation())
  for (const columns of [0, 1, 2, 3, 5, 8, 13, 21]) {
    const stdout = Object.assign(new Collector(), { isTTY: true, columns })
    const { text } = await shown(t, [...conversation(), said('assistant', '      - 👍👍👍')], [], stdout)
    assert.ok(text.isWellFormed() && text.includes('👍'), `${columns} columns`)
    if (columns === 0) assert.ok(text.split('\n').length < unlimited.split('\n').length + 10)
  }
})

test('what is stored turns nothing about on a terminal, and what is typed neither', async (t) => {
  const { terminal, text } = await shown(t, [said('user', 'safe \u202egnp.exe\u2066 \u2028done')])
  assert.match(text, /safe \\u202egnp\.exe\\u2066 \\u2028done/)
  const { stderr } = await terminal.type(['transcripts', 'show', 'claude:\u001b[2Jno'])
  assert.match(stderr, /^error: No transcript "claude:\\x1b\[2Jno"/)
})

test('a call whose result is far away does not hold back what is between', async () => {
  const event = (seq: number, extra: Partial<TranscriptEvent>) =>
    ({ seq, role: 'assistant', ...extra }) as TranscriptEvent
  async function* events() {
    yield event(1, { tool: 'Task', toolCallId: 'far' })
    for (let seq = 2; seq <= 300; seq++) yield event(seq, { tool: null, toolCallId: null })
    yield event(301, { role: 'tool', tool: null, toolCallId: 'far' })
  }
  const entries: Entry[] = []
  for await (const entry of foldedCalls(events())) entries.push(entry)
  assert.deepEqual(
    entries.map((entry) => entry.event.seq),
    Array.from({ length: 301 }, (_, index) => index + 1),
  )
})

test('a call is told by what it was asked, whole or cut', () => {
  const asked = (summary: string, body: string | null = null) => callText({ summary, body } as TranscriptEvent)
  const whole = JSON.stringify({ workdir: '/home', command: ['bash', '-lc', 'cd "a b" &&\nnpm test'] })
  assert.equal(asked('', whole), 'cd "a b" && npm test')
  assert.equal(asked(`${whole.slice(0, 60)}…`), 'cd "a b" && n…')
  assert.equal(asked('{"file_path":"src/a.ts","content":"say \\"command\\": no…'), 'src/a.ts')
  for (const other of ['{"depth":3,"things":[…', '{"command":{"a":…', 'plain words…']) assert.equal(asked(other), other)
})

test('events stand in columns, with what their calls were asked', async (t) => {
  const { terminal } = await shown(t, conversation())
  const { stdout } = await terminal.type(['transcripts', 'events', uid])
  assert.match(stdout, /^#3 {5}\S+ \S+ {3}test_run Bash {7}cd \/home\/ann\/shop && npm test/m)
  assert.match(stdout, /^#\d+ +\S+ \S+ ✗ error {15}AssertionError/m)
})

test('lines are measured, broken and cut by the columns that they take', () => {
  assert.deepEqual([textWidth('abc'), textWidth('日本'), textWidth('e\u0301'), textWidth('👍')], [3, 4, 1, 2])
  assert.deepEqual(wrapped('  - one two three', 10), ['  - one', '    two', '    three'])
  assert.deepEqual(wrapped('日本語日本語', 6), ['日本語', '日本語'])
  assert.deepEqual(wrapped('a\n\nlonger than it', 8), ['a', '', 'longer', 'than it'])
  for (const line of ['x'.repeat(50), '  '.repeat(30), '👍'.repeat(9), '      - deep and long enough']) {
    const parts = wrapped(line, 7)
    assert.ok(
      parts.every((part) => textWidth(part) <= 7),
      JSON.stringify(parts),
    )
    assert.equal(parts.join('').replace(/\s/g, ''), line.replace(/\s/g, ''))
  }
  assert.deepEqual([fitted('日本語', 4), fitted('日本', 4), fittedAtEnd('/a/b/c.ts', 6)], ['日…', '日本', '…/c.ts'])
  assert.equal(plain('a\u001b]8;;http://x\u0007link\u001b]8;;\u0007\r\nb\tc\u0000'), 'alink\nb    c\\x00')
})

test('a line of any length is broken in time, and of a long text no more than is shown', () => {
  const seconds = (work: () => void) => {
    const before = process.cpuUsage()
    work()
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1e6
  }
  const words = 'some words '.repeat(100_000)
  const spent = seconds(() => {
    const broken = wrapped(`  - ${words}`, 100)
    assert.equal(broken.join(' ').replace(/ +/g, ' '), ` - ${words.trimEnd()}`)
    assert.ok(broken.slice(1).every((line) => line.startsWith('    ') && line.length <= 100))
    assert.equal(wrapped('x'.repeat(1_000_000), 100).length, 10_000)
  })
  // Line by line measured to its end, they took more than a minute.
  assert.ok(spent < 20, `${spent} s`)
  assert.deepEqual(wrappedStart(words, 10, 2), { lines: ['some words', 'some words'], left: 1 })
  const three = wrapped('one two three', 5)
  assert.deepEqual([three, wrappedStart('one two three', 5, 2)], [['one', 'two', 'three'], { lines: three, left: 0 }])
  assert.deepEqual(wrappedStart('one two three four\nfive', 5, 2), { lines: ['one', 'two'], left: 2 })
  assert.deepEqual(wrappedStart('a\nb\nc\nd', 5, 2), { lines: ['a', 'b'], left: 2 })
})

test('of a long message in one line the beginning is shown', async (t) => {
  const { text } = await shown(t, [said('user', 'some words '.repeat(100_000))])
  assert.match(text, /(?:\n {2}some words.*){40}\n {2}… 1 more line; --full shows all\n/)
})
