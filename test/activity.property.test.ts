import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { ActivityEventInput, ActivityService, EventKind } from '../src/index.js'
import { jsonObject } from './json-arbitraries.js'
import { testOnBoth } from './test-store.js'

/** A few milliseconds are enough for every boundary to be met often. */
const instant = fc.integer({ min: 0, max: 12 })

const event = (at: number, kind: string): ActivityEventInput => ({
  kind,
  ts: new Date(at),
  ...{ name: 'n', path: 'p', issueId: 'i', payload: { content: 'c' } },
})

const purge = fc.record({
  olderThanMs: fc.integer({ min: 0, max: 12 }),
  batchSize: fc.integer({ min: 1, max: 5 }),
  kinds: fc.option(fc.uniqueArray(fc.constantFrom<EventKind>('tool', 'loop', 'custom'), { minLength: 1 }), {
    nil: undefined,
  }),
})

testOnBoth('on any store a dry run reports what a run then does, and another run does nothing', async (store) => {
  let now = 0
  let namespaces = 0
  const hansard = await store.open({ clock: () => new Date(now) })
  const events = fc.array(fc.tuple(instant, fc.constantFrom('tool', 'loop', 'file', 'deploy')), { maxLength: 12 })
  const property = fc.asyncProperty(events, purge, instant, async (lives, options, at) => {
    const { activity } = hansard.namespace(`purge-${++namespaces}`)
    await activity.recordAll(lives.map(([ts, kind]) => event(ts, kind)))
    now = at
    const promised = await activity.purge({ ...options, dryRun: true })
    assert.equal((await activity.recent({ limit: 1000 })).items.length, lives.length)
    assert.deepEqual(await activity.purge(options), { ...promised, dryRun: false })
    assert.equal((await activity.recent({ limit: 1000 })).items.length, promised.remaining)
    const idle = { dryRun: false, eventsDeleted: 0, byKind: {}, remaining: promised.remaining }
    assert.deepEqual(await activity.purge(options), idle)
  })
  await fc.assert(property, { numRuns: 60 })
})

testOnBoth('any payload comes back as it was given', async (store) => {
  const { activity } = await store.open()
  await fc.assert(
    fc.asyncProperty(jsonObject, async (payload) => {
      const { id } = await activity.record({ kind: 'note', payload })
      const expected = { ...(JSON.parse(JSON.stringify(payload)) as object), originalKind: 'note' }
      assert.equal(JSON.stringify((await activity.get(id)).payload), JSON.stringify(expected))
    }),
    { numRuns: 100 },
  )
})

/** Page by page, forwards and back again. */
async function walk(activity: ActivityService, limit: number): Promise<[string[], string[]]> {
  const forth: string[] = []
  const back: string[] = []
  let page = await activity.recent({ limit })
  for (;;) {
    forth.push(...page.items.map(({ id }) => id))
    if (page.nextCursor === null) break
    page = await activity.recent({ limit, cursor: page.nextCursor })
  }
  for (;;) {
    back.unshift(...page.items.map(({ id }) => id))
    if (page.previousCursor === null) return [forth, back]
    page = await activity.recent({ limit, cursor: page.previousCursor })
  }
}

testOnBoth('paging visits every event once, whatever their instants, and comes back the same way', async (store) => {
  let namespaces = 0
  const hansard = await store.open()
  const property = fc.asyncProperty(
    fc.array(instant, { maxLength: 20 }),
    fc.integer({ min: 1, max: 6 }),
    async (instants, limit) => {
      const { activity } = hansard.namespace(`pages-${++namespaces}`)
      await activity.recordAll(instants.map((at) => event(at, 'file')))
      const all = (await activity.recent({ limit: 1000 })).items.map(({ id }) => id)
      assert.deepEqual(await walk(activity, limit), [all, all])
    },
  )
  await fc.assert(property, { numRuns: 40 })
})
