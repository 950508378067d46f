import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { isHansardError } from '../src/domain/errors.js'
import { decodeCursor, encodeCursor, type PagePosition } from '../src/domain/page.js'
import { type Hansard, type ListSessionsOptions, openHansard } from '../src/index.js'

const rowId = fc.string({ unit: 'binary', maxLength: 60 }).filter((id) => id.length <= 64 && !id.includes('\u0000'))
const position: fc.Arbitrary<PagePosition> = fc.record(
  { direction: fc.constantFrom('next', 'previous'), at: fc.maxSafeInteger(), id: rowId },
  { noNullPrototype: true },
)
const isRefusal = (error: unknown) => isHansardError(error, 'CURSOR_INVALID')

test('a cursor comes back as the position that it was made of', () => {
  fc.assert(
    fc.property(position, fc.string(), (given, fingerprint) =>
      assert.deepEqual(decodeCursor(encodeCursor(given, fingerprint), fingerprint), given),
    ),
  )
})

test('a cursor of another query is refused', () => {
  fc.assert(
    fc.property(position, fc.string(), fc.string(), (given, one, other) => {
      fc.pre(one !== other)
      assert.throws(() => decodeCursor(encodeCursor(given, one), other), isRefusal)
    }),
  )
})

test('what is no cursor is refused, never misread', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.base64String()), (text) =>
      assert.throws(() => decodeCursor(text, 'f'), isRefusal),
    ),
  )
  fc.assert(
    fc.property(fc.json(), (json) =>
      assert.throws(() => decodeCursor(Buffer.from(json).toString('base64url'), 'f'), isRefusal),
    ),
  )
})

let store: Hansard
let now = 0
before(async () => {
  store = await openHansard({ database: 'sqlite::memory:', clock: () => new Date(now) })
})
after(() => store.close())

/** The ids of all pages, in their order, going by `next` or back by `previous`. */
async function pages(
  options: ListSessionsOptions,
  sessions: Hansard['sessions'],
  way: 'next' | 'previous' = 'next',
): Promise<string[][]> {
  const seen: string[][] = []
  for (let cursor = options.cursor; ; ) {
    const page = await sessions.list({ ...options, cursor })
    const ids = page.items.map(({ id }) => id)
    if (way === 'next') seen.push(ids)
    else seen.unshift(ids)
    const onward = way === 'next' ? page.nextCursor : page.previousCursor
    if (onward === null) return seen
    cursor = onward
  }
}

test('paging either way in either order visits each session exactly once', async () => {
  let namespaces = 0
  const instants = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 25 })
  const order = fc.constantFrom<'newest' | 'oldest'>('newest', 'oldest')
  await fc.assert(
    fc.asyncProperty(instants, fc.integer({ min: 1, max: 9 }), order, async (times, limit, order) => {
      const { sessions } = store.namespace(`pages-${++namespaces}`)
      const created: { at: number; id: string }[] = []
      for (const at of times) {
        now = at
        created.push({ at, id: (await sessions.create({ actorName: 'ada' })).id })
      }
      const ascending = created.sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1)).map(({ id }) => id)
      const expected = order === 'oldest' ? ascending : ascending.reverse()
      const forwards = await pages({ limit, order }, sessions)
      assert.deepEqual(forwards.flat(), expected)
      const last = await lastCursor({ limit, order }, sessions)
      if (last)
        assert.deepEqual(
          (await pages({ limit, order, cursor: last }, sessions, 'previous')).flat(),
          forwards.slice(0, -1).flat(),
        )
    }),
    { numRuns: 40 },
  )
})

async function lastCursor(options: ListSessionsOptions, sessions: Hansard['sessions']): Promise<string | null> {
  let page = await sessions.list(options)
  while (page.nextCursor !== null) page = await sessions.list({ ...options, cursor: page.nextCursor })
  return page.previousCursor
}
