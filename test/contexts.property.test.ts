import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { JsonObject } from '../src/domain/canonical-json.js'
import { mergePatch } from '../src/domain/contexts/merge-patch.js'
import type { ContextService, PurgeOptions } from '../src/index.js'
import { jsonObject } from './json-arbitraries.js'
import { testOnBoth } from './test-store.js'

/** A few milliseconds are enough for every boundary to be met often. */
const instant = fc.integer({ min: 0, max: 12 })

interface Life {
  openedAt: number
  ttlMs: number
  sliding: boolean
  /** What is done with it, and when; what comes too late is refused. */
  deeds: { at: number; deed: 'step' | 'patch' | 'close' | 'purge' }[]
}

const life: fc.Arbitrary<Life> = fc.record({
  openedAt: instant,
  ttlMs: fc.integer({ min: 1, max: 10 }),
  sliding: fc.boolean(),
  deeds: fc.array(
    fc.record({
      at: instant,
      deed: fc.constantFrom('step' as const, 'step' as const, 'patch' as const, 'close' as const, 'purge' as const),
    }),
    { maxLength: 5 },
  ),
})

const purge = fc.record({
  retentionMs: fc.integer({ min: 0, max: 8 }),
  agedSteps: fc.boolean(),
  batchSize: fc.integer({ min: 1, max: 5 }),
})

const lateBy = fc.integer({ min: 0, max: 14 })

async function live(contexts: ContextService, lives: Life[], setClock: (at: number) => void): Promise<void> {
  for (const { openedAt, ttlMs, sliding, deeds } of lives) {
    setClock(openedAt)
    const { stateToken } = await contexts.open({ ttlMs, sliding })
    for (const { at, deed } of deeds.sort((one, other) => one.at - other.at)) {
      setClock(Math.max(openedAt, at))
      await does(contexts, stateToken, deed).catch((error: { code?: string }) => {
        if (!['CONTEXT_EXPIRED', 'CONTEXT_CLOSED', 'CONTEXT_NOT_FOUND'].includes(error.code ?? '')) throw error
      })
    }
  }
}

function does(contexts: ContextService, token: string, deed: Life['deeds'][number]['deed']): Promise<unknown> {
  if (deed === 'step') return contexts.step(token, { request: 'step' })
  if (deed === 'patch') return contexts.patch(token, { patched: true })
  if (deed === 'close') return contexts.close(token)
  return contexts.purge({ retentionMs: 4, batchSize: 1 })
}

const alive = async (contexts: ContextService) => (await contexts.list({ limit: 1000 })).items.length

testOnBoth('on any store a dry run reports what a run then does, and another run does nothing', async (store) => {
  let now = 0
  let namespaces = 0
  const hansard = await store.open({ clock: () => new Date(now) })
  const property = fc.asyncProperty(fc.array(life, { maxLength: 6 }), purge, lateBy, async (lives, options, at) => {
    const { contexts } = hansard.namespace(`purge-${++namespaces}`)
    await live(contexts, lives, (instant) => {
      now = instant
    })
    now = at
    await assertHonest(contexts, options)
  })
  await fc.assert(property, { numRuns: 60 })
  assert.deepEqual(
    await store.execute('select id from context_steps where context_id not in (select id from contexts)'),
    [],
  )
})

async function assertHonest(contexts: ContextService, options: PurgeOptions): Promise<void> {
  const usable = await alive(contexts)
  const promised = await contexts.purge({ ...options, dryRun: true })
  assert.equal(await alive(contexts), usable)
  assert.deepEqual(await contexts.purge({ ...options, dryRun: true }), promised)
  const done = await contexts.purge(options)
  assert.deepEqual({ ...promised, dryRun: false }, done)
  assert.equal(done.aliveRemaining, usable)
  const idle = { expiredMarked: 0, contextDeleted: 0, stepOrphanDeleted: 0, stepAgedDeleted: 0 }
  assert.deepEqual(await contexts.purge(options), { dryRun: false, ...idle, aliveRemaining: usable })
}

/** The examples of RFC 7396, appendix A, whose target and patch are both objects. */
const examples: [target: string, patch: string, result: string][] = [
  ['{"a":"b"}', '{"a":"c"}', '{"a":"c"}'],
  ['{"a":"b"}', '{"b":"c"}', '{"a":"b","b":"c"}'],
  ['{"a":"b"}', '{"a":null}', '{}'],
  ['{"a":"b","b":"c"}', '{"a":null}', '{"b":"c"}'],
  ['{"a":["b"]}', '{"a":"c"}', '{"a":"c"}'],
  ['{"a":"c"}', '{"a":["b"]}', '{"a":["b"]}'],
  ['{"a":{"b":"c"}}', '{"a":{"b":"d","c":null}}', '{"a":{"b":"d"}}'],
  ['{"a":[{"b":"c"}]}', '{"a":[1]}', '{"a":[1]}'],
  ['{"e":null}', '{"a":1}', '{"e":null,"a":1}'],
  ['{}', '{"a":{"bb":{"ccc":null}}}', '{"a":{"bb":{}}}'],
  // Ours: the names that JavaScript gives a meaning to, and members that stay where they were.
  ['{"__proto__":{"a":1}}', '{"__proto__":{"b":2}}', '{"__proto__":{"a":1,"b":2}}'],
  [
    '{"a":1}',
    '{"__proto__":{"admin":true},"constructor":{"prototype":null}}',
    '{"a":1,"__proto__":{"admin":true},"constructor":{}}',
  ],
  ['{"__proto__":1,"toString":2}', '{"__proto__":null,"toString":null}', '{}'],
  ['{"z":1,"a":2}', '{"z":{"q":1}}', '{"z":{"q":1},"a":2}'],
]

for (const [target, patch, result] of examples) {
  test(`${target} patched with ${patch} is ${result}`, () => {
    assert.equal(JSON.stringify(mergePatch(parsed(target), parsed(patch))), result)
    assert.equal(({} as Record<string, unknown>).admin, undefined)
  })
}

const parsed = (text: string) => JSON.parse(text) as JsonObject

/** What a patch leaves of itself: RFC 7396 takes nulls out, at every depth but in lists. */
const withoutNulls = (patch: JsonObject) => mergePatch({}, patch)

test('a patch changes neither what it patches nor itself', () => {
  fc.assert(
    fc.property(jsonObject, jsonObject, (target, patch) => {
      const before = JSON.stringify([target, patch])
      mergePatch(target, patch)
      assert.equal(JSON.stringify([target, patch]), before)
    }),
  )
})

test('a patch applied twice is a patch applied once', () => {
  fc.assert(
    fc.property(jsonObject, jsonObject, (target, patch) => {
      const once = mergePatch(target, patch)
      assert.equal(JSON.stringify(mergePatch(once, patch)), JSON.stringify(once))
    }),
  )
})

test('an empty patch changes nothing, and a patch of nothing leaves no null of its own', () => {
  fc.assert(
    fc.property(jsonObject, (object) => {
      assert.equal(JSON.stringify(mergePatch(object, {})), JSON.stringify(object))
      assert.ok(Object.values(withoutNulls(object)).every((value) => value !== null))
    }),
  )
})

test('every member of the result comes from the patch, or is untouched by it', () => {
  fc.assert(
    fc.property(jsonObject, jsonObject, (target, patch) => {
      const merged = new Map(Object.entries(mergePatch(target, patch)))
      const removed = Object.keys(patch).filter((name) => patch[name] === null)
      for (const name of removed) assert.ok(!merged.has(name), name)
      for (const [name, value] of Object.entries(target))
        if (!Object.hasOwn(patch, name)) assert.equal(JSON.stringify(merged.get(name)), JSON.stringify(value))
      const names = new Set([...Object.keys(target), ...Object.keys(patch)])
      assert.deepEqual(new Set([...merged.keys(), ...removed]), names)
    }),
  )
})
