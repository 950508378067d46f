import assert from 'node:assert/strict'
import type { ActivitySink, TelemetryEvent } from '../src/index.js'
import { testOn, testOnBoth } from './test-store.js'

const loop = { event: 'state_enter', loop: 'fix', state: 'check' }

/** How long the longest of so many sends kept its caller. */
function longestSend(sink: ActivitySink, count: number): number {
  let longest = 0
  for (let index = 0; index < count; index++) {
    const startedAt = performance.now()
    sink.send({ ...loop, index })
    longest = Math.max(longest, performance.now() - startedAt)
  }
  return longest
}

const dropsOf = (told: TelemetryEvent[]) => told.filter((event) => event.type === 'dropped')

testOn('sqlite', 'a locked file keeps no caller, and closing keeps to its budget', async (store) => {
  const told: TelemetryEvent[] = []
  const { activity } = await store.open({ telemetry: (event) => told.push(event) })
  const sink = activity.sink({ closeWithinMs: 300, capacity: 500 })
  const other = await store.host({ entities: [], synchronize: false })
  await other.query('BEGIN IMMEDIATE')
  // A busy machine may take a turn of its own; a wait for the lock would be far longer.
  assert.ok(longestSend(sink, 600) < 1_000)
  const startedAt = performance.now()
  const report = await sink.close()
  assert.ok(performance.now() - startedAt < 3_000)
  await other.query('ROLLBACK')
  assert.deepEqual(report, { recorded: 0, dropped: 600, drops: { full: 100, closed: 500 } })
  assert.equal(
    dropsOf(told).reduce((sum, { events }) => sum + events, 0),
    600,
  )
})

testOnBoth('what the database refuses is dropped and counted, and the rest goes on', async (store) => {
  const told: TelemetryEvent[] = []
  const { activity } = await store.open({ telemetry: (event) => told.push(event) })
  const sink = activity.sink()
  await store.execute('alter table activity_events rename to gone')
  longestSend(sink, 3)
  assert.deepEqual(await sink.close(), { recorded: 0, dropped: 3, drops: { failed: 3 } })
  assert.deepEqual(dropsOf(told), [{ type: 'dropped', reason: 'failed', events: 3 }])
  await store.execute('alter table gone rename to activity_events')
  const another = activity.sink()
  another.send(loop)
  assert.deepEqual(await another.close(), { recorded: 1, dropped: 0, drops: {} })
})

testOnBoth('a sink writes by itself, keeps its order, and what nobody can send harms nothing', async (store) => {
  const { activity } = await store.open()
  const sink = activity.sink({ batchSize: 10 })
  const cycle: Record<string, unknown> = { event: 'x' }
  cycle.self = cycle
  const hostile = {
    get event(): string {
      throw new RangeError('no')
    },
  }
  for (const event of [cycle, hostile, undefined, null, [], 5n, Symbol('s'), { big: 5n }]) sink.send(event)
  longestSend(sink, 25)
  for (let found = 0; found < 25; ) found = (await activity.recent()).items.length
  const order = (await activity.recent()).items.map(({ payload }) => payload.index).reverse()
  assert.deepEqual(order, [...Array(25).keys()])
  const { recorded, dropped } = await sink.close()
  assert.deepEqual({ recorded, dropped }, { recorded: 25, dropped: 8 })
  assert.deepEqual(await sink.close(), await sink.close())
})

testOnBoth('what is sent inside a host transaction is recorded beside it', async (store) => {
  const host = await store.host()
  const hansard = await store.open({ dataSource: host })
  const sink = hansard.activity.sink()
  const undone = host.transaction(async () => {
    sink.send(loop)
    await new Promise(setImmediate)
    throw new RangeError('undo')
  })
  await assert.rejects(undone, RangeError)
  assert.deepEqual(await sink.close(), { recorded: 1, dropped: 0, drops: {} })
})

testOnBoth('a closed store takes no events from a sink', async (store) => {
  const hansard = await store.open()
  const sink = hansard.activity.sink()
  sink.send(loop)
  await hansard.close()
  sink.send(loop)
  assert.deepEqual(await sink.close(), { recorded: 1, dropped: 1, drops: { closed: 1 } })
})

testOnBoth('what is no event, or too large, is told as that also while too many wait', async (store) => {
  const { activity } = await store.open({ limits: { eventBytes: 100 } })
  const sink = activity.sink({ capacity: 1 })
  for (const event of [loop, loop, null, { event: 'x', text: 'x'.repeat(200) }]) sink.send(event)
  const drops = { full: 1, invalid: 1, 'too-large': 1 }
  assert.deepEqual(await sink.close(), { recorded: 1, dropped: 3, drops })
  sink.send(loop)
  assert.deepEqual(await sink.close(), { recorded: 1, dropped: 4, drops: { ...drops, closed: 1 } })
})

testOnBoth('a sink made inside a transaction of the host records beside it', async (store) => {
  const host = await store.host()
  const hansard = await store.open({ dataSource: host })
  const sinks: ActivitySink[] = []
  const undone = host.transaction(async (manager) => {
    for (const facade of [hansard, hansard.withTransaction(manager), hansard.withTransaction(manager).namespace('x')]) {
      const sink = facade.activity.sink()
      sink.send(loop)
      sinks.push(sink)
    }
    await new Promise(setImmediate)
    throw new RangeError('undo')
  })
  await assert.rejects(undone, RangeError)
  for (const sink of sinks) assert.deepEqual(await sink.close(), { recorded: 1, dropped: 0, drops: {} })
})

testOn('sqlite', 'a store that closes waits no longer for its sinks than they may', async (store) => {
  const hansard = await store.open()
  const sink = hansard.activity.sink({ closeWithinMs: 100 })
  const other = await store.host({ entities: [], synchronize: false })
  await other.query('BEGIN IMMEDIATE')
  longestSend(sink, 3)
  const startedAt = performance.now()
  await hansard.close()
  assert.ok(performance.now() - startedAt < 2_000)
  assert.deepEqual(await sink.close(), { recorded: 0, dropped: 3, drops: { closed: 3 } })
  await other.query('ROLLBACK')
})

testOn('sqlite', 'what another process kept waiting is recorded once it lets go', async (store) => {
  const { activity } = await store.open()
  const sink = activity.sink({ closeWithinMs: 20_000 })
  const other = await store.host({ entities: [], synchronize: false })
  await other.query('BEGIN IMMEDIATE')
  longestSend(sink, 3)
  const report = sink.close()
  await new Promise(setImmediate)
  await other.query('ROLLBACK')
  assert.deepEqual(await report, { recorded: 3, dropped: 0, drops: {} })
})

testOn('sqlite', 'large events do not wait in any number', async (store) => {
  const { activity } = await store.open({ limits: { eventBytes: 1024 * 1024 } })
  const sink = activity.sink({ closeWithinMs: 20_000 })
  const text = 'x'.repeat(1_000_000)
  const send = (count: number) => {
    for (let index = 0; index < count; index++) sink.send({ event: 'x', text })
  }
  send(70)
  // Once those are written there is room again.
  for (let found = 0; found < 68; ) found = (await activity.recent({ limit: 100 })).items.length
  await new Promise(setImmediate)
  send(2)
  assert.deepEqual(await sink.close(), { recorded: 70, dropped: 2, drops: { full: 2 } })
})
