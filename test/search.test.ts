import assert from 'node:assert/strict'
import type { EntityManager } from 'typeorm'
import { type Hansard, openHansard, type SearchOptions } from '../src/index.js'
import { searchKinds } from '../src/open-options.js'
import { type TestStore, testOn, testOnBoth } from './test-store.js'

type Store = Hansard<EntityManager>

async function places(hansard: Store, query: string, options: SearchOptions = {}): Promise<string[]> {
  const { items } = await hansard.search(query, { limit: 100, ...options })
  return items.map(({ anchor }) => anchor.replace(/^.*(?=#)/, '')).sort()
}

const found = async (hansard: Store, query: string) => (await places(hansard, query)).length

async function withMessages(hansard: Store, ...texts: string[]): Promise<string> {
  const { id } = await hansard.sessions.create({ actorName: 'ada' })
  const messages = texts.map((content) => ({ role: 'user' as const, content }))
  if (messages.length > 0) await hansard.sessions.appendMessages(id, messages)
  return id
}

async function searchCheck(hansard: Store): Promise<string> {
  const [check] = await hansard.doctor(['search'])
  return check?.ok ? 'ok' : (check?.detail ?? '')
}

/** Rows of the index behind the store's back. */
async function counted(store: TestStore, table: string): Promise<number> {
  const [row] = await store.execute(`select count(*) as count from ${table}`)
  return Number(row?.count)
}

async function assertIndexHolds(store: TestStore, count: number): Promise<void> {
  assert.equal(await counted(store, 'search_entries'), count)
  if (store.isSqlite) assert.equal(await counted(store, 'search_index_docsize'), count)
}

testOnBoth('doctor tells of entries that were lost behind the store, and reindex writes them', async (store) => {
  const hansard = await store.open()
  await withMessages(hansard, 'oslo one', 'oslo two', 'oslo three')
  await withMessages(hansard.namespace('globex'), 'oslo four')
  await hansard.activity.record({ kind: 'tool', name: 'oslo' })
  assert.equal(await searchCheck(hansard), 'ok')
  await store.execute(`delete from search_entries where kind = 'tool' or namespace = 'globex'`)
  assert.match(
    await searchCheck(hansard),
    /^1 of the messages cannot be found, 1 of the events cannot be found; run "hansard search/,
  )
  assert.equal(await found(hansard, 'oslo'), 3)
  const progress: [number, number][] = []
  const report = await hansard.reindexSearch({ onProgress: (done, total) => progress.push([done, total]) })
  assert.deepEqual(report, { entries: 5 })
  assert.deepEqual(progress.at(-1), [5, 5])
  assert.equal(await searchCheck(hansard), 'ok')
  assert.deepEqual([await found(hansard, 'oslo'), await found(hansard.namespace('globex'), 'oslo')], [4, 1])
  await assertIndexHolds(store, 5)
})

testOnBoth('an event without any other place is found at its id', async (store) => {
  const hansard = await store.open()
  const { id } = await hansard.activity.record({ kind: 'tool', name: 'oslo' })
  assert.deepEqual(await places(hansard, 'oslo'), [id])
})

testOn('sqlite', 'words without an entry and entries without words are found out and mended', async (store) => {
  const hansard = await store.open()
  await withMessages(hansard, 'oslo one', 'oslo two')
  await store.execute('delete from search_index where rowid = 1')
  await store.execute("insert into search_index (rowid, body, scope) values (99, 'stray', 'x')")
  assert.match(await searchCheck(hansard), /^2 entries have lost their words, or words their entry/)
  assert.equal(await found(hansard, 'oslo'), 1)
  await hansard.reindexSearch()
  assert.equal(await searchCheck(hansard), 'ok')
  assert.equal(await found(hansard, 'oslo'), 2)
  await assertIndexHolds(store, 2)
})

testOnBoth('a reindex leaves the order as it was, and pages that were begun go on', async (store) => {
  const hansard = await store.open()
  const id = await withMessages(hansard)
  for (let turn = 0; turn < 3; turn++) {
    await hansard.activity.record({ kind: 'tool', name: 'oslo', sessionId: 'x', actorName: 'ada' })
    await hansard.sessions.appendMessage(id, { role: 'user', content: 'oslo' })
  }
  const all = async () => (await hansard.search('oslo')).items.map(({ ref }) => ref)
  const before = await all()
  await store.execute(`delete from search_entries where message_id = '${before[0]}'`)
  const first = await hansard.search('oslo', { limit: 2 })
  assert.deepEqual(await hansard.reindexSearch(), { entries: 6 })
  // What had lost its place is as though it were new.
  assert.deepEqual(await all(), before)
  const rest = await hansard.search('oslo', { cursor: first.nextCursor ?? '' })
  const walked = [...first.items, ...rest.items].map(({ ref }) => ref)
  assert.deepEqual(walked, before.slice(1))
  await assertIndexHolds(store, 6)
})

testOnBoth('a reindex and writers do not keep each other from anything', async (store) => {
  const hansard = await store.open()
  const texts = Array.from({ length: 500 }, (_, index) => `oslo ${index}`)
  const id = await withMessages(hansard, ...texts)
  const doomed = await withMessages(hansard, ...texts)
  const append = (index: number) => hansard.sessions.appendMessage(id, { role: 'user', content: `bergen ${index}` })
  const work = Array.from({ length: 100 }, (_, index) => append(index))
  await Promise.all([hansard.reindexSearch(), hansard.sessions.delete(doomed), ...work])
  assert.equal(await searchCheck(hansard), 'ok')
  assert.equal(await found(hansard, 'bergen'), 100)
  await assertIndexHolds(store, 600)
})

testOnBoth('what is only staged is not found until it is published', async (store) => {
  const hansard = await store.open()
  const id = await withMessages(hansard, 'oslo one', 'oslo two')
  await withMessages(hansard, 'oslo three')
  await store.execute(`update sessions set staged_at = ${Date.now()} where id = '${id}'`)
  assert.deepEqual(await places(hansard, 'oslo'), ['#1'])
  const one = await hansard.search('oslo', { limit: 1 })
  assert.deepEqual([one.items.length, one.nextCursor], [1, null])
  await store.execute('update sessions set staged_at = null')
  assert.equal(await found(hansard, 'oslo'), 3)
})

testOnBoth('an import that fails midway is never found, and leaves nothing', async (store) => {
  const hansard = await store.open()
  const id = await withMessages(hansard, ...Array.from({ length: 1_200 }, () => 'oslo'))
  const archive = await hansard.sessions.exportSession(id)
  await hansard.sessions.delete(id)
  const onProgress = () => {
    throw new TypeError('The host fails')
  }
  await assert.rejects(hansard.sessions.importSession(archive, { onProgress }), TypeError)
  assert.equal(await found(hansard, 'oslo'), 0)
  await assertIndexHolds(store, 0)
  await hansard.sessions.importSession(archive)
  assert.equal(await found(hansard, 'oslo'), 100)
})

testOnBoth('the step down takes the index alone, and up again a reindex finds what there was', async (store) => {
  await withMessages(await store.open(), 'oslo one', 'oslo two')
  const migrations = await store.migrations()
  for (let step = await migrations.down(); step !== 'Search1763942400000'; ) step = await migrations.down()
  assert.ok((await store.tables()).every((table) => !table.startsWith('search_')))
  assert.equal(await counted(store, 'session_messages'), 2)
  await migrations.up()
  const hansard = await store.open()
  assert.match(await searchCheck(hansard), /2 of the messages cannot be found/)
  await hansard.reindexSearch()
  assert.equal(await found(hansard, 'oslo'), 2)
  assert.equal(await searchCheck(hansard), 'ok')
})

testOnBoth('a session of 2,000 messages leaves nothing when it is deleted', async (store) => {
  const hansard = await store.open()
  const texts = Array.from({ length: 1_000 }, (_, index) => `oslo message ${index}`)
  const id = await withMessages(hansard, ...texts)
  await hansard.sessions.appendMessages(
    id,
    texts.map((content) => ({ role: 'assistant', content })),
  )
  await assertIndexHolds(store, 2_000)
  await hansard.sessions.delete(id)
  await assertIndexHolds(store, 0)
  assert.equal(await found(hansard, 'oslo'), 0)
})

testOnBoth('a message of 8 MiB, and one of 200,000 different words, are found by their beginning', async (store) => {
  const hansard = await store.open()
  const size = 8 * 1024 * 1024 - 2
  const vast = 'oslo bergen '.padEnd(size - 5, 'x ').concat(' rome')
  const manifold = Array.from({ length: 200_000 }, (_, index) => `word${index}`).join(' ')
  await withMessages(hansard, vast.slice(0, size), manifold, 'x'.repeat(size))
  assert.deepEqual(await places(hansard, '"oslo bergen"'), ['#1'])
  assert.deepEqual(await places(hansard, 'word0 word15999'), ['#2'])
  for (const beyond of ['rome', 'word16001', 'word199999']) assert.equal(await found(hansard, beyond), 0, beyond)
  const { items } = await hansard.search('bergen')
  assert.ok((items[0]?.snippet.length ?? 0) <= 200)
  assert.equal((await hansard.reindexSearch()).entries, 3)
})

testOnBoth('what a word stands for is as far as it is kept: 256 times in a text', async (store) => {
  const hansard = await store.open()
  const often = `${'tock '.repeat(300)}tick`
  await withMessages(hansard, often, `tock tick`)
  assert.deepEqual(await places(hansard, 'tock tick'), ['#1', '#2'])
  assert.deepEqual(await places(hansard, '"tock tick"'), ['#2'])
})

testOnBoth('under a prefix search has tables of its own', async (store) => {
  const plain = await store.open()
  await withMessages(plain, 'oslo plain')
  assert.equal(await found(plain, 'oslo'), 1)
  await plain.close()
  const prefixed = await store.open({ tablePrefix: 'hs_' })
  const id = await withMessages(prefixed, 'oslo prefixed', 'oslo again')
  assert.equal(await found(prefixed, 'oslo'), 2)
  assert.equal((await prefixed.reindexSearch()).entries, 2)
  assert.equal(await searchCheck(prefixed), 'ok')
  await prefixed.sessions.delete(id)
  assert.equal(await counted(store, 'hs_search_entries'), 0)
  await assertIndexHolds(store, 1)
})

testOnBoth('U+0000 and lone surrogates part words, and stand in nobody’s way', async (store) => {
  const hansard = await store.open()
  const id = await withMessages(hansard, 'oslo\u0000bergen', 'rome \ud83d paris\udc00london', '\ud83d')
  assert.deepEqual(await places(hansard, '"oslo bergen"'), ['#1'])
  assert.deepEqual(await places(hansard, 'paris london'), ['#2'])
  assert.equal(await found(hansard, '\ud83d'), 0)
  for (const query of ['oslo\u0000bergen', 'oslo \ud83d', "oslo' --", 'oslo\\']) {
    assert.deepEqual(await places(hansard, query), ['#1'], JSON.stringify(query))
  }
  await hansard.sessions.delete(id)
  await assertIndexHolds(store, 0)
})

testOnBoth('a host that synchronizes its entities leaves the index alone', async (store) => {
  const first = await store.host()
  await withMessages(await store.open({ dataSource: first }), 'oslo one')
  const tables = await store.tables()
  await first.destroy()
  const again = await store.host()
  assert.deepEqual(await store.tables(), tables)
  const hansard = await store.open({ dataSource: again })
  const id = await withMessages(hansard, 'oslo two')
  assert.equal(await found(hansard, 'oslo'), 2)
  await hansard.sessions.delete(id)
  await assertIndexHolds(store, 1)
  assert.equal(await searchCheck(hansard), 'ok')
})

testOnBoth(
  'a kind that is switched off writes nothing, and is found when it is on again and indexed',
  async (store) => {
    const off = await store.open({ search: { message: false, tool: false, file: true } })
    await withMessages(off, 'oslo')
    await off.activity.recordAll([
      { kind: 'tool', name: 'oslo', path: 'a.ts' },
      { kind: 'file', path: 'oslo.ts' },
    ])
    assert.deepEqual(await places(off, 'oslo'), ['oslo.ts'])
    await assertIndexHolds(store, 1)
    assert.equal(await searchCheck(off), 'ok')
    assert.deepEqual(await off.reindexSearch(), { entries: 1 })
    await off.close()
    const on = await store.open()
    assert.match(await searchCheck(on), /1 of the messages cannot be found, 1 of the events cannot be found/)
    assert.deepEqual(await on.reindexSearch(), { entries: 3 })
    assert.deepEqual(await places(on, 'oslo'), ['#1', 'a.ts', 'oslo.ts'])
    await on.close()
    const again = await store.open({ search: { message: false } })
    await again.reindexSearch()
    assert.deepEqual(await places(again, 'oslo'), ['a.ts', 'oslo.ts'])
  },
)

testOn('sqlite', 'kinds that are none are refused by name, for opening and for searching', async (store) => {
  const wrong = { mesage: false } as unknown as { message: false }
  const message = new RegExp(`"mesage" is not one; write ${searchKinds.join(', ')}`)
  await assert.rejects(openHansard({ ...store.options, search: wrong }), { code: 'INVALID_INPUT', message })
  const word = { message: 'no' } as unknown as { message: false }
  await assert.rejects(openHansard({ ...store.options, search: word }), {
    code: 'INVALID_INPUT',
    message: /true or fa/,
  })
  const hansard = await store.open()
  await assert.rejects(hansard.search('oslo', { kinds: ['mesage'] }), { code: 'INVALID_INPUT', message: /"mesage"/ })
})
