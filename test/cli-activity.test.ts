import assert from 'node:assert/strict'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { declarations } from '../src/domain/activity/event-kinds.js'
import type { ActivityPurgeReport, RecordedEventJson } from '../src/index.js'
import { runCommandLine } from '../src/infrastructure/cli/command-line.js'
import { objectBatches } from '../src/infrastructure/cli/object-batches.js'
import { ClosedPipe, Collector, parts, Terminal } from './terminal.js'

interface Recorded {
  items: RecordedEventJson[]
  recorded: number
  replayed: number
}

interface Listed {
  items: RecordedEventJson[]
  nextCursor: string | null
}

const record = (terminal: Terminal, ...options: string[]) =>
  terminal.json<RecordedEventJson>('activity', 'record', ...options)

const recordLines = (terminal: Terminal, lines: string[], ...options: string[]) =>
  terminal.type(['activity', 'record', '--from', '-', ...options], { input: lines.join('\n') })

const problemsOf = (stderr: string) =>
  (JSON.parse(stderr) as { error: { problems: { path: string; message: string }[] } }).error.problems

test('record makes a database file; the other commands make none, and kinds needs none', async () => {
  const terminal = new Terminal()
  for (const line of [
    'get x',
    'recent',
    'related --path a',
    'history x',
    'failed-loops a',
    'failing-tools',
    'delete x',
  ])
    assert.equal((await terminal.type(['activity', ...line.split(' ')])).exitCode, 3, line)
  delete terminal.env.HANSARD_DATABASE
  assert.deepEqual(await terminal.json('activity', 'kinds'), { items: declarations() })
  terminal.env.HANSARD_DATABASE = terminal.database
  assert.equal((await terminal.type(['activity', 'record'])).exitCode, 2)
  assert.equal((await recordLines(terminal, ['{"kind"'])).exitCode, 2)
  assert.equal((await recordLines(terminal, ['', ' '])).exitCode, 2)
  assert.equal(existsSync(terminal.file), false)
  await record(terminal, '--kind', 'file', '--path', 'a.ts')
  assert.equal(existsSync(terminal.file), true)
})

test('the text of kinds names each with its fields', async () => {
  const { stdout } = await new Terminal().type(['activity', 'kinds'])
  for (const { kind, summary, payload } of declarations()) {
    assert.ok(stdout.includes(`${kind}: ${summary}`), kind)
    for (const { name, meaning } of payload) assert.ok(stdout.includes(name) && stdout.includes(meaning), name)
  }
})

test('every flag of record is a field of the event', async () => {
  const terminal = new Terminal()
  const flags = {
    ...{
      kind: 'tool',
      name: 'Edit',
      path: 'src/a.ts',
      issue: 'BUG-7',
      'session-id': 's',
      project: 'web',
      actor: 'ada',
    },
    ...{ state: 'error', retries: 2, ts: '2026-01-31', 'native-id': 'n', payload: '{"bytesIn":1}', args: 'null' },
  }
  const words = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)])
  const event = await record(terminal, ...words)
  assert.deepEqual(
    { ...event, id: '', recordedAt: '' },
    {
      ...{
        id: '',
        namespace: 'default',
        kind: 'tool',
        ts: '2026-01-31T00:00:00.000Z',
        sessionId: 's',
        issueId: 'BUG-7',
      },
      ...{
        projectId: 'web',
        actorName: 'ada',
        path: 'src/a.ts',
        name: 'Edit',
        state: 'error',
        retries: 2,
        failed: true,
      },
      ...{ payload: { argsHash: '74234e98afe7498f', bytesIn: 1 }, nativeId: 'n', sourceId: null, recordedAt: '' },
      replayed: false,
    },
  )
  const again = await terminal.type(['activity', 'record', ...words])
  assert.match(again.stdout, /^tool · Edit · ✗ error\n/)
  assert.match(again.stdout, /recorded before; nothing was added\n$/)
  const conflict = await terminal.type(['activity', 'record', ...words, '--state', 'done'])
  assert.equal(conflict.exitCode, 4)
  assert.equal((await terminal.type(['activity', 'record', '--from', '-', '--kind', 'file'])).exitCode, 2)
})

test('lines are recorded in batches, each whole, and what is wrong is named by its line', async () => {
  const terminal = new Terminal()
  const line = (index: number) => `{"kind":"file","path":"a.ts","nativeId":"n-${index}"}`
  const lines = Array.from({ length: 2_500 }, (_, index) => line(index))
  const broken = await recordLines(terminal, [...lines.slice(0, 1_998), '', '{"kind":"file"}', '[]'], '--json')
  assert.equal(broken.exitCode, 2)
  assert.deepEqual(problemsOf(broken.stderr), [
    { path: 'line 2000 path', message: 'is missing; an event of kind file needs it' },
    { path: 'line 2001', message: 'is not a JSON object such as {"kind":"file","path":"src/a.ts"}' },
  ])
  const before = JSON.parse(broken.stdout) as Recorded
  assert.deepEqual([before.items.length, before.recorded, before.replayed], [1_000, 1_000, 0])
  const missing = await recordLines(terminal, ['', line(0), '{"kind":"file"}'], '--json')
  assert.equal(problemsOf(missing.stderr)[0]?.path, 'line 3 path')
  assert.equal(missing.stdout, '')
  const several = await recordLines(
    terminal,
    ['', '{"kind":"file"}', 'no', line(0), '{"kind":"loop","name":5}'],
    '--json',
  )
  assert.deepEqual(
    problemsOf(several.stderr).map(({ path }) => path),
    ['line 2 path', 'line 3', 'line 5 name'],
  )
  assert.match(problemsOf(several.stderr)[1]?.message ?? '', /^is not JSON/)
  const whole = await recordLines(terminal, lines)
  assert.equal(whole.stdout, '1,500 events recorded, 1,000 recorded before\n')
})

test('a reader who has read enough does not stop the recording, nor hide that a line is wrong', async () => {
  const terminal = new Terminal()
  const lines = Array.from({ length: 2_001 }, () => '{"kind":"file","path":"a.ts"}')
  const line = ['activity', 'record', '--from', '-', '--json']
  const closed = await terminal.type(line, { input: lines.join('\n'), stdout: new ClosedPipe() })
  assert.deepEqual([closed.exitCode, closed.stderr], [0, ''])
  const all = ['activity', 'purge', '--older-than-ms', '0', '--dry-run']
  assert.equal((await terminal.json<ActivityPurgeReport>(...all)).eventsDeleted, 2_001)
  const wrong = await terminal.type(line, { input: [...lines, '{}'].join('\n'), stdout: new ClosedPipe() })
  assert.equal(wrong.exitCode, 2)
  assert.equal(problemsOf(wrong.stderr)[0]?.path, 'line 2002 kind')
})

test('lines come from a file too, and none is an error', async () => {
  const terminal = new Terminal()
  const file = join(terminal.folder, 'events.jsonl')
  writeFileSync(file, '{"kind":"deploy","payload":{"to":"production"}}\r\n{"kind":"file","path":"世.ts"}')
  const { items, recorded } = await terminal.json<Recorded>('activity', 'record', '--from', file)
  assert.deepEqual([recorded, items.map(({ kind }) => kind)], [2, ['custom', 'file']])
  writeFileSync(file, '\n')
  assert.match((await terminal.type(['activity', 'record', '--from', file])).stderr, /no events in .*events\.jsonl/)
  assert.equal((await terminal.type(['activity', 'record', '--from', 'nowhere'])).exitCode, 2)
})

test('a batch ends by its bytes too, lines end where they end, and one that is too long is refused', async () => {
  const bytes = Buffer.from('{"a":"é"}\n{"a":"\u2028"}\n\n{"a":"3"}\n{"a":"4"}')
  const inPieces = () => Readable.from(Array.from(bytes, (_, index) => bytes.subarray(index, index + 1)))
  const gathered: [(object | null)[], number[]][] = []
  for await (const { objects, lineNumbers } of objectBatches(inPieces(), '{}', { objects: 3, bytes: 20 }))
    gathered.push([objects, lineNumbers])
  assert.deepEqual(gathered, [
    [[{ a: 'é' }], [1]],
    [
      [{ a: '\u2028' }, { a: '3' }],
      [2, 4],
    ],
    [[{ a: '4' }], [5]],
  ])
  const tooLong = objectBatches(inPieces(), '{}', { objects: 3, bytes: 10 })
  await assert.rejects(tooLong.next(), { message: /line 2: is longer than 10 bytes/ })
  for await (const { objects, faults } of objectBatches(Readable.from(['1\n{}\n']), '{}', { objects: 3, bytes: 10 }))
    assert.deepEqual([objects, [...faults.keys()]], [[null, {}], [1]])
  const notText = objectBatches(Readable.from([Buffer.from([0x7b, 0xff])]), '{}', { objects: 3, bytes: 10 })
  await assert.rejects(notText.next(), { message: /line 1: is not UTF-8 text/ })
})

/** A failed loop on an issue, a file of it, and a tool that fails one time of two. */
async function fill(terminal: Terminal): Promise<void> {
  await recordLines(terminal, [
    '{"kind":"file","path":"a.ts","issueId":"BUG-7","ts":"2026-01-01T09:00:00Z"}',
    '{"kind":"loop","name":"fix","issueId":"BUG-7","state":"failed","ts":"2026-01-01T09:01:00Z"}',
    '{"kind":"tool","name":"Bash","projectId":"web","payload":{"exitCode":1},"ts":"2026-01-01T09:02:00Z"}',
    '{"kind":"tool","name":"Bash","projectId":"web","ts":"2026-01-01T09:03:00Z"}',
  ])
}

test('people read tables, and where there is nothing a sentence', async () => {
  const terminal = new Terminal()
  await fill(terminal)
  const shown = async (line: string) => (await terminal.type(['activity', ...line.split(' ')])).stdout
  assert.match(await shown('recent --kind tool'), /Bash │ {7}│[^]*Bash │ ✗ /)
  assert.match(await shown('related --path a.ts'), /fix [^]*│ issue {6}│\n[^]*│ direct/)
  assert.match(await shown('history BUG-7'), /a\.ts[^]*✗ failed/)
  assert.match(await shown('failed-loops a.ts'), /fix {2}│ BUG-7 │ {8}1 │ failed {5}│ 2026-01-01 09:01:00Z/)
  assert.match(await shown('failing-tools'), /Bash │ web {5}│ {8}1 │ {5}2 │ 50\.0%/)
  assert.equal(await shown('recent --kind correction'), 'No events.\n')
  assert.equal(await shown('failed-loops b.ts'), 'No loop failed on an issue that touches this file.\n')
  assert.equal(await shown('failing-tools --project api'), 'No tool failed.\n')
})

test('tables show what an event says', async () => {
  const terminal = new Terminal()
  await recordLines(terminal, [
    '{"kind":"correction","issueId":"BUG-1","payload":{"content":"Not\\nthat one"}}',
    `{"kind":"tool","name":"Bash","issueId":"BUG-1","payload":{"success":false,"error":"ENOENT ${'x'.repeat(60)}"}}`,
    '{"kind":"issue","issueId":"BUG-1","payload":{"title":"It hangs"}}',
    '{"kind":"file","path":"a.ts","issueId":"BUG-1","payload":{"op":"write"}}',
    '{"kind":"custom","name":"deploy","issueId":"BUG-1","payload":{"title":"x"}}',
  ])
  for (const line of ['recent', 'history BUG-1', 'related --issue BUG-1']) {
    const { stdout } = await terminal.type(['activity', ...line.split(' ')])
    for (const said of [/│ Not that one +│/, /│ ENOENT x{40}… │/, /│ It hangs +│/, /│ write +│/])
      assert.match(stdout, said, line)
  }
})

test('the dates of the command line are days too, and pages go on at their cursor', async () => {
  const terminal = new Terminal()
  await fill(terminal)
  const recent = (...options: string[]) => terminal.json<Listed>('activity', 'recent', ...options)
  assert.equal((await recent('--since', '2026-01-01', '--until', '2026-01-02')).items.length, 4)
  assert.equal((await recent('--until', '2026-01-01')).items.length, 0)
  const { stderr } = await terminal.type(['activity', 'recent', '--limit', '3'])
  const [, cursor = ''] = /--cursor (\S+)/.exec(stderr) ?? []
  assert.equal((await recent('--limit', '3', '--cursor', cursor)).items[0]?.path, 'a.ts')
  const unknown = await terminal.type(['activity', 'recent', '--kind', 'deploy'])
  assert.equal(unknown.exitCode, 2)
  assert.match(unknown.stderr, /tool, file, issue, loop, correction, custom/)
})

test('get and delete take an id, and a second deletion is not found', async () => {
  const terminal = new Terminal()
  const { id } = await record(terminal, '--kind', 'correction', '--payload', '{"content":"Not \\u001b[2J that one"}')
  const { stdout } = await terminal.type(['activity', 'get', id])
  assert.ok(stdout.startsWith('correction\n') && stdout.includes(id) && !stdout.includes('\u001b'), stdout)
  assert.deepEqual(await terminal.json('activity', 'delete', id), { id, deleted: true })
  assert.equal((await terminal.type(['activity', 'delete', id])).exitCode, 3)
})

test('a purge needs an age, refuses its options before it looks for a database, and promises truly', async () => {
  const terminal = new Terminal()
  const purge = (...options: string[]) => terminal.json<ActivityPurgeReport>('activity', 'purge', ...options)
  for (const line of ['--dry-run', '--older-than-ms x', '--older-than-ms 3162240000001', '--older-than-ms 1 --kind a'])
    assert.equal((await terminal.type(['activity', 'purge', ...line.split(' ')])).exitCode, 2, line)
  const nothing = { dryRun: true, eventsDeleted: 0, byKind: {}, remaining: 0 }
  assert.deepEqual(await purge('--older-than-ms', '0', '--dry-run'), nothing)
  assert.equal((await terminal.type(['activity', 'purge', '--older-than-ms', '0'])).exitCode, 2)
  assert.equal(existsSync(terminal.file), false)
  await fill(terminal)
  const some = ['--older-than-ms', '0', '--kind', 'tool', '--kind', 'loop']
  const promised = await purge(...some, '--dry-run')
  assert.deepEqual(promised, { dryRun: true, eventsDeleted: 3, byKind: { loop: 1, tool: 2 }, remaining: 1 })
  assert.deepEqual(await purge('--older-than-ms', '0', '--kind', 'tool', 'loop', '--dry-run'), promised)
  assert.deepEqual(await purge(...some), { ...promised, dryRun: false })
})

test('people are told of a flag, programs of a place in the input', async () => {
  const terminal = new Terminal()
  await record(terminal, '--kind', 'file', '--path', 'a.ts')
  const told = async (line: string[]) => (await terminal.type(['activity', ...line])).stderr
  assert.match(await told(['recent', '--issue', '']), /^error: --issue: must be non-empty/)
  assert.match(await told(['recent', '--limit', '1001']), /^error: --limit: must not be greater than 1000/)
  assert.match(await told(['history', 'BUG-1', '--limit', '0']), /^error: --limit: /)
  assert.match(await told(['purge', '--older-than-ms', '1', '--batch-size', '0']), /^error: --batch-size: /)
  const payload = ['--kind', 'tool', '--name', 'Bash', '--payload', '{"exitCode":"x"}']
  assert.match(await told(['record', ...payload]), /^error: --payload exitCode: must be a whole number/)
  for (const line of [['related'], ['related', '--path', 'a', '--loop', 'b']])
    assert.match(await told(line), /needs exactly one of --path, --issue, --session-id and --loop/)
  assert.equal(problemsOf(await told(['recent', '--issue', '', '--json']))[0]?.path, 'issueId')
})

test('help says what an option takes at most, what it needs, and which time is meant', async () => {
  const terminal = new Terminal()
  const help = async (command: string) =>
    (await terminal.type(['activity', command, '--help'])).stdout.replace(/\s+/g, ' ')
  for (const command of ['recent', 'related', 'history', 'failed-loops', 'failing-tools', 'rejects'])
    assert.match(await help(command), /--limit <n> at most this many; 50 unless given, up to 1,000/, command)
  for (const command of ['recent', 'failed-loops', 'failing-tools'])
    assert.match(await help(command), /--since <instant> [^-]*, UTC where it names no offset/, command)
  assert.match(await help('record'), /--ts <instant> [^-]*, UTC where it names no offset/)
  assert.match(await help('purge'), /--older-than-ms <n> [^-]*; required .*--kind <kind...> [^-]*; may be repeated/)
})

test('purge tells a person how it went, with a bar while it runs', async () => {
  const terminal = new Terminal()
  await fill(terminal)
  const line = ['activity', 'purge', '--older-than-ms', '0']
  assert.match((await terminal.type([...line, '--dry-run'])).stdout, /^Dry run; nothing was changed/)
  const watched = Object.assign(new Collector(), { isTTY: true, columns: 80 })
  const stdout = new Collector()
  const argv = ['node', 'hansard', ...line, '--batch-size', '1']
  assert.equal(await runCommandLine(parts, terminal.process(argv, { input: '', stdout, stderr: watched })), 0)
  assert.equal(stdout.text, 'Purged.\n4 events deleted\n  file 1\n  loop 1\n  tool 2\n0 events left\n')
  assert.match(watched.text, /4\/4 events/)
})
