import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { test } from 'node:test'
import type { ReadCursor, ReadOptions, TranscriptSource } from '../src/domain/transcripts/transcript-reader.js'
import { ClaudeReader } from '../src/infrastructure/readers/claude/claude-reader.js'
import { claudeLines } from '../src/infrastructure/readers/claude/claude-records.js'
import { file, lines, newFolder, readBytes, told } from './reader-files.js'
import { readAll, tally } from './transcript-tally.js'

const said = (uuid: string, content: unknown, more: object = {}) => ({
  type: 'user',
  uuid,
  sessionId: 's',
  timestamp: '2026-01-02T03:04:05.000Z',
  message: { role: 'user', content },
  ...more,
})
const read = (content: string | Buffer, options = {}) => readBytes(Buffer.from(content), claudeLines('s'), options)

test('a line ends at a line feed alone; blank lines and carriage returns are no records', async () => {
  const text = 'one\u2028two\r\u2029three'
  const { records, cursor } = await read(`${lines(said('a', text)).trim()}\r\n\n  \r\n${lines(said('b', 'next'))}`)
  assert.deepEqual(told(records), [`user_msg ${text}`, 'user_msg next'])
  assert.deepEqual([tally(records).records, tally(records).malformedLines, cursor.lineCount], [2, 0, 4])
})

test('a byte order mark is no part of the first record', async () => {
  const { records } = await read(`\uFEFF${lines(said('a', 'hello'))}`)
  assert.deepEqual([told(records), tally(records).malformedLines], [['user_msg hello'], 0])
})

test('text is well-formed and without NUL, whatever stood in the file', async () => {
  const { records } = await read(lines(said('a', 'cut \ud83d emoji, \u0000 byte')))
  assert.deepEqual(told(records), ['user_msg cut \ufffd emoji,  byte'])
})

test('a summary is one line of at most 200 characters that cuts no character in two', async () => {
  const { records } = await read(lines(said('a', `first\n\tline ${'x'.repeat(187)}😀 and more`)))
  const summary = records[0]?.events[0]?.summary ?? ''
  assert.equal(summary, `first line ${'x'.repeat(187)}…`)
  assert.ok(summary.length <= 200 && summary.isWellFormed())
})

test('JSON nested too deep to write again is named, and costs no stack', async () => {
  const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`
  const call = `{"type":"assistant","uuid":"a","sessionId":"s","message":{"id":"m","content":[{"type":"tool_use","id":"t","name":"X","input":${deep}}]}}\n`
  const { records } = await read(call)
  assert.deepEqual([told(records), tally(records).records], [['tool_call [nested too deep]'], 1])
})

test('a member called __proto__ changes nothing', async () => {
  const { records } = await read(
    '{"__proto__":{"uuid":"evil"},"type":"user","sessionId":"s","message":{"content":"x"}}\n',
  )
  assert.deepEqual(told(records), ['user_msg x'])
  assert.notEqual(records[0]?.sourceKey, 'evil')
  assert.equal(({} as { uuid?: string }).uuid, undefined)
})

test('a longer line than the cap is counted with its size and left out', async () => {
  const long = lines(said('a', 'x'.repeat(5000)))
  const { records, cursor } = await read(`${long}${lines(said('b', 'short'))}`, { maxLineBytes: 1000 })
  assert.deepEqual(told(records), ['user_msg short'])
  const { oversizedLines, oversizedBytes } = records[0]?.counts ?? {}
  assert.deepEqual([oversizedLines, oversizedBytes, cursor.lineCount], [1, long.length - 1, 2])
})

test('a line of 200 MB is passed over within bounded memory', () => {
  const script = `
    const { createWriteStream, mkdirSync } = require('node:fs')
    const { once } = require('node:events')
    const { ClaudeReader } = require('${resolve('src/infrastructure/readers/claude/claude-reader.ts')}')
    async function main() {
      mkdirSync(process.argv[1])
      const path = process.argv[1] + '/long.jsonl'
      const out = createWriteStream(path)
      const record = JSON.stringify({ type: 'user', uuid: 'a', sessionId: 's', message: { content: 'seen' } })
      out.write(record + '\\n{"type":"user","uuid":"b","sessionId":"s","message":{"content":"')
      const piece = Buffer.alloc(1 << 20, 120)
      for (let n = 0; n < 200; n++) if (!out.write(piece)) await once(out, 'drain')
      out.end('"}}\\n' + record.replace('"a"', '"c"') + '\\n')
      await once(out, 'finish')
      const reader = new ClaudeReader()
      const before = process.resourceUsage().maxRSS
      let events = 0
      let oversized = 0
      for await (const { records } of reader.read(await reader.identify(path)))
        for (const record of records) { events += record.events.length; oversized += record.counts.oversizedBytes }
      console.log(JSON.stringify({ events, oversized, grownMb: (process.resourceUsage().maxRSS - before) / 1024 }))
    }
    main()`
  const args = ['-r', 'tsx/cjs', '-e', script, newFolder()]
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  const { events, oversized, grownMb } = JSON.parse(stdout || `"${stderr}"`) as Record<string, number>
  assert.deepEqual([events, oversized], [2, 200 * 2 ** 20 + 67])
  assert.ok(Number(grownMb) < 120, `grew by ${grownMb} MB`)
})

test('a torn last line waits: the cursor stays before it, and it is read once it is whole', async () => {
  const [first, second] = [lines(said('a', 'one')), lines(said('b', 'two'))]
  const before = await read(first + second.slice(0, 30))
  assert.deepEqual([told(before.records), before.cursor.byteOffset], [['user_msg one'], first.length])
  assert.deepEqual(before.last.pending, { byteOffset: first.length, bytes: 30 })
  const after = await read(first + second, { cursor: before.cursor })
  assert.deepEqual([told(after.records), after.cursor.lineCount, after.pendingLines], [['user_msg two'], 2, 0])
})

test('a whole last line without a line feed is read, once', async () => {
  const first = lines(said('a', 'one'))
  const before = await read(first.trimEnd())
  assert.deepEqual([told(before.records), before.pendingLines], [['user_msg one'], 0])
  const after = await read(first + lines(said('b', 'two')), { cursor: before.cursor })
  assert.deepEqual(told(after.records), ['user_msg two'])
  assert.deepEqual([tally([...before.records, ...after.records]).records, after.cursor.lineCount], [2, 2])
})

test('a prefix that was rewritten is told, and nothing is read', async () => {
  const { cursor } = await read(lines(said('a', 'one'), said('b', 'two')))
  const changed = [
    lines(said('a', 'one')),
    lines(said('a', 'one'), said('c', 'TWO')),
    lines(said('c', 'x'.repeat(9999))),
  ]
  for (const content of changed) {
    const { last, records } = await read(content, { cursor })
    assert.deepEqual([last.isRewritten, records, last.cursor.byteOffset], [true, [], 0])
    assert.ok((await read(content, { cursor: last.cursor })).records.length > 0)
  }
})

test('what was changed at the ends of a long file is always told, and in between when all is compared', async () => {
  const records = Array.from({ length: 300 }, (_, n) => said(`u${n}`, `${n} ${'x'.repeat(1000)}`))
  const content = Buffer.from(lines(...records))
  const path = file('long.jsonl', '')
  const source: TranscriptSource = { flavor: 'claude', id: path, path, form: 'lines', sessionId: 's' }
  const readOn = async (options: ReadOptions & { cursor?: ReadCursor }) =>
    (await readAll(new ClaudeReader(), source, options)).last
  let { cursor } = await readOn({})
  for (let end = 0; end < content.length; end += 21_000) {
    writeFileSync(path, content.subarray(0, end))
    cursor = (await readOn({ cursor, batchBytes: 5000 })).cursor
  }
  writeFileSync(path, content)
  cursor = (await readOn({ cursor })).cursor
  assert.deepEqual(cursor, (await readOn({})).cursor)
  assert.ok(!(await readOn({ cursor, comparesAll: true })).isRewritten)
  const toldAlways: number[] = []
  for (const at of [10, 4090, 5000, 65_530, 65_540, 200_000, content.length - 4090, content.length - 10]) {
    writeFileSync(path, Buffer.concat([content.subarray(0, at), Buffer.from('?'), content.subarray(at + 1)]))
    if ((await readOn({ cursor })).isRewritten) toldAlways.push(at)
    assert.ok((await readOn({ cursor, comparesAll: true })).isRewritten, `changed at ${at}`)
  }
  assert.deepEqual(toldAlways, [10, 4090, content.length - 4090, content.length - 10])
})

test('records come in batches, each with the cursor to go on from', async () => {
  const content = lines(...Array.from({ length: 50 }, (_, n) => said(`u${n}`, `text ${n}`)))
  const whole = await read(content)
  let cursor = (await read('')).cursor
  const seen: string[] = []
  while (cursor.byteOffset < content.length) {
    const part = await read(content.slice(0, cursor.byteOffset + 700), { cursor, batchBytes: 300 })
    seen.push(...told(part.records))
    cursor = part.cursor
  }
  assert.deepEqual(seen, told(whole.records))
  assert.equal(cursor.prefixHash, whole.cursor.prefixHash)
})
