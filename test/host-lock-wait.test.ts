import assert from 'node:assert/strict'
import { testOn } from './test-store.js'

/** The longest that the event loop stood still until `work` was done. */
async function longestBlock(work: Promise<unknown>): Promise<number> {
  let isDone = false
  const done = () => {
    isDone = true
  }
  work.then(done, done)
  let longest = 0
  for (let at = performance.now(); !isDone; at = performance.now()) {
    await new Promise(setImmediate)
    longest = Math.max(longest, performance.now() - at)
  }
  return longest
}

const timeoutMs = 5_000

testOn('sqlite', 'a locked file of a host stops no event loop, and its own wait stays as it was', async (store) => {
  const host = await store.host()
  await host.query(`PRAGMA busy_timeout = ${timeoutMs}`)
  const { activity, sessions } = await store.open({ dataSource: host })
  const other = await store.host({ entities: [], synchronize: false })
  await other.query('BEGIN EXCLUSIVE')
  const sink = activity.sink({ closeWithinMs: 500 })
  sink.send({ event: 'x' })
  assert.ok((await longestBlock(sink.close())) < timeoutMs / 2)
  const creation = sessions.create({ actorName: 'ada' })
  const reading = sessions.list()
  let tries = 0
  const release = async () => {
    for (; tries < 3; tries++) await new Promise(setImmediate)
    await other.query('ROLLBACK')
  }
  assert.ok((await longestBlock(Promise.all([creation, reading, release()]))) < timeoutMs / 2)
  assert.equal((await creation).actorName, 'ada')
  const [{ timeout } = {}] = (await host.query('PRAGMA busy_timeout')) as { timeout?: number }[]
  assert.equal(timeout, timeoutMs)
})
