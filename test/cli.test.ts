import assert from 'node:assert/strict'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Command } from 'commander'
import { errorCodes } from '../src/domain/errors.js'
import type { SessionJson } from '../src/domain/sessions/session-archive.js'
import { CommandContext } from '../src/infrastructure/cli/command-context.js'
import { commandLine, runCommandLine } from '../src/infrastructure/cli/command-line.js'
import { maskCredentials } from '../src/infrastructure/cli/commands/doctor.js'
import { exitCodeByErrorCode } from '../src/infrastructure/cli/exit-codes.js'
import { ClosedPipe, Collector, parts, Terminal } from './terminal.js'

test('a list is one JSON document also when it is empty', async () => {
  const terminal = new Terminal()
  await terminal.json('migrate', 'up')
  const { stdout } = await terminal.type(['sessions', 'list', '--json'])
  assert.equal(stdout, '{"items":[],"nextCursor":null,"previousCursor":null}\n')
  const { id } = await terminal.create()
  assert.deepEqual(await terminal.json('sessions', 'messages', id), {
    items: [],
    nextCursor: null,
    previousCursor: null,
  })
  assert.equal(await terminal.json('sessions', 'find', '--external-id', 'none'), null)
})

test('--json and --database may stand anywhere on the line', async () => {
  const terminal = new Terminal()
  const { id } = await terminal.create()
  for (const line of [
    ['--json', 'sessions', 'show', id],
    ['sessions', '--json', 'show', id],
    ['sessions', 'show', '--json', id],
    ['sessions', 'show', id, '--database', terminal.database, '--json'],
  ]) {
    const { stdout, exitCode } = await terminal.type(line)
    assert.equal(exitCode, 0)
    assert.equal((JSON.parse(stdout) as SessionJson).id, id)
  }
})

test('a text that looks like a switch is still a text', async () => {
  const terminal = new Terminal()
  const { id } = await terminal.create()
  for (const text of ['--json', '-h', '--version', '-5']) {
    assert.equal((await terminal.say(id, text)).content, text)
  }
})

test('every kind of failure has its exit code and one JSON error', async () => {
  const terminal = new Terminal()
  const { id } = await terminal.create('--external-id', 'trip')
  const cases: [number, string, string[]][] = [
    [2, 'INVALID_INPUT', ['sessions', 'list', '--limit', 'many']],
    [2, 'INVALID_INPUT', ['sessions', 'list', '--nonsense']],
    [2, 'INVALID_INPUT', ['sessions', 'append', id, '--role', 'user']],
    [2, 'INVALID_INPUT', ['sessions', 'list', '--limit', '0']],
    [2, 'CURSOR_INVALID', ['sessions', 'list', '--cursor', 'x']],
    [3, 'SESSION_NOT_FOUND', ['sessions', 'show', 'none']],
    [3, 'SESSION_NOT_FOUND', ['sessions', 'show', id, '--namespace', 'other']],
    [3, 'DATABASE_NOT_FOUND', ['sessions', 'show', id, '--database', `sqlite:${terminal.folder}/mistyped.db`]],
    [4, 'EXTERNAL_ID_TAKEN', ['sessions', 'create', '--actor', 'ada', '--external-id', 'trip']],
    [
      4,
      'SEQUENCE_CONFLICT',
      ['sessions', 'append', id, '--role', 'user', '--content', 'x', '--expected-sequence', '9'],
    ],
  ]
  for (const [exitCode, code, line] of cases) {
    const result = await terminal.type([...line, '--json'])
    const shown = JSON.stringify({ line, result })
    assert.equal(result.exitCode, exitCode, shown)
    assert.equal(result.stdout, '', shown)
    assert.equal((JSON.parse(result.stderr) as { error: { code: string } }).error.code, code, shown)
  }
})

test('storage failures end with 5, and a failure of ours shows no stack', async () => {
  const terminal = new Terminal()
  writeFileSync(terminal.file, 'this is no database, and long enough to be read as a page of one'.repeat(100))
  const { exitCode, stderr } = await terminal.type(['sessions', 'list'])
  assert.equal(exitCode, 5)
  assert.match(stderr, /^error: /)
  assert.doesNotMatch(stderr, /\n\s+at /)
})

test('every error code has an exit code', () => {
  assert.deepEqual(Object.keys(exitCodeByErrorCode).sort(), Object.values(errorCodes).flat().sort())
})

test('without a database the error says how to name one', async () => {
  const stderr = new Collector()
  const stdout = new Collector()
  const process = new Terminal().process(['node', 'hansard', 'sessions', 'list'], { input: '', stdout, stderr })
  assert.equal(await runCommandLine(parts, { ...process, env: {} }), 2)
  assert.match(stderr.text, /--database sqlite:.*HANSARD_DATABASE/)
})

test('only commands that create make a database file', async () => {
  const terminal = new Terminal()
  writeFileSync(join(terminal.folder, 'lines.jsonl'), '{"role":"user","content":"x"}\n')
  for (const line of [
    ...['list', 'show x', 'messages x', 'follow x', 'verify x', 'usage', 'find --id x', 'export x', 'fork x'],
    ...[
      'append x --role user --content x',
      'truncate x --after-sequence 0',
      'update x --title x',
      'close x',
      'delete x',
    ],
    'import --dry-run -',
  ]) {
    const { exitCode } = await terminal.type(['sessions', ...line.split(' ')], { input: '{}' })
    assert.equal(exitCode, 3, line)
  }
  for (const line of ['migrate status', 'migrate down', 'doctor']) {
    assert.equal((await terminal.type(line.split(' '))).exitCode, 3, line)
  }
  assert.equal((await terminal.type(['migrate', 'sql'])).exitCode, 0)
  assert.deepEqual(readdirSync(terminal.folder), ['lines.jsonl'])
  await terminal.create()
  assert.ok(existsSync(terminal.file))
})

test('migrate and doctor report what they find', async () => {
  const terminal = new Terminal()
  const { applied } = await terminal.json<{ applied: string[] }>('migrate', 'up')
  assert.ok(applied.length > 0)
  const { items } = await terminal.json<{ items: { applied: boolean }[] }>('migrate', 'status')
  assert.ok(items.every((step) => step.applied))
  assert.equal((await terminal.json<{ ok: boolean }>('doctor')).ok, true)
  assert.equal((await terminal.json<{ reverted: string }>('migrate', 'down')).reverted, applied.at(-1))
  const { exitCode, stdout } = await terminal.type(['doctor'])
  assert.equal(exitCode, 5, stdout)
  assert.match((await terminal.type(['migrate', 'sql'])).stdout, /CREATE TABLE/i)
})

test('a reader that goes away ends a command quietly', async () => {
  const terminal = new Terminal()
  const { id } = await terminal.create()
  await terminal.say(id, 'Hello')
  const { exitCode, stderr } = await terminal.type(['sessions', 'show', id], { stdout: new ClosedPipe() })
  assert.deepEqual({ exitCode, stderr }, { exitCode: 0, stderr: '' })
})

test('credentials are never shown', () => {
  assert.equal(maskCredentials('postgres://ada:s3/cr@t@host:5432/db'), 'postgres://ada:***@host:5432/db')
  assert.equal(
    maskCredentials('postgres://host/db?user=a&password=b&x=1'),
    'postgres://host/db?user=a&password=***&x=1',
  )
  assert.equal(maskCredentials('sqlite:./a.db'), 'sqlite:./a.db')
})

test('every command and every option has help', async () => {
  const terminal = new Terminal()
  const process = terminal.process([], { input: '', stdout: new Collector(), stderr: new Collector() })
  const commands = descendants(commandLine(new CommandContext(parts, process)))
  assert.ok(commands.length > 20)
  for (const command of commands) {
    assert.ok(command.description(), command.name())
    for (const option of command.options) assert.ok(option.description, `${command.name()} ${option.flags}`)
  }
  const help = await terminal.type(['sessions', 'append', '--help'])
  assert.equal(help.exitCode, 0)
  assert.match(help.stdout, /--expected-sequence/)
  assert.equal((await terminal.type([])).exitCode, 2)
})

function descendants(command: Command): Command[] {
  return [command, ...command.commands.flatMap(descendants)]
}
