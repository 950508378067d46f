import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { MessageJson, SessionArchive, SessionJson } from '../src/domain/sessions/session-archive.js'
import { Collector, Terminal } from './terminal.js'

test('append reads a batch of lines from stdin, blank lines skipped, U+2028 kept', async () => {
  const terminal = new Terminal()
  const { id } = await terminal.create()
  const input = '{"role":"user","content":"a\u2028b"}\r\n\n{"role":"assistant","content":{"z":1,"a":[]},"tokenCount":3}'
  const { exitCode, stdout, stderr } = await terminal.type(['sessions', 'append', id, '--from', '-', '--json'], {
    input,
  })
  assert.equal(exitCode, 0, stderr)
  const { items } = JSON.parse(stdout) as { items: MessageJson[] }
  assert.deepEqual(
    items.map(({ sequence }) => sequence),
    [1, 2],
  )
  assert.equal(items[0]?.content, 'a\u2028b')
  assert.equal(JSON.stringify(items[1]?.content), '{"z":1,"a":[]}')
})

test('a bad line is named by its number, and nothing of its batch is stored', async () => {
  const terminal = new Terminal()
  const { id } = await terminal.create()
  const good = '{"role":"user","content":"x"}'
  for (const bad of ['{"role":', '[]', '{"role":"robot","content":"x"}', '{"role":"user"}']) {
    const result = await terminal.type(['sessions', 'append', id, '--from', '-'], {
      input: `${good}\n\n${bad}\n${good}\n`,
    })
    assert.equal(result.exitCode, 2)
    assert.match(result.stderr, /line 3\b/, bad)
  }
  assert.equal((await terminal.json<SessionJson>('sessions', 'show', id)).messageCount, 0)
})

test('what export prints, import takes, in both forms', async () => {
  const terminal = new Terminal()
  const { id } = await terminal.create('--external-id', 'trip', '--metadata', '{"channel":"web"}')
  await terminal.say(id, 'Hello')
  await terminal.json('sessions', 'usage', id, '--add', '{"inputTokens":5,"estimatedCostUsd":0.01}', '--model', 'm')
  for (const form of ['json', 'jsonl']) {
    const { stdout: archive } = await terminal.type(['sessions', 'export', id, '--form', form])
    const line = ['sessions', 'import', '-', '--drop-external-id', '--json']
    const dryRun = await terminal.type([...line, '--dry-run'], { input: archive })
    const { exitCode, stdout, stderr } = await terminal.type(line, { input: archive })
    assert.equal(exitCode, 0, stderr)
    const report = JSON.parse(stdout) as { sessionId: string; messages: number }
    assert.equal(report.messages, 1)
    assert.equal((JSON.parse(dryRun.stdout) as { messages: number }).messages, 1)
    assert.equal((await terminal.json<{ ok: boolean }>('sessions', 'verify', report.sessionId)).ok, true)
    const copy = await terminal.json<SessionJson>('sessions', 'show', report.sessionId)
    assert.deepEqual(copy.metadata, { channel: 'web' })
    assert.equal(copy.tokenUsage.inputTokens, 5)
  }
})

test('export writes a file whole, and import reads it', async () => {
  const terminal = new Terminal()
  const { id } = await terminal.create()
  await terminal.say(id, 'Hello')
  const file = join(terminal.folder, 'session.json')
  await terminal.json('sessions', 'export', id, '--output', file)
  assert.equal((JSON.parse(readFileSync(file, 'utf8')) as SessionArchive).session.id, id)
  const other = `sqlite:${join(terminal.folder, 'other.db')}`
  await terminal.json('sessions', 'import', file, '--preserve-ids', '--database', other)
  assert.equal((await terminal.json<SessionJson>('sessions', 'show', id, '--database', other)).id, id)
  assert.equal((await terminal.type(['sessions', 'import', file, '--preserve-ids'])).exitCode, 4)
  assert.deepEqual(
    readdirSync(terminal.folder).filter((name) => name.endsWith('.tmp')),
    [],
  )
})

test('a damaged archive is refused and an unreadable file is named', async () => {
  const terminal = new Terminal()
  const { id } = await terminal.create()
  await terminal.say(id, 'Hello')
  const { stdout: archive } = await terminal.type(['sessions', 'export', id])
  const damaged = await terminal.type(['sessions', 'import', '-'], { input: archive.replace('Hello', 'Hullo') })
  assert.equal(damaged.exitCode, 2)
  assert.match(damaged.stderr, /ARCHIVE_CHECKSUM_MISMATCH/)
  for (const file of [join(terminal.folder, 'none.json'), terminal.folder]) {
    const { exitCode, stderr } = await terminal.type(['sessions', 'import', file])
    assert.equal(exitCode, 2)
    assert.ok(stderr.includes(file))
  }
})

test('follow prints one JSON line per message and ends at its count or at an interrupt', async () => {
  const terminal = new Terminal()
  const { id } = await terminal.create()
  for (const text of ['one', 'two', 'three']) await terminal.say(id, text)
  const counted = await terminal.type(['sessions', 'follow', id, '--after', '1', '--until-count', '2', '--json'])
  assert.deepEqual(
    counted.stdout
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as MessageJson).content),
    ['two', 'three'],
  )
  const stdout = new Collector()
  const following = terminal.type(['sessions', 'follow', id, '--json'], { stdout })
  while (stdout.text.split('\n').length < 4) await new Promise((resolve) => setTimeout(resolve, 10))
  terminal.signals.emit('SIGINT')
  assert.equal((await following).exitCode, 0)
})

test('show reads as a conversation, tool calls in short, control characters shown', async () => {
  const terminal = new Terminal()
  const { id } = await terminal.create('--title', 'Trip to Oslo')
  await terminal.say(id, 'Hello \u001b[31mred')
  const call = '[{"type":"tool_use","id":"c1","name":"forecast","input":{"city":"Oslo"}}]'
  await terminal.json('sessions', 'append', id, '--role', 'assistant', '--content-json', call)
  const { stdout } = await terminal.type(['sessions', 'show', id])
  for (const shown of ['Trip to Oslo', 'ada · active · 2 messages', '#1 user', 'Hello \\x1b[31mred', '#2 assistant']) {
    assert.ok(stdout.includes(shown), shown)
  }
  assert.ok(stdout.includes('→ forecast({"city":"Oslo"})'))
  const latest = await terminal.json<{ messages: MessageJson[] }>('sessions', 'show', id, '--latest', '1')
  assert.deepEqual(
    latest.messages.map(({ sequence }) => sequence),
    [2],
  )
})

test('create --or-get, update, close, truncate, fork and delete do what they say', async () => {
  const terminal = new Terminal()
  const { id } = await terminal.create('--external-id', 'trip', '--title', 'Trip')
  assert.equal((await terminal.create('--external-id', 'trip', '--or-get')).id, id)
  for (const text of ['one', 'two']) await terminal.say(id, text)
  assert.equal(
    (await terminal.json<{ removed: number }>('sessions', 'truncate', id, '--after-sequence', '1')).removed,
    1,
  )
  const fork = await terminal.json<SessionJson>('sessions', 'fork', id, '--at-sequence', '1', '--title', 'Other way')
  assert.deepEqual(fork.forkedFrom, { sessionId: id, sequence: 1 })
  assert.equal((await terminal.json<SessionJson>('sessions', 'update', id, '--no-title')).title, null)
  assert.equal((await terminal.json<SessionJson>('sessions', 'close', id)).status, 'closed')
  assert.equal((await terminal.type(['sessions', 'append', id, '--role', 'user', '--content', 'x'])).exitCode, 4)
  assert.deepEqual(await terminal.json('sessions', 'delete', id), { id, deleted: true })
  assert.equal((await terminal.type(['sessions', 'show', id])).exitCode, 3)
})

test('list filters by metadata and says how to go on', async () => {
  const terminal = new Terminal()
  const { id } = await terminal.create('--metadata', '{"channel":"web","level":2}')
  await terminal.create()
  const line = ['sessions', 'list', '--metadata', 'channel="web"', '--metadata', 'level=2']
  const page = await terminal.json<{ items: SessionJson[] }>(...line)
  assert.deepEqual(
    page.items.map((session) => session.id),
    [id],
  )
  const { stdout, stderr } = await terminal.type(['sessions', 'list', '--limit', '1'])
  assert.match(stdout, /Session .*Actor/)
  const cursor = /--cursor (\S+)/.exec(stderr)?.[1] ?? ''
  const rest = await terminal.json<{ items: SessionJson[] }>('sessions', 'list', '--limit', '1', '--cursor', cursor)
  assert.deepEqual(
    rest.items.map((session) => session.id),
    [id],
  )
})

test('usage is added, set and reported by model and by day', async () => {
  const terminal = new Terminal()
  const { id } = await terminal.create()
  await terminal.json('sessions', 'usage', id, '--add', '{"inputTokens":1200}', '--model', 'm1')
  const set = await terminal.json<SessionJson>('sessions', 'usage', id, '--set', '{"inputTokens":1500}')
  assert.equal(set.tokenUsage.inputTokens, 1500)
  const { stdout } = await terminal.type(['sessions', 'usage'])
  for (const shown of ['m1', '(no model)', '1,200', 'Total', '1,500']) assert.ok(stdout.includes(shown), shown)
  assert.equal((await terminal.type(['sessions', 'usage', '--add', '{"inputTokens":1}'])).exitCode, 2)
})
