import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Terminal } from './terminal.js'

interface Refusal {
  code: string
  message: string
  expected?: unknown
  actual?: unknown
}

/** Types a command that must be refused; the exit code and the one JSON error. */
async function refusal(terminal: Terminal, line: string[], input = ''): Promise<[number, Refusal]> {
  const { exitCode, stdout, stderr } = await terminal.type([...line, '--json'], { input })
  assert.equal(stdout, '', line.join(' '))
  return [exitCode, (JSON.parse(stderr) as { error: Refusal }).error]
}

test('append --from refuses an input without messages, also of a closed session', async () => {
  const terminal = new Terminal()
  const { id } = await terminal.create()
  const file = join(terminal.folder, 'empty.jsonl')
  writeFileSync(file, '\n')
  for (const command of [
    ['show', id],
    ['close', id],
  ]) {
    await terminal.json('sessions', ...command)
    const [exitCode, { code, message }] = await refusal(terminal, ['sessions', 'append', id, '--from', file])
    assert.deepEqual([exitCode, code], [2, 'INVALID_INPUT'])
    assert.ok(message.includes(`no messages in ${file}`), message)
    assert.match(
      (await refusal(terminal, ['sessions', 'append', id, '--from', '-']))[1].message,
      /no messages in stdin/,
    )
  }
})

test('import says when nothing came in', async () => {
  const terminal = new Terminal()
  await terminal.create()
  for (const input of ['', ' \n']) {
    const [exitCode, { code, message }] = await refusal(terminal, ['sessions', 'import', '-'], input)
    assert.deepEqual([exitCode, code], [2, 'ARCHIVE_MALFORMED'])
    assert.match(message, /stdin: is empty/)
  }
})

test('options that would do nothing are refused', async () => {
  const terminal = new Terminal()
  const { id } = await terminal.create()
  for (const [line, named] of [
    [['usage', id, '--model', 'm'], '--add or --set'],
    [['usage', '--model', 'm'], '--add or --set'],
    [['usage', id, '--idempotency-key', 'k'], '--add or --set'],
    [['update', id], '--title, --no-title, --status or --metadata'],
  ] as const) {
    const [exitCode, { code, message }] = await refusal(terminal, ['sessions', ...line])
    assert.deepEqual([exitCode, code], [2, 'INVALID_INPUT'])
    assert.ok(message.includes(named), message)
  }
})

test('follow knows whether a session exists also when it is to print none of it', async () => {
  const terminal = new Terminal()
  const { id } = await terminal.create()
  const [exitCode, { code }] = await refusal(terminal, ['sessions', 'follow', 'nope', '--until-count', '0'])
  assert.deepEqual([exitCode, code], [3, 'SESSION_NOT_FOUND'])
  assert.equal((await terminal.type(['sessions', 'follow', id, '--until-count', '0'])).exitCode, 0)
})
