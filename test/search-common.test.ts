import assert from 'node:assert/strict'
import { type Hansard, type SearchItem, type SearchOptions, type SearchPage } from '../src/index.js'
import { testOnBoth } from './test-store.js'

const many = 20_400
const batch = 1_000

/** More messages with the word `common` than are ranked; every hundredth says `seldom`. */
async function filled(hansard: Hansard): Promise<void> {
  const sessions = await Promise.all(['ada', 'bob'].map((actorName) => hansard.sessions.create({ actorName })))
  for (let done = 0; done < many; done += batch) {
    const messages = Array.from({ length: Math.min(batch, many - done) }, (_, index) => {
      const n = done + index
      return { role: 'user' as const, content: `common ${n % 100 === 0 ? 'seldom' : 'plain'} ${n}` }
    })
    await hansard.sessions.appendMessages(sessions[(done / batch) % 2]?.id ?? '', messages)
  }
}

async function readAll(hansard: Hansard, query: string, options: SearchOptions, most: number) {
  const pages: SearchPage[] = []
  for (let cursor: string | null | undefined = options.cursor; cursor !== null && pages.length < most; ) {
    const page = await hansard.search(query, { ...options, cursor })
    pages.push(page)
    cursor = page.nextCursor
  }
  return { pages, items: pages.flatMap(({ items }) => items) }
}

const numberOf = ({ snippet }: SearchItem) => Number(snippet.split(' ').at(-1))

testOnBoth('what stands nearly everywhere is told newest first, page by page, and says so', async (store) => {
  const hansard = await store.open()
  await filled(hansard)
  const [first] = (await readAll(hansard, 'common', { limit: 50 }, 1)).pages
  assert.equal(first?.ranking, 'newest')
  await hansard.sessions.appendMessage((await hansard.sessions.create({ actorName: 'ada' })).id, {
    role: 'user',
    content: 'common and later',
  })
  const { pages, items } = await readAll(hansard, 'common', { limit: 50, cursor: first.nextCursor ?? '' }, 4)
  assert.ok(pages.every(({ ranking, items: page }) => ranking === 'newest' && page.length === 50))
  const expected = Array.from({ length: 250 }, (_, n) => many - 1 - n)
  assert.deepEqual([...first.items, ...items].map(numberOf), expected, 'without gap, and without what came later')
  const scores = [...first.items, ...items].map(({ score }) => score)
  assert.deepEqual(
    scores,
    scores.toSorted((a, b) => b - a),
    'a higher score is better here too',
  )
  for (const query of ['common OR seldom', 'com*', 'common -later']) {
    assert.equal((await hansard.search(query)).ranking, 'newest', query)
  }
})

testOnBoth('a word that tells documents apart ranks them, whatever stands beside it', async (store) => {
  const hansard = await store.open()
  await filled(hansard)
  for (const query of ['seldom', 'common seldom', 'common AND seldom -plain']) {
    const { pages, items } = await readAll(hansard, query, { limit: 100 }, 9)
    assert.ok(pages.every(({ ranking }) => ranking === 'relevance'))
    const found = items.map(numberOf).toSorted((a, b) => a - b)
    const expected = Array.from({ length: many / 100 }, (_, n) => n * 100)
    assert.deepEqual(found, expected, query)
  }
  const { items } = await hansard.search('common seldom', { actorName: 'bob', limit: 100 })
  assert.ok(items.length === 100 && items.every(({ actorName }) => actorName === 'bob'))
})

testOnBoth('a word that is common in one namespace is none in another', async (store) => {
  const hansard = await store.open()
  await filled(hansard)
  const acme = hansard.namespace('acme')
  const { id } = await acme.sessions.create({ actorName: 'eve' })
  await acme.sessions.appendMessage(id, { role: 'user', content: 'common here' })
  const page = await acme.search('common')
  assert.deepEqual([page.ranking, page.items.length, page.nextCursor], ['relevance', 1, null])
})

testOnBoth('what has more of the words asked for comes first, and common words are not asked for', async (store) => {
  const hansard = await store.open()
  await filled(hansard)
  const { id } = await hansard.sessions.create({ actorName: 'ada' })
  const long = 'lsd: 3: No such file or directory (os error 2) '
  await hansard.sessions.appendMessages(
    id,
    ['a cat', 'the directory', `${long}${'and a long listing follows '.repeat(40)}`, 'a cat in a directory'].map(
      (content) => ({ role: 'user', content }),
    ),
  )
  const error = await hansard.search('cat: foo.txt: No such file or directory')
  assert.ok(error.relaxed && error.ranking === 'relevance')
  const sequences = error.items.map(({ anchor }) => anchor.split('#')[1])
  assert.deepEqual(sequences.slice(0, 2), ['3', '4'])
  assert.deepEqual(
    sequences.slice(2).toSorted((a = '', b = '') => a.localeCompare(b)),
    ['1', '2'],
  )
  const page = await hansard.search('common questions of cats in the directory', { limit: 2 })
  assert.ok(page.relaxed && page.ranking === 'relevance' && page.items.every(({ sessionId }) => sessionId === id))
  const nothing = await hansard.search('where are the penguins?')
  assert.deepEqual([nothing.items, nothing.relaxed], [[], false])
})
