import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { test } from 'node:test'
import type { MessageJson } from '../src/domain/sessions/session-archive.js'
import { Terminal } from './terminal.js'

/** What reads our output has no room left. */
class FullDisk extends Writable {
  override _write(_chunk: Buffer, _encoding: string, done: (error: Error) => void): void {
    const details = { code: 'ENOSPC', syscall: 'write', errno: -28 }
    done(Object.assign(new Error('ENOSPC: no space left on device, write'), details))
  }
}

test('a command that is missing is one JSON error with --json, and help without', async () => {
  const terminal = new Terminal()
  for (const [line, named] of [
    [[], '"hansard" takes sessions, contexts'],
    [['sessions'], '"hansard sessions" takes find, list'],
    [['migrate'], '"hansard migrate" takes up'],
  ] as const) {
    const { exitCode, stdout, stderr } = await terminal.type([...line, '--json'])
    assert.deepEqual([exitCode, stdout], [2, ''])
    const { error } = JSON.parse(stderr) as { error: { code: string; message: string } }
    assert.equal(error.code, 'INVALID_INPUT')
    assert.ok(error.message.includes(named), error.message)
    const plain = await terminal.type([...line])
    assert.equal(plain.exitCode, 2)
    assert.match(plain.stderr, /^Usage: hansard/)
  }
})

test('help takes the whole path of a command', async () => {
  const terminal = new Terminal()
  const append = await terminal.type(['help', 'sessions', 'append'])
  assert.equal(append.exitCode, 0)
  assert.match(append.stdout, /^Usage: hansard sessions append /)
  assert.equal((await terminal.type(['sessions', 'help', 'append'])).stdout, append.stdout)
  assert.match((await terminal.type(['help', 'doctor'])).stdout, /^Usage: hansard doctor/)
  assert.match((await terminal.type(['help'])).stdout, /^Usage: hansard \[options\]/)
  for (const line of [
    ['help', 'nonsense'],
    ['help', 'sessions', 'nonsense'],
  ]) {
    const { exitCode, stderr } = await terminal.type(line)
    assert.equal(exitCode, 2)
    assert.match(stderr, /unknown command 'nonsense'/)
  }
})

test('follow begins with its first message, and parts the next ones by a blank line', async () => {
  const terminal = new Terminal()
  const { id } = await terminal.create()
  for (const text of ['one', 'two']) await terminal.say(id, text)
  const { stdout } = await terminal.type(['sessions', 'follow', id, '--until-count', '2'])
  const lines = stdout.trimEnd().split('\n')
  assert.match(lines[0] ?? '', /^#1 user/)
  assert.deepEqual(lines.slice(1, 3), ['  one', ''])
  assert.match(lines[3] ?? '', /^#2 user/)
})

test('a disk that is full is said in one line', async () => {
  const terminal = new Terminal()
  const { id } = await terminal.create()
  const line = ['sessions', 'show', id]
  const { exitCode, stderr } = await terminal.type(line, { stdout: new FullDisk() })
  assert.equal(exitCode, 5)
  assert.equal(stderr, 'error: stdout could not be written: ENOSPC: no space left on device, write\n')
  const json = await terminal.type([...line, '--json'], { stdout: new FullDisk() })
  assert.deepEqual(JSON.parse(json.stderr), { error: { code: 'UNEXPECTED', message: stderr.slice(7, -1) } })
})

test('what a conflict expected and met stands in its JSON', async () => {
  const terminal = new Terminal()
  const { id } = await terminal.create()
  const append = ['sessions', 'append', id, '--role', 'user', '--content', 'x', '--json']
  const moved = await terminal.type([...append, '--expected-sequence', '9'])
  const { error } = JSON.parse(moved.stderr) as { error: { expected: unknown; actual: unknown } }
  assert.deepEqual([error.expected, error.actual], [9, 0])
  await terminal.json('sessions', 'close', id)
  const closed = JSON.parse((await terminal.type(append)).stderr) as { error: { expected: unknown; actual: unknown } }
  assert.deepEqual([closed.error.expected, closed.error.actual], ['active', 'closed'])
})

test('--created-at takes a date or an instant, UTC unless it says otherwise', async () => {
  const terminal = new Terminal()
  const { id } = await terminal.create()
  for (const [given, stored] of [
    ['2026-01-31', '2026-01-31T00:00:00.000Z'],
    ['2026-01-31T09:00', '2026-01-31T09:00:00.000Z'],
    ['2026-01-31T09:00:00.5', '2026-01-31T09:00:00.500Z'],
    ['2026-01-31T09:00:00Z', '2026-01-31T09:00:00.000Z'],
    ['2026-01-31T09:00:00+02:00', '2026-01-31T07:00:00.000Z'],
  ] as const) {
    const message: MessageJson = await terminal.say(id, 'x', '--created-at', given)
    assert.equal(message.createdAt, stored)
  }
  for (const wrong of ['yesterday', '2026-02-30', '2026-01-31 (noon)', '2026-13-01', '2026-01-31T25:00:00Z']) {
    const line = ['sessions', 'append', id, '--role', 'user', '--content', 'x', '--created-at', wrong]
    const { exitCode, stderr } = await terminal.type(line)
    assert.equal(exitCode, 2, wrong)
    assert.match(stderr, /--created-at/)
    assert.ok(stderr.includes(wrong), stderr)
    assert.doesNotMatch(stderr, /createdAt/)
  }
})

test('errors say what helps at a command line', async () => {
  const terminal = new Terminal()
  const { exitCode, stderr } = await terminal.type(['sessions', 'list'])
  assert.equal(exitCode, 3)
  for (const command of ['sessions create', 'sessions import', 'contexts open', 'migrate up'])
    assert.ok(stderr.includes(command), stderr)
  assert.equal(existsSync(join(terminal.file)), false)
  const { id } = await terminal.create('--external-id', 'trip')
  const shown = await terminal.type(['sessions', 'show', 'nope'])
  const appended = await terminal.type(['sessions', 'append', 'nope', '--role', 'user', '--content', 'x'])
  assert.equal(appended.stderr, shown.stderr)
  const taken = await terminal.type(['sessions', 'create', '--actor', 'ada', '--external-id', 'trip'])
  assert.match(taken.stderr, /--or-get/)
  const { stdout: archive } = await terminal.type(['sessions', 'export', id])
  const imported = await terminal.type(['sessions', 'import', '-'], { input: archive })
  assert.match(imported.stderr, /--drop-external-id/)
})
