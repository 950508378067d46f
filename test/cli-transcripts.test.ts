import assert from 'node:assert/strict'
import { existsSync, rmSync } from 'node:fs'
import { test } from 'node:test'
import { secretToken as secret } from '../features/support/secret-token.js'
import type { IngestReport } from '../src/domain/transcripts/transcript-ingest.js'
import type {
  DiscoveredSourceJson,
  TranscriptEventsJson,
  TranscriptWithSourcesJson,
} from '../src/domain/transcripts/transcript-json.js'
import { runCommandLine } from '../src/infrastructure/cli/command-line.js'
import { Collector, parts, Terminal } from './terminal.js'
import { type TestStore, testOnBoth } from './test-store.js'
import { Corpus, claudeSession, fork, lines, session } from './transcript-corpus.js'

const uid = `claude:${session}`

/** A terminal on the store of a test, and the files of agents. */
async function terminalOn(store: TestStore) {
  const { options, schema } = store
  const terminal = new Terminal()
  terminal.env.HANSARD_DATABASE = options.database
  if (schema !== undefined) terminal.env.HANSARD_SCHEMA = schema
  await terminal.json('migrate', 'up')
  const corpus = new Corpus()
  store.afterwards(async () => rmSync(corpus.folder, { recursive: true }))
  return { terminal, corpus }
}

const tell = <T>(terminal: Terminal, ...words: string[]) => terminal.json<T>('transcripts', ...words)
const ingest = (terminal: Terminal, ...words: string[]) => tell<IngestReport>(terminal, 'ingest', ...words)
const discover = async (terminal: Terminal, ...words: string[]) =>
  (await tell<{ items: DiscoveredSourceJson[] }>(terminal, 'discover', ...words)).items

testOnBoth('what agents left is discovered and taken in once; what has grown since is read on', async (store) => {
  const { terminal, corpus } = await terminalOn(store)
  const paths = corpus.writeAll()
  const states = async () => (await discover(terminal, corpus.folder)).map(({ state }) => state).toSorted()
  assert.deepEqual(await states(), ['new', 'new', 'new', 'new', 'new'])
  const report = await ingest(terminal, corpus.folder)
  assert.deepEqual([report.sources.read, report.transcripts.length, report.isInterrupted], [5, 4, false])
  assert.deepEqual(Object.keys(report.transcripts[0] ?? {}), [
    ...['uid', 'flavor', 'records', 'malformedLines', 'recovered', 'unknownTypes', 'oversizedLines', 'oversizedBytes'],
    ...['events', 'userPrompts', 'assistantMessages', 'toolCalls', 'toolResults', 'toolErrors', 'tokens'],
  ])
  const told = report.transcripts.find((each) => each.uid === uid)
  assert.deepEqual(told?.tokens, { inputTokens: 120, cacheReadTokens: 60, cacheWriteTokens: 0, outputTokens: 666 })
  assert.equal((await ingest(terminal, ...paths)).sources.unchanged, 5)
  corpus.write(`claude/${session}.jsonl`, lines(claudeSession(session, 13)))
  assert.deepEqual(await states(), ['changed', 'unchanged', 'unchanged', 'unchanged', 'unchanged'])
})

interface Shown extends TranscriptWithSourcesJson {
  events: TranscriptEventsJson['items']
}

testOnBoth('a transcript is told with its sources and events, and page by page', async (store) => {
  const { terminal, corpus } = await terminalOn(store)
  await ingest(terminal, ...corpus.writeAll())
  const list = await tell<{ items: { uid: string }[] }>(terminal, 'list', '--flavor', 'claude', '--order', 'oldest')
  assert.deepEqual(list.items.map((each) => each.uid).toSorted(), [uid, `claude:${fork}`])
  const shown = await tell<Shown>(terminal, 'show', uid)
  assert.deepEqual([shown.uid, shown.outcome, shown.sources.length, shown.events.length], [uid, 'success', 2, 48])
  assert.ok(shown.events.every(({ body, bodyBytes }) => body !== null && body.length === bodyBytes))
  const latest = await tell<Shown>(terminal, 'show', uid, '--latest', '2')
  assert.deepEqual(
    latest.events.map(({ seq }) => seq),
    [47, 48],
  )
  const page = await tell<TranscriptEventsJson>(
    ...([terminal, 'events', uid, '--kind', 'user_msg', '--kind', 'error', '--limit', '3'] as const),
  )
  assert.deepEqual(
    page.items.map(({ seq, kind, body }) => [seq, kind, body]),
    [
      [1, 'user_msg', null],
      [5, 'user_msg', null],
      [8, 'error', null],
    ],
  )
  assert.equal(page.nextCursor, 8)
  const { items } = await tell<TranscriptEventsJson>(
    terminal,
    'events',
    uid,
    '--after',
    '8',
    '--limit',
    '1',
    '--bodies',
  )
  assert.deepEqual(
    items.map(({ body }) => body),
    ['Please do 2'],
  )
})

testOnBoth('digest, errors and usage answer what was distilled', async (store) => {
  const { terminal, corpus } = await terminalOn(store)
  await ingest(terminal, ...corpus.writeAll())
  const digest = await tell<{ tools: object; isComplete: boolean }>(terminal, 'digest', uid)
  assert.deepEqual([digest.tools, digest.isComplete], [{ Bash: 12 }, true])
  const errors = (...words: string[]) =>
    tell<{ items: { transcripts: number; tools: string[]; trend: string }[] }>(terminal, 'errors', ...words)
  const [first] = (await errors('--tool', 'Bash', '--project', 'shop')).items
  assert.deepEqual([first?.transcripts, first?.tools, first?.trend], [2, ['Bash'], 'quiet'])
  assert.deepEqual(await errors('--project', 'other'), { items: [] })
  const usage = await tell<{ items: { group: string; outputTokens: number }[] }>(terminal, 'usage', '--by', 'model')
  assert.deepEqual(
    usage.items.map(({ group, outputTokens }) => [group, outputTokens]),
    [
      ['claude-x', 666],
      ['gpt-x', 12],
    ],
  )
})

testOnBoth('an ingest tells how many digests of an older version it made anew', async (store) => {
  const { terminal, corpus } = await terminalOn(store)
  await ingest(terminal, ...corpus.writeAll())
  const transcripts = store.table('transcripts')
  await store.execute(`update ${transcripts} set digest_version = 0 where flavor = 'claude'`)
  const { stdout } = await terminal.type(['transcripts', 'ingest', corpus.folder])
  assert.equal(stdout, '0 files read, 5 as before\n2 digests of an older version made anew\n')
  assert.deepEqual((await ingest(terminal, corpus.folder)).digests, { renewed: 0, outdated: 0 })
})

test('only ingest makes a database file; discover does without one', async (t) => {
  const terminal = new Terminal()
  const corpus = new Corpus()
  t.after(() => rmSync(corpus.folder, { recursive: true }))
  corpus.writeAll()
  for (const line of ['list', 'errors', 'usage', `show ${uid}`, `events ${uid}`, `digest ${uid}`])
    assert.equal((await terminal.type(['transcripts', ...line.split(' ')])).exitCode, 3, line)
  assert.deepEqual(
    (await discover(terminal, corpus.folder, '--flavor', 'codex')).map(({ flavor, state }) => [flavor, state]),
    [
      ['codex', 'new'],
      ['codex', 'new'],
    ],
  )
  assert.equal(existsSync(terminal.file), false)
  assert.equal((await ingest(terminal, corpus.folder, '--flavor', 'codex')).sources.read, 2)
  assert.equal(existsSync(terminal.file), true)
})

test('what no command can take is refused, with what it takes', async () => {
  const terminal = new Terminal()
  await terminal.json('migrate', 'up')
  for (const [line, exitCode, message] of [
    ['ingest --flavor cursor', 2, /--flavor: must be one of .*claude, codex, grok/],
    ['discover --flavor cursor', 2, /--flavor: .*claude, codex, grok/],
    ['list --flavor cursor', 2, /claude, codex, grok/],
    ['list --outcome won', 2, /success, fail, abandoned, unknown/],
    ['list --since yesterday', 2, /ISO 8601/],
    ['list --limit 0', 2, /--limit: must be a whole number from 1 to 1000/],
    ['show 0a1b2c3d', 2, /uid: "0a1b2c3d" is not one; write claude:<id>, codex:<id>, grok:<id>/],
    ['events claude:1 --kind song', 2, /--kind: .*user_msg, assistant_msg/],
    ['usage --by week', 2, /day, project/],
    ['errors --since 2026-02-30', 2, /ISO 8601/],
    ['show claude:1', 3, /No transcript "claude:1".*hansard transcripts ingest.*TRANSCRIPT_NOT_FOUND/],
    ['digest claude:1', 3, /TRANSCRIPT_NOT_FOUND/],
    ['ingest /no/such/place', 2, /\/no\/such\/place: no such file or folder/],
  ] as const) {
    const typed = await terminal.type(['transcripts', ...line.split(' ')])
    assert.equal(typed.exitCode, exitCode, line)
    assert.match(typed.stderr, message, line)
  }
})

test('who finds nothing is told where it was looked', async (t) => {
  const terminal = new Terminal()
  const corpus = new Corpus()
  t.after(() => rmSync(corpus.folder, { recursive: true }))
  const path = corpus.write('notes.jsonl', lines([{ a: 1 }]))
  for (const command of ['discover', 'ingest']) {
    const { stdout, stderr } = await terminal.type(['transcripts', command, path, '--flavor', 'grok'])
    assert.equal(stdout, 'No transcripts found.\n')
    assert.equal(stderr, 'Nothing there is a transcript of grok.\n')
  }
  const { stdout, stderr } = await terminal.type(['transcripts', 'list'])
  assert.deepEqual(
    [stdout, stderr],
    ['No transcripts.\n', '"hansard transcripts ingest" reads those that agents left.\n'],
  )
})

test('of many files that are refused some are named, and all are counted', async (t) => {
  const terminal = new Terminal()
  const corpus = new Corpus()
  t.after(() => rmSync(corpus.folder, { recursive: true }))
  for (let each = 0; each < 12; each++)
    corpus.write(`codex/${each}.jsonl`, '{"type":"thread.started","thread_id":"a"}\n')
  const { stdout } = await terminal.type(['transcripts', 'ingest', corpus.folder])
  assert.equal(stdout.match(/^refused: /gm)?.length, 10)
  assert.match(stdout, /^0 files read, 12 refused\n[^]*\n2 more refused; transcripts discover lists all/)
})

test('a narrow terminal has room for the name of a file that is refused, and for the reason', async (t) => {
  const terminal = new Terminal()
  const corpus = new Corpus()
  t.after(() => rmSync(corpus.folder, { recursive: true }))
  corpus.write('codex/printed.jsonl', '{"type":"thread.started","thread_id":"a"}\n')
  const stdout = Object.assign(new Collector(), { isTTY: true, columns: 60 })
  const argv = ['node', 'hansard', 'transcripts', 'discover', corpus.folder]
  assert.equal(await runCommandLine(parts, terminal.process(argv, { input: '', stdout, stderr: new Collector() })), 0)
  assert.match(stdout.text, /…\S*\/printed\.jsonl │\n.*is what `codex exec/)
})

test('secrets are kept only where that is asked for, and then with a warning', async (t) => {
  const terminal = new Terminal()
  const corpus = new Corpus()
  t.after(() => rmSync(corpus.folder, { recursive: true }))
  const [prompt] = claudeSession(session, 1)
  const path = corpus.write(`${session}.jsonl`, lines([{ ...prompt, message: { role: 'user', content: secret } }]))
  const { stdout, stderr, exitCode } = await terminal.type(['transcripts', 'ingest', path])
  assert.deepEqual([exitCode, stderr], [0, ''])
  assert.match(stdout, /1 record\n1 file read\n$/)
  const shown = await terminal.type(['transcripts', 'show', uid])
  assert.ok(!shown.stdout.includes(secret) && shown.stdout.includes('[redacted:'), shown.stdout)
  assert.match(shown.stdout, /1 secret hidden/)
  const other = ['--namespace', 'plain']
  const bare = await terminal.type(['transcripts', 'ingest', path, '--no-redact', ...other])
  assert.match(bare.stderr, /^Warning: secrets are kept/)
  assert.ok((await terminal.type(['transcripts', 'show', uid, ...other])).stdout.includes(secret))
})

test('activity is told unless that is not asked for', async (t) => {
  const terminal = new Terminal()
  const corpus = new Corpus()
  t.after(() => rmSync(corpus.folder, { recursive: true }))
  corpus.writeAll()
  const told = async (namespace: string, ...options: string[]) => {
    const place = ['--namespace', namespace]
    await ingest(terminal, corpus.folder, ...options, ...place)
    return (await terminal.json<{ items: object[] }>('activity', 'recent', ...place)).items.length > 0
  }
  assert.deepEqual([await told('told'), await told('untold', '--no-activity')], [true, false])
})

test('a person sees how far an ingest is, and may break it off; the next one goes on', async (t) => {
  const terminal = new Terminal()
  const corpus = new Corpus()
  t.after(() => rmSync(corpus.folder, { recursive: true }))
  corpus.writeAll()
  const typed = async (stderr: Collector) => {
    const stdout = new Collector()
    const argv = ['node', 'hansard', 'transcripts', 'ingest', corpus.folder]
    assert.equal(await runCommandLine(parts, terminal.process(argv, { input: '', stdout, stderr })), 0)
    return { stdout: stdout.text, stderr: stderr.text }
  }
  const interrupting = Object.assign(new Collector(), { isTTY: true, columns: 80 })
  const write = interrupting._write.bind(interrupting)
  interrupting._write = (chunk, encoding, done) => {
    if (chunk.toString().includes('%')) terminal.signals.emit('SIGINT')
    write(chunk, encoding, done)
  }
  const broken = await typed(interrupting)
  assert.match(
    broken.stderr,
    /Looking for transcripts …\n.*0% \| 0 B of [\d.]+ KiB \| .*Interrupted\. What was read is stored/s,
  )
  const whole = await typed(Object.assign(new Collector(), { isTTY: true, columns: 80 }))
  assert.match(whole.stderr, /100% \| ([\d.]+ KiB) of \1 \| [\d.]+ [KM]iB\/s \| \S+ left/)
  assert.match(whole.stdout, /4 transcripts .*\n.*\n\d+ records\n5 files read\n$/)
  const again = await typed(Object.assign(new Collector(), { isTTY: true, columns: 80 }))
  assert.deepEqual(again, { stdout: '0 files read, 5 as before\n', stderr: 'Looking for transcripts …\n' })
})

test('a watch tells of all, then of what is written, and ends when it is interrupted', async (t) => {
  const terminal = new Terminal()
  const corpus = new Corpus()
  t.after(() => rmSync(corpus.folder, { recursive: true }))
  const path = corpus.write(`${session}.jsonl`, lines(claudeSession(session, 1)))
  const stdout = new Collector()
  const write = stdout._write.bind(stdout)
  stdout._write = (chunk, encoding, done) => {
    write(chunk, encoding, done)
    const reports = stdout.text.split('\n').length - 1
    if (reports === 1) corpus.write(`${session}.jsonl`, lines(claudeSession(session, 2)))
    if (reports === 2) terminal.signals.emit('SIGINT')
  }
  const { exitCode } = await terminal.type(['transcripts', 'ingest', path, '--watch', '--json'], { stdout })
  assert.equal(exitCode, 0)
  const reports = stdout.text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as IngestReport)
  assert.deepEqual(
    reports.map(({ transcripts }) => transcripts.map(({ userPrompts }) => userPrompts)),
    [[1], [2]],
  )
})
