import assert from 'node:assert/strict'
import type { SearchOptions } from '../src/domain/search/search-service.js'
import { type Hansard, isHansardError } from '../src/index.js'
import { testOnBoth } from './test-store.js'

const said = (content: string, createdAt?: Date) => ({ role: 'user' as const, content, createdAt })
const hour = 60 * 60_000

async function snippetsByPage(hansard: Hansard, query: string, options: SearchOptions): Promise<string[][]> {
  const pages: string[][] = []
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await hansard.search(query, { ...options, cursor })
    pages.push(page.items.map(({ snippet }) => snippet))
    cursor = page.nextCursor
  }
  return pages
}

testOnBoth('pages are full although thousands of hits between them cannot be seen', async (store) => {
  const hansard = await store.open()
  const visible = await hansard.sessions.create({ actorName: 'ada' })
  const hidden = await hansard.sessions.create({ actorName: 'ada' })
  for (let round = 0; round < 6; round++) {
    await hansard.sessions.appendMessages(visible.id, [
      said(`common visible ${2 * round}`),
      said(`common visible ${2 * round + 1}`),
    ])
    await hansard.sessions.appendMessages(
      hidden.id,
      Array.from({ length: 450 }, (_, n) => said(`common hidden ${n}`)),
    )
  }
  // As an import that was not published yet.
  await store.execute(`update sessions set staged_at = ${Date.now()} where id = '${hidden.id}'`)
  const expected = Array.from({ length: 12 }, (_, n) => `common visible ${11 - n}`)
  for (const limit of [1, 5, 12, 100]) {
    const pages = await snippetsByPage(hansard, 'common', { limit })
    assert.deepEqual(pages.flat(), expected)
    assert.ok(pages.slice(0, -1).every((page) => page.length === limit))
    assert.equal(pages.length, Math.ceil(12 / limit))
  }
})

testOnBoth('ages are counted from the first page on, however late the others are read', async (store) => {
  let now = Date.parse('2026-11-21T00:00:00Z')
  const hansard = await store.open({ clock: () => new Date(now) })
  const { id } = await hansard.sessions.create({ actorName: 'ada' })
  await hansard.sessions.appendMessage(id, said('zebra zebra zebra', new Date(now - 100 * hour)))
  await hansard.sessions.appendMessage(id, said('a zebra among many other words of no weight', new Date(now - hour)))
  const options = { limit: 1, recencyHalfLifeMs: hour }
  const first = await hansard.search('zebra', options)
  now += 10_000 * hour
  const second = await hansard.search('zebra', { ...options, cursor: first.nextCursor ?? '' })
  const found = [...first.items, ...second.items].map(({ snippet }) => snippet)
  assert.deepEqual(found, ['a zebra among many other words of no weight', 'zebra zebra zebra'])
  assert.equal(second.nextCursor, null)
})

testOnBoth('one instant, however it is written, is one query', async (store) => {
  const hansard = await store.open()
  const { id } = await hansard.sessions.create({ actorName: 'ada' })
  const createdAt = new Date('2026-01-06T12:00:00Z')
  await hansard.sessions.appendMessages(id, [said('zebra one', createdAt), said('zebra two', createdAt)])
  const writings = ['2026-01-06', '2026-01-06T00:00:00Z', '2026-01-06T01:00+01:00', new Date('2026-01-06')]
  for (const since of writings) {
    const { nextCursor } = await hansard.search('zebra', { limit: 1, since, until: '2026-01-07' })
    for (const same of writings) {
      const options = { cursor: nextCursor ?? '', since: same, until: new Date('2026-01-07') }
      assert.equal((await hansard.search('zebra', options)).items.length, 1)
    }
    const other = hansard.search('zebra', { cursor: nextCursor ?? '', since: '2026-01-05', until: '2026-01-07' })
    await assert.rejects(other, { code: 'CURSOR_INVALID' })
  }
})

testOnBoth('a cursor that was tampered with is refused or harmless', async (store) => {
  const hansard = await store.open()
  const { id } = await hansard.sessions.create({ actorName: 'ada' })
  await hansard.sessions.appendMessages(id, [said('zebra 1'), said('zebra 2'), said('zebra 3')])
  const { nextCursor } = await hansard.search('zebra', { limit: 1 })
  const fields = JSON.parse(Buffer.from(nextCursor ?? '', 'base64url').toString()) as unknown[]
  const tampered = (place: number, value: unknown) =>
    Buffer.from(JSON.stringify(fields.with(place, value))).toString('base64url')
  const refused = [tampered(0, 'best'), tampered(1, -1), tampered(1, 0.5), tampered(2, '1'), tampered(2, 1e300)]
  refused.push(tampered(3, 0), tampered(4, 9e15), tampered(4, null), tampered(5, 'another'), 'zebra', 'W10')
  for (const cursor of refused) {
    await assert.rejects(hansard.search('zebra', { cursor }), (error) => isHansardError(error, 'CURSOR_INVALID'))
  }
  const most = Number.MAX_SAFE_INTEGER
  for (const cursor of [
    tampered(0, 'newest'),
    tampered(1, most),
    tampered(2, most),
    tampered(2, 0),
    tampered(3, true),
  ]) {
    assert.ok((await hansard.search('zebra', { cursor })).items.length <= 3)
  }
})

testOnBoth('a list of kinds with a hole in it is refused by name', async (store) => {
  const hansard = await store.open()
  const kinds = ['message']
  kinds[2] = 'tool'
  await assert.rejects(hansard.search('zebra', { kinds }), (error) => isHansardError(error, 'INVALID_INPUT'))
})
