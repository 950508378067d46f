import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { symlinkSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { openHansard } from '../src/index.js'
import { testOn, testOnBoth } from './test-store.js'

testOnBoth('a call that was accepted is answered, however soon the store closes', async (store) => {
  const hansard = await store.open()
  const { sessions } = hansard
  const { id } = await sessions.create({ actorName: 'ada', externalId: 'there' })
  await sessions.appendMessages(id, Array(50).fill({ role: 'user', content: 'Hello' }))
  const archive = await sessions.exportSession(id)
  const { id: short } = await sessions.create({ actorName: 'ada' })
  await sessions.appendMessage(short, { role: 'user', content: 'Hello' })
  const calls = [
    sessions.updateTokenUsage(id, { inputTokens: 5 }),
    sessions.setTokenUsage(id, { inputTokens: 9 }),
    sessions.fork(id),
    sessions.importSession(archive, { externalId: null }),
    sessions.exportSession(id),
    sessions.verify(id),
    sessions.getOrCreate({ actorName: 'ada', externalId: 'new' }),
    sessions.truncate(short, { afterSequence: 0 }),
    hansard.doctor(),
  ]
  const closings = [hansard.close(), hansard.close()]
  const answered = Promise.allSettled(calls)
  const first = await Promise.race([answered.then(() => 'calls'), Promise.race(closings).then(() => 'closed')])
  assert.equal(first, 'calls')
  for (const result of await answered) assert.equal(result.status, 'fulfilled', String(Object(result).reason))
  await Promise.all(closings)
  await assert.rejects(sessions.get(id), { code: 'STORE_CLOSED' })
})

testOnBoth('leaving a follower ends it at once, also while it waits', async (store) => {
  const { sessions } = await store.open()
  const { id } = await sessions.create({ actorName: 'ada' })
  await sessions.appendMessage(id, { role: 'user', content: 'Hello' })
  const messages = sessions.follow(id)
  await messages.next()
  const waiting = messages.next()
  await sleep(20)
  await messages.return?.()
  assert.equal((await waiting).done, true)
})

testOnBoth('a keyed append whose messages were truncated says so when it is repeated', async (store) => {
  const { sessions } = await store.open()
  const { id } = await sessions.create({ actorName: 'ada' })
  const append = () => sessions.appendMessage(id, { role: 'user', content: 'Hello' }, { idempotencyKey: 'k' })
  await append()
  await sessions.truncate(id, { afterSequence: 0 })
  await assert.rejects(append(), { code: 'MESSAGES_TRUNCATED' })
})

const holdLock = `
  const Database = require('better-sqlite3')
  const database = new Database(process.argv[1])
  database.exec('BEGIN IMMEDIATE')
  process.stdout.write('held')
  process.stdin.resume()
  process.stdin.on('end', () => database.exec('ROLLBACK'))
`

testOn('sqlite', 'a file that another process holds stops neither readers nor the event loop', async (store) => {
  const hansard = await store.open()
  const { id } = await hansard.sessions.create({ actorName: 'ada' })
  const holder = spawn(process.execPath, ['-e', holdLock, store.options.database.slice('sqlite:'.length)])
  const exited = once(holder, 'exit')
  await once(holder.stdout, 'data')
  const startedAt = performance.now()
  const appends = Array.from({ length: 20 }, () =>
    hansard.sessions.appendMessage(id, { role: 'user', content: 'Hello' }).then(() => performance.now()),
  )
  const another = await openHansard(store.options)
  assert.equal((await another.sessions.list()).items.length, 1)
  await another.close()
  const readAt = performance.now()
  let longestMs = 0
  for (let at = performance.now(); at - readAt < 1_500; ) {
    await sleep(1)
    longestMs = Math.max(longestMs, performance.now() - at)
    at = performance.now()
  }
  holder.stdin.end()
  await Promise.all(appends)
  await exited
  assert.ok(readAt - startedAt < 5_000, `reading took ${readAt - startedAt} ms`)
  assert.ok(longestMs < 1_000, `the event loop stood still for ${longestMs} ms`)
  assert.equal((await hansard.sessions.get(id)).messageCount, 20)
})

testOn('sqlite', 'appends one after another let timers run', async (store) => {
  const { sessions } = await store.open()
  const { id } = await sessions.create({ actorName: 'ada' })
  let ticks = 0
  const timer = setInterval(() => ticks++, 5)
  for (let n = 0; n < 1_000; n++) await sessions.appendMessage(id, { role: 'user', content: 'Hello' })
  clearInterval(timer)
  assert.ok(ticks > 0)
})

testOn('sqlite', 'one file reached through a link is opened once', async (store) => {
  const file = store.options.database.slice('sqlite:'.length)
  const hansard = await store.open()
  symlinkSync(file, `${file}.link`)
  const linked = await openHansard({ database: `sqlite:${file}.link` })
  const create = (each: typeof hansard) => each.sessions.create({ actorName: 'ada' })
  await Promise.all([hansard, linked, hansard, linked].map(create))
  assert.equal((await linked.sessions.list()).items.length, 4)
  await linked.close()
})

testOnBoth('an export that is read on after the store closed says that it closed', async (store) => {
  const hansard = await store.open()
  const { sessions } = hansard
  const { id } = await sessions.create({ actorName: 'ada' })
  await sessions.appendMessages(id, Array(1_200).fill({ role: 'user', content: 'Hello' }))
  const lines = sessions.exportLines(id, 'jsonl')
  for (let count = 0; count < 10; count++) await lines.next()
  const readOn = async () => {
    for await (const _ of lines);
  }
  const refused = assert.rejects(readOn, { code: 'STORE_CLOSED' })
  await hansard.close()
  await refused
})
