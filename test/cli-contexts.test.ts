import assert from 'node:assert/strict'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { ContextWithStepsJson, OpenedContextJson, RunReportJson } from '../src/domain/contexts/context-json.js'
import type { PurgeReport } from '../src/domain/contexts/context-purge.js'
import { runCommandLine } from '../src/infrastructure/cli/command-line.js'
import { Collector, parts, Terminal } from './terminal.js'
import { testOn } from './test-store.js'

const nothing = {
  dryRun: true,
  expiredMarked: 0,
  contextDeleted: 0,
  stepOrphanDeleted: 0,
  stepAgedDeleted: 0,
  aliveRemaining: 0,
}

const open = (terminal: Terminal, ...options: string[]) =>
  terminal.json<OpenedContextJson>('contexts', 'open', ...options)

test('a dry run where there is no database reports nothing and makes no file; a run is refused', async () => {
  const terminal = new Terminal()
  assert.equal(
    JSON.stringify(await terminal.json<PurgeReport>('contexts', 'purge', '--dry-run')),
    JSON.stringify(nothing),
  )
  const { exitCode, stderr } = await terminal.type(['contexts', 'purge', '--json'])
  const { error } = JSON.parse(stderr) as { error: { code: string } }
  assert.deepEqual([exitCode, error.code], [2, 'INVALID_INPUT'])
  assert.equal(existsSync(terminal.file), false)
})

testOn(
  'postgres',
  'a dry run on a Postgres without the database reports nothing; a run is refused',
  async ({ options }) => {
    const terminal = new Terminal()
    terminal.env.HANSARD_DATABASE = Object.assign(new URL(options.database), { pathname: '/no_such' }).href
    assert.deepEqual(await terminal.json<PurgeReport>('contexts', 'purge', '--dry-run'), nothing)
    const { exitCode, stderr } = await terminal.type(['contexts', 'purge'])
    assert.equal(exitCode, 2)
    assert.match(stderr, /No database "no_such"/)
    assert.ok(!stderr.includes('://'), stderr)
    assert.equal((await terminal.type(['contexts', 'list'])).exitCode, 3)
  },
)

test('a purge refuses its options before it looks for a database', async () => {
  const terminal = new Terminal()
  for (const option of ['--batch-size 0', '--batch-size 10001', '--batch-size x', '--retention-ms 3162240000001']) {
    const { exitCode, stderr } = await terminal.type(['contexts', 'purge', '--dry-run', ...option.split(' ')])
    assert.equal(exitCode, 2, option)
    assert.match(stderr, /whole number/, option)
  }
})

test('open and run make a database file; the other commands make none', async () => {
  const terminal = new Terminal()
  const token = '0'.repeat(32)
  for (const line of [
    `step ${token} --request 1`,
    `get ${token}`,
    `patch ${token} --patch {}`,
    `close ${token}`,
    'list',
  ])
    assert.equal((await terminal.type(['contexts', ...line.split(' ')])).exitCode, 3, line)
  assert.equal(existsSync(terminal.file), false)
  await open(terminal)
  const other = new Terminal()
  const line = ['contexts', 'run', '--from', '-', '--json']
  assert.equal((await other.type(line, { input: '{"request":1}' })).exitCode, 0)
  assert.equal(existsSync(other.file), true)
})

test('the report of a purge has exactly its six figures, in their order', async () => {
  const terminal = new Terminal()
  await open(terminal)
  const report = await terminal.json<PurgeReport>('contexts', 'purge', '--retention-ms', '0', '--aged-steps')
  assert.equal(JSON.stringify(report), JSON.stringify({ ...nothing, dryRun: false, aliveRemaining: 1 }))
})

test('a token comes from stdin for -, its line end left out', async () => {
  const terminal = new Terminal()
  const { stateToken, id } = await open(terminal)
  for (const line of [
    ['step', '-', '--request', '{"day":1}'],
    ['patch', '-', '--patch', '{"umbrella":true}'],
    ['get', '-'],
    ['close', '-', '--json'],
  ]) {
    const { exitCode, stdout, stderr } = await terminal.type(['contexts', ...line], { input: `${stateToken}\r\n` })
    assert.equal(exitCode, 0, stderr)
    assert.ok(!stdout.includes(stateToken), line[0])
    if (line.includes('--json')) assert.equal((JSON.parse(stdout) as ContextWithStepsJson).id, id)
  }
  assert.equal((await terminal.type(['contexts', 'get', '-'], { input: '' })).exitCode, 2)
})

test('the text of open ends with the token, and no other text has it', async () => {
  const terminal = new Terminal()
  const { stdout } = await terminal.type(['contexts', 'open', '--subject', 'ada', '--sliding'])
  const [token = ''] = /[0-9a-f]{32}$/.exec(stdout.trim()) ?? []
  assert.match(stdout, /subject ada/)
  assert.match(stdout, /, sliding/)
  const wrong = await terminal.type(['contexts', 'get', token])
  assert.equal(wrong.exitCode, 4)
  assert.ok(!wrong.stderr.includes(token))
  const list = await terminal.type(['contexts', 'list'])
  assert.ok(list.stdout.includes('ada') && !list.stdout.includes(token))
})

test('get and close print the log as people read it', async () => {
  const terminal = new Terminal()
  const { stateToken } = await open(terminal, '--context', '{"city":"Oslo"}')
  const step = ['contexts', 'step', stateToken, '--request', '{"day":1}']
  await terminal.type([...step, '--response', 'null', '--action', 'forecast', '--idempotency-key', 'k'])
  const again = await terminal.type([...step, '--action', 'forecast', '--idempotency-key', 'k'])
  assert.match(again.stdout, /recorded before/)
  await terminal.type([...step, '--response', '2', '--hash-only'])
  const { stdout } = await terminal.type(['contexts', 'get', stateToken])
  for (const shown of ['{"city":"Oslo"}', '#1 forecast', '→ {"day":1}', '← null', '→ sha256:', '← sha256:'])
    assert.ok(stdout.includes(shown), shown)
  assert.match((await terminal.type(['contexts', 'close', stateToken])).stdout, /^.*\nclosed · /)
})

test('list goes on at its cursor, in tables and documents', async () => {
  const terminal = new Terminal()
  await open(terminal)
  await open(terminal)
  const { stderr } = await terminal.type(['contexts', 'list', '--limit', '1'])
  const [, cursor = ''] = /--cursor (\S+)/.exec(stderr) ?? []
  const rest = await terminal.json<{ items: unknown[]; nextCursor: null }>(
    'contexts',
    'list',
    '--limit',
    '1',
    '--cursor',
    cursor,
  )
  assert.deepEqual([rest.items.length, rest.nextCursor], [1, null])
  assert.match((await new Terminal().type(['contexts', 'list'])).stderr, /No database file/)
})

test('run names the line of a bad step, and of each that partial leaves out', async () => {
  const terminal = new Terminal()
  const steps = '{"request":1}\n\n{"request":2,"action":""}\n{"request":3}\n'
  const whole = await terminal.type(['contexts', 'run', '--from', '-'], { input: steps })
  assert.equal(whole.exitCode, 2)
  assert.match(whole.stderr, /line 3 action/)
  const file = join(terminal.folder, 'steps.jsonl')
  writeFileSync(file, steps)
  const line = ['contexts', 'run', '--from', file, '--partial']
  assert.match((await terminal.type(line)).stdout, /partial: 2 of 3 steps recorded\nline 3 action/)
  const { results, outcome } = await terminal.json<RunReportJson>(...line)
  assert.equal(outcome, 'partial')
  assert.ok(results[1]?.status === 'failed' && results[1].error.problems?.[0]?.path === 'line 3 action')
  for (const input of ['', '\n', '[]', '{'])
    assert.equal((await terminal.type(['contexts', 'run', '--from', '-'], { input })).exitCode, 2, input)
})

test('purge tells a person how it went, with a bar while it runs', async () => {
  const terminal = new Terminal()
  const { stateToken } = await open(terminal)
  await terminal.json('contexts', 'step', stateToken, '--request', '1')
  await terminal.json('contexts', 'close', stateToken)
  const watched = Object.assign(new Collector(), { isTTY: true, columns: 80 })
  const dryRun = await terminal.type(['contexts', 'purge', '--retention-ms', '0', '--dry-run'])
  assert.match(dryRun.stdout, /^Dry run/)
  const stdout = new Collector()
  const argv = ['node', 'hansard', 'contexts', 'purge', '--retention-ms', '0', '--batch-size', '1']
  assert.equal(await runCommandLine(parts, terminal.process(argv, { input: '', stdout, stderr: watched })), 0)
  assert.match(stdout.text, /^Purged\.\n0 contexts marked as expired\n1 context deleted, with 1 step\n/)
  assert.match(watched.text, /2\/2 rows/)
})
