import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ReadCursor } from '../src/domain/transcripts/transcript-reader.js'
import { asked, at, bash, called, goOn, olderSession, reader, sourceOf } from './opencode-database.js'
import { eventsOf, recordsOf, told } from './reader-files.js'

test('a row that was written over is told again, under its keys, and nothing else is', async () => {
  const made = olderSession()
  const first = await goOn(made.path)
  const idle = await goOn(made.path, first.cursor)
  assert.deepEqual([idle.records, idle.isRewritten], [[], false])
  made.write('part', 'prt_17', called('c5', 'bash', bash('done', 0, 2450)), 6000)
  made.part('ses_1', 'msg_3', 'prt_31', { type: 'unheard-of' }, 6000)
  const changed = await goOn(made.path, idle.cursor)
  assert.deepEqual(
    changed.records.map(({ sourceKey, counts }) => [sourceKey, counts.records, counts.unknownTypes]),
    [
      ['msg_2', 0, 0],
      ['msg_3', 0, 1],
    ],
  )
  const again = eventsOf(changed.records).filter(({ toolCallId }) => toolCallId === 'c5')
  assert.deepEqual(
    again.map(({ key, kind }) => [key, kind]),
    [
      ['msg_2/call:c5:0', 'test_run'],
      ['msg_2/call:c5:0/result', 'tool_result'],
    ],
  )
  made.write('part', 'prt_17', called('c5', 'bash', bash('done, at last', 0, 2450)), 6000)
  const sameMoment = await goOn(made.path, changed.cursor)
  assert.deepEqual(told(sameMoment.records).includes('tool_result done, at last'), true)
  made.write('part', 'prt_17', called('c5', 'bash', bash('done, and dated before', 0, 2450)), 5500)
  const earlier = await goOn(made.path, sameMoment.cursor)
  assert.deepEqual(told(earlier.records).includes('tool_result done, and dated before'), true)
  assert.deepEqual((await goOn(made.close(), earlier.cursor)).records, [])
})

test('a session that was named anew is told of again, and its messages are not', async () => {
  const made = olderSession()
  const { cursor } = await goOn(made.path)
  made.run('update session set title = ?, time_updated = ?', 'Till and tests', at(7000))
  const { records } = await goOn(made.close(), cursor)
  assert.deepEqual(
    records.map(({ session, events }) => [session?.title?.text, events.length]),
    [['Till and tests', 0]],
  )
})

test('a row that is gone makes the database one to be read anew, also when another took its place', async () => {
  for (const [table, id] of [
    ['message', 'msg_3'],
    ['message', 'msg_5'],
    ['part', 'prt_12'],
  ] as const) {
    const made = olderSession()
    const { cursor } = await goOn(made.path)
    made.run(`delete from ${table} where id = ?`, id)
    if (id === 'msg_5') made.message('ses_1', 'msg_6', asked(9000), 9000)
    const { records, isRewritten } = await goOn(made.close(), cursor)
    assert.deepEqual([records, isRewritten], [[], true], id)
  }
})

test('a read that ended in between is gone on with, in batches of a size', async () => {
  const path = olderSession().close()
  const source = await sourceOf(path)
  const whole = await recordsOf(reader, path)
  let cursor: ReadCursor | undefined
  const keys = new Set<string>()
  for (let batches = 0; batches < 20; batches++) {
    for await (const batch of reader.read(source, cursor, { batchBytes: 1 })) {
      for (const { sourceKey } of batch.records) keys.add(sourceKey)
      cursor = JSON.parse(JSON.stringify(batch.cursor)) as ReadCursor
      if (batch.records.some(({ events }) => events.length > 0)) break
    }
  }
  assert.deepEqual(keys, new Set(whole.map(({ sourceKey }) => sourceKey)))
})
