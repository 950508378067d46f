import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromBus, isWithin } from '../src/domain/activity/bus-event.js'
import { eventKindNames } from '../src/domain/activity/event-kinds.js'
import {
  type ActivityEvent,
  activityEventJson,
  failedLoopJson,
  failingToolJson,
  recordedEventJson,
  relatedEventJson,
} from '../src/index.js'
import { processorMs } from './processor-time.js'
import { type Note, testOn, testOnBoth } from './test-store.js'

const file = { kind: 'file', path: 'a.ts' } as const

testOnBoth('the longest of everything fits the indexes, in any script', async (store) => {
  const longest = '世'.repeat(255)
  const { activity } = (await store.open()).namespace(longest)
  const texts = { sessionId: longest, issueId: longest, projectId: longest, actorName: longest, name: longest }
  // Not the same character again and again, which the database would compress.
  const path = Array.from({ length: 600 }, (_, index) => String.fromCodePoint(0x4e00 + ((index * 7_919) % 20_000)))
  const event = { ...texts, kind: 'file', path: path.join(''), state: longest, nativeId: longest }
  const { id } = await activity.record(event)
  assert.equal((await activity.recent({ path: event.path })).items[0]?.id, id)
  await assert.rejects(activity.record({ ...event, path: `${event.path}x` }), { message: /1800 bytes/ })
})

testOnBoth('a thousand events are one call, with native ids that are there and that come twice', async (store) => {
  const { activity } = await store.open()
  const event = (index: number) => ({ ...file, nativeId: `n-${index}` })
  await activity.recordAll([event(5), event(700)])
  const events = Array.from({ length: 999 }, (_, index) => event(index))
  const recorded = await activity.recordAll([...events, event(10)])
  assert.equal(recorded.filter(({ replayed }) => replayed).length, 3)
  assert.equal(recorded[999]?.id, recorded[10]?.id)
  assert.equal(recorded[10]?.replayed, false)
  assert.equal((await activity.recent({ limit: 1000 })).items.length, 999)
  assert.deepEqual(await activity.recordAll([]), [])
  await assert.rejects(activity.recordAll([...events, file, file]), { code: 'INVALID_INPUT' })
})

testOnBoth('inside a host transaction events come and go with it, and a conflict leaves it usable', async (store) => {
  const host = await store.host()
  const hansard = await store.open({ dataSource: host })
  await hansard.activity.record({ ...file, nativeId: 'n' })
  const undone = host.transaction(async (manager) => {
    await hansard.withTransaction(manager).activity.record(file)
    throw new RangeError('undo')
  })
  await assert.rejects(undone, RangeError)
  await host.transaction(async (manager) => {
    const { activity } = hansard.withTransaction(manager)
    await assert.rejects(activity.record({ ...file, path: 'b.ts', nativeId: 'n' }), { code: 'IDEMPOTENCY_CONFLICT' })
    await activity.recordAll([file, file])
    await manager.insert<Note>('Note', { id: 1, text: 'kept' })
  })
  assert.equal((await hansard.activity.recent()).items.length, 3)
  assert.equal((await host.query(`select * from ${store.table('note')}`)).length, 1)
})

testOnBoth('what something else broke stops no other, and is told of', async (store) => {
  const hansard = await store.open()
  const { activity } = hansard
  const broken = await activity.record(file)
  const { id } = await activity.record(file)
  await store.execute(`update activity_events set payload = '[1' where id = '${broken.id}'`)
  assert.deepEqual(
    (await activity.recent()).items.map((event) => event.id),
    [id],
  )
  assert.equal((await activity.related({ path: 'a.ts' })).items.length, 1)
  await assert.rejects(activity.get(broken.id), { code: 'STORAGE_FAILED', message: new RegExp(broken.id) })
  const [orphans] = await hansard.doctor(['orphans'])
  assert.deepEqual(orphans, {
    name: 'orphans',
    ok: false,
    detail: `not JSON any more in the activity events ${broken.id}`,
  })
  await activity.delete(broken.id)
  assert.deepEqual((await hansard.doctor(['orphans']))[0]?.ok, true)
})

testOn('sqlite', 'events in JSON have their instants as text, and their members in one order', async (store) => {
  const { activity } = await store.open({ clock: () => new Date(0) })
  const recorded = await activity.record({ ...file, issueId: 'i' })
  await activity.record({ kind: 'loop', name: 'fix', issueId: 'i', state: 'failed' })
  await activity.record({ kind: 'tool', name: 'Edit', state: 'failed' })
  const [tool] = await activity.failingTools()
  const [loop] = await activity.failedLoops({ path: 'a.ts' })
  const [related] = (await activity.related({ issueId: 'i' })).items
  assert.ok(tool && loop && related)
  const at = '1970-01-01T00:00:00.000Z'
  assert.deepEqual(Object.keys(activityEventJson(recorded)).slice(0, 4), ['id', 'namespace', 'kind', 'ts'])
  assert.deepEqual(recordedEventJson(recorded).recordedAt, at)
  assert.equal(recordedEventJson(recorded).replayed, false)
  assert.equal(relatedEventJson(related).relation, 'direct')
  assert.equal(failedLoopJson(loop).lastAt, at)
  assert.equal(failingToolJson(tool).lastFailureAt, at)
})

testOn('sqlite', 'every kind is told as plain data, and what it says is so', async (store) => {
  const { activity } = await store.open()
  const kinds = activity.kinds()
  assert.deepEqual(
    kinds.map(({ kind }) => kind),
    eventKindNames,
  )
  assert.deepEqual(JSON.parse(JSON.stringify(kinds)), kinds)
  for (const { kind, requires, payload } of kinds) {
    await assert.rejects(activity.record({ kind }), ({ problems }: { problems: { path: string }[] }) => {
      assert.deepEqual(
        problems.map(({ path }) => path),
        requires,
      )
      return true
    })
    for (const { name } of payload) {
      const wrong = { ...everything, kind, payload: { content: 'c', [name]: [] } }
      await assert.rejects(activity.record(wrong), { message: new RegExp(`payload\\.${name}`) })
    }
    assert.equal((await activity.record({ ...everything, kind })).kind, kind)
  }
})

const everything = { name: 'n', path: 'p', issueId: 'i', payload: { content: 'c' } }

testOnBoth('the search text is what the kind makes of the event', async (store) => {
  const { activity } = await store.open()
  const searchText = async ({ id }: ActivityEvent) =>
    (await store.execute(`select search_text from activity_events where id = '${id}'`))[0]?.search_text
  const correction = { kind: 'correction', payload: { content: 'not \ud800 that\u0000one' } }
  assert.equal(await searchText(await activity.record(correction)), 'not \ufffd that one')
  const loop = { kind: 'loop', name: 'fix', state: 'failed', payload: { transition: 'loop_complete' } }
  assert.equal(await searchText(await activity.record(loop)), 'fix failed loop_complete')
  const issue = { kind: 'issue', issueId: 'BUG-1', state: 'done', payload: { transition: 'done', title: 'It hangs' } }
  assert.equal(await searchText(await activity.record(issue)), 'BUG-1 done It hangs')
  const closed = { ...issue, payload: { transition: 'issue.closed' } }
  assert.equal(await searchText(await activity.record(closed)), 'BUG-1 done issue.closed')
})

test('a bus event goes into columns as far as it fits, and the rest is kept', () => {
  const sent = {
    ...{ event: 'route', loop_name: 'fix', state: 'x'.repeat(300), session_id: 's', retries: 1.5, ts: 5 },
    ...{ path: '', actor: 'ada', at: new Date(0), nothing: undefined },
  }
  const { payload, ...common } = JSON.parse(JSON.stringify(fromBus(sent))) as { payload: object }
  assert.deepEqual(common, { kind: 'loop', name: 'fix', sessionId: 's', actorName: 'ada' })
  assert.deepEqual(payload, {
    ...{ state: 'x'.repeat(300), retries: 1.5, ts: 5, path: '', at: '1970-01-01T00:00:00.000Z' },
    transition: 'route',
  })
})

test('what a bus means by the names of a kind is kept, whatever it is', () => {
  const sent = { transition: 'made', discoveredBy: 7, given: 1 }
  const { payload: issue, kind } = fromBus({ event: 'issue.created', issueId: 'A', ...sent })
  assert.equal(kind, 'issue')
  assert.deepEqual(issue, { discoveredBy: '7', transition: 'issue.created', given: { transition: 'made', given: 1 } })
  const { payload: loop } = fromBus({ event: 'route', loop: 'fix', transition: 'north', given: 1 })
  assert.deepEqual(loop, { transition: 'route', given: { transition: 'north', given: 1 } })
  assert.deepEqual(fromBus({ event: 'x', originalKind: 5 }).payload, { given: { originalKind: 5 } })
  assert.deepEqual(fromBus({ event: 'x', given: 1, title: 2 }).payload, { given: 1, title: 2 })
})

testOnBoth('whatever a sender means by a name of ours, his event is recorded', async (store) => {
  const { activity } = await store.open()
  const sink = activity.sink()
  const sent = { transition: 5, discoveredBy: 7, title: [], priority: 1, originalKind: {}, ts: 'x', retries: 'y' }
  for (const event of ['issue.created', 'route', 'other']) sink.send({ event, issueId: 'A', loop: 'fix', ...sent })
  // A day that there is not.
  sink.send({ event: 'deploy', ts: '2026-02-30T09:00:00Z' })
  assert.deepEqual(await sink.close(), { recorded: 4, dropped: 0, drops: {} })
  const { items } = await activity.recent()
  assert.deepEqual(items.map(({ kind }) => kind).sort(), ['custom', 'custom', 'issue', 'loop'])
  assert.equal(items.find(({ name }) => name === 'deploy')?.payload.ts, '2026-02-30T09:00:00Z')
})

test('the size of a value is found out without going through all of it', () => {
  assert.equal(isWithin({ a: ['b', 1, null] }, 10), true)
  assert.equal(isWithin({ a: 'b'.repeat(10) }, 10), false)
  assert.equal(isWithin(Array<number>(15_000).fill(1), 30_000), true)
  let visits = 0
  const endless = {
    get more() {
      visits++
      return endless
    },
  }
  assert.equal(isWithin(endless, 1_000), false)
  assert.ok(visits <= 1_000)
})

const long: Record<string, unknown> = {
  'a buffer': Buffer.alloc(20_000_000),
  'an array of numbers': new Float64Array(3_000_000),
  'an array of holes': Object.assign([], { length: 100_000_000 }),
  'an array of strings': Array<string>(5_000_000).fill(''),
  'a string in an object': Object('x'.repeat(50_000_000)),
}
for (const [name, value] of Object.entries(long)) {
  test(`${name} is found too large at once`, () => {
    const taken = processorMs(() => {
      for (const event of [value, { event: 'x', value }, [[value]]]) assert.equal(isWithin(event, 65_536), false)
    })
    // Listing the keys takes seconds.
    assert.ok(taken < 200, `${taken} ms`)
  })
}
