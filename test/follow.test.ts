import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { SessionMessage, SessionService } from '../src/index.js'
import { startWorker } from './faults/workers.js'
import { type TestStore, testOnBoth } from './test-store.js'

const followerCount = 1_000
const sessionCount = 50
const seconds = 4
const said = (content: string) => ({ role: 'user' as const, content })

/** A store whose every statement is seen, but for how long a connection is to wait, which asks no table. */
async function observed(store: TestStore) {
  const statements: string[] = []
  const silent = () => undefined
  const logger = {
    ...{ logQueryError: silent, logQuerySlow: silent, logSchemaBuild: silent, logMigration: silent, log: silent },
    logQuery: (sql: string) => void (/^pragma/i.test(sql) || statements.push(sql)),
  }
  const host = await store.host({ logger, logging: true })
  const hansard = await store.open({ dataSource: host })
  return { hansard, statements }
}

function createSessions(sessions: SessionService, count: number): Promise<string[]> {
  return Promise.all(Array.from({ length: count }, async () => (await sessions.create({ actorName: 'ada' })).id))
}

/** Until the followers have read what there was, and only the poller goes on. */
async function quiet(statements: string[]): Promise<void> {
  const isPoll = (sql: string) => /^\s*select id, last_sequence/.test(sql)
  for (let waited = 0; waited < 30_000; waited += 1_000) {
    statements.length = 0
    await sleep(1_000)
    if (statements.length > 0 && statements.every(isPoll)) return
  }
  throw new Error('The followers never came to rest')
}

testOnBoth(
  `${followerCount} followers hear of another process within a second, on 4 queries a second`,
  async (store) => {
    const { hansard, statements } = await observed(store)
    const ids = await createSessions(hansard.sessions, sessionCount)
    const latencies: number[] = []
    const listen = async (id: string) => {
      for await (const message of hansard.sessions.follow(id)) {
        latencies.push(Date.now() - (message.content as { sentAt: number }).sentAt)
      }
    }
    const followers = Array.from({ length: followerCount }, (_, n) => listen(ids[n % sessionCount] ?? ''))
    const perSecond = 25
    const worker = startWorker({ do: 'drip', options: store.options, sessionIds: ids, perSecond, seconds })
    await worker.ready
    await quiet(statements)

    statements.length = 0
    await sleep(2_000)
    assert.ok(statements.length >= 2 && statements.length <= 8, `${statements.length} queries in 2 idle seconds`)

    statements.length = 0
    const startedAt = Date.now()
    worker.go()
    assert.equal(await worker.ended, 0)
    const elapsed = (Date.now() - startedAt) / 1_000
    const polls = statements.filter((sql) => /^\s*select id, last_sequence/.test(sql)).length
    assert.ok(polls > 0 && polls <= 4 * elapsed + 1, `${polls} polls in ${elapsed} s`)
    const expected = perSecond * seconds * (followerCount / sessionCount)
    for (let waited = 0; latencies.length < expected && waited < 5_000; waited += 50) await sleep(50)
    assert.equal(latencies.length, expected)
    const p95 = latencies.sort((a, b) => a - b)[Math.floor(expected * 0.95)] ?? Infinity
    assert.ok(p95 <= 1_000, `p95 was ${p95} ms`)
    await hansard.close()
    await Promise.all(followers)
  },
)

testOnBoth('an append of the same process wakes its followers at once', async (store) => {
  const hansard = await store.open()
  const [id = ''] = await createSessions(hansard.sessions, 1)
  const following = hansard.sessions.follow(id)
  const waits: number[] = []
  for (let n = 0; n < 10; n++) {
    const next = following.next()
    await sleep(20)
    const startedAt = performance.now()
    await hansard.sessions.appendMessage(id, said(`${n}`))
    assert.equal((await next).value?.sequence, n + 1)
    waits.push(performance.now() - startedAt)
  }
  assert.ok((waits.sort((a, b) => a - b)[5] ?? Infinity) < 100, `waited ${waits.join(', ')} ms`)
  await following.return?.()
})

testOnBoth('a follower in a namespace hears of its own sessions alone', async (store) => {
  const hansard = await store.open()
  const [id = ''] = await createSessions(hansard.sessions, 1)
  await assert.rejects(hansard.namespace('acme').sessions.follow(id).next(), { code: 'SESSION_NOT_FOUND' })
})

testOnBoth('a follower starts after the sequence it names and misses nothing that comes meanwhile', async (store) => {
  const hansard = await store.open()
  const [id = ''] = await createSessions(hansard.sessions, 1)
  await hansard.sessions.appendMessages(id, [said('1'), said('2'), said('3')])
  const got: number[] = []
  const controller = new AbortController()
  const appends = Array.from({ length: 30 }, async (_, n) => {
    await sleep(n * 3)
    return hansard.sessions.appendMessage(id, said('more'))
  })
  for await (const { sequence } of hansard.sessions.follow(id, { after: 2, signal: controller.signal })) {
    got.push(sequence)
    if (got.length === 31) controller.abort()
  }
  await Promise.all(appends)
  assert.deepEqual(
    got,
    Array.from({ length: 31 }, (_, n) => n + 3),
  )
})

/** What became of a follower that has nothing to read, after `act`. */
async function endingAfter(
  store: TestStore,
  act: (parts: Ending) => Promise<unknown> | void,
): Promise<IteratorResult<SessionMessage>> {
  const hansard = await store.open()
  const [id = ''] = await createSessions(hansard.sessions, 1)
  const controller = new AbortController()
  const next = hansard.sessions.follow(id, { signal: controller.signal }).next()
  next.catch(() => undefined)
  await sleep(50)
  await act({ id, controller, store, close: () => hansard.close(), sessions: hansard.sessions })
  return next
}

interface Ending {
  id: string
  store: TestStore
  sessions: SessionService
  controller: AbortController
  close(): Promise<void>
}

testOnBoth('aborting ends a follower without an error', async (store) => {
  assert.deepEqual(await endingAfter(store, ({ controller }) => controller.abort()), { value: undefined, done: true })
})

testOnBoth('closing the store ends its followers', async (store) => {
  assert.deepEqual(await endingAfter(store, ({ close }) => close()), { value: undefined, done: true })
})

testOnBoth('deleting the session ends its followers with SESSION_NOT_FOUND', async (store) => {
  await assert.rejects(
    endingAfter(store, ({ id, sessions }) => sessions.delete(id)),
    { code: 'SESSION_NOT_FOUND' },
  )
})

testOnBoth('deleting it behind their back does too', async (store) => {
  const remove = ({ id }: Ending) => store.execute(`delete from sessions where id = '${id}'`)
  await assert.rejects(endingAfter(store, remove), { code: 'SESSION_NOT_FOUND' })
})
