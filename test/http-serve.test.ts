import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { StopDeadline } from '../src/infrastructure/cli/stop-deadline.js'
import { Terminal } from './terminal.js'

test('hansard serve refuses the network without a token before it makes a file', async () => {
  const terminal = new Terminal()
  const { exitCode, stderr } = await terminal.type(['serve', '--host', '0.0.0.0', '--json'])
  assert.equal(exitCode, 2)
  assert.match(stderr, /HANSARD_TOKEN/)
  assert.equal(existsSync(terminal.file), false)
})

test('hansard serve refuses an empty host name and a limit that nothing fits', async () => {
  for (const option of [
    ['--allowed-host', ''],
    ['--allowed-host', ' '],
    ['--body-limit', '0'],
  ]) {
    const terminal = new Terminal()
    const { exitCode, stderr } = await terminal.type(['serve', ...option])
    assert.equal(exitCode, 2)
    assert.match(stderr, new RegExp(option[0] ?? ''))
    assert.equal(existsSync(terminal.file), false)
  }
})

test('a stop that takes too long is given up, and says for what it waited', async () => {
  const lines: string[] = []
  const deadline = new StopDeadline(20, { write: (line: string) => lines.push(line) > 0 })
  const stopping = deadline.hold(new Promise(() => undefined))
  deadline.begin()
  deadline.stage = 'store'
  await assert.rejects(stopping, { code: 'STORAGE_UNAVAILABLE', message: /given up after 0.02 s: the store/ })
  const { level, stage } = JSON.parse(lines.join('')) as Record<string, unknown>
  assert.deepEqual([level, stage], [50, 'store'])
  assert.equal(await new StopDeadline(0, { write: () => true }).hold(Promise.resolve(7)), 7)
})
