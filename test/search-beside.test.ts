import assert from 'node:assert/strict'
import type { EntityManager } from 'typeorm'
import { type Hansard, isHansardError } from '../src/index.js'
import { type TestStore, testOn, testOnBoth } from './test-store.js'

const said = (content: string) => ({ role: 'user' as const, content })
const sound = [{ name: 'search', ok: true, detail: 'as it should be' }]

async function snippets(hansard: Hansard<EntityManager>, query: string): Promise<string[]> {
  return (await hansard.search(query, { limit: 100 })).items.map(({ snippet }) => snippet)
}

/** Nothing whose text holds `word` gets an entry, for as long as `work` takes. */
async function refusing(store: TestStore, word: string, work: () => Promise<void>): Promise<void> {
  const poisoned = `exists (select 1 from session_messages m where m.id = new.message_id and m.content like '%${word}%')`
  await store.execute(
    `create trigger poison before insert on search_entries when ${poisoned}
     begin select raise(abort, 'poisoned'); end`,
  )
  await work()
  await store.execute('drop trigger poison')
}

testOn('sqlite', 'an append whose entry fails spoils none that share its commit, and leaves nothing', async (store) => {
  const hansard = await store.open()
  const made = await Promise.all([1, 2, 3].map(() => hansard.sessions.create({ actorName: 'ada' })))
  const ids = made.map(({ id }) => id)
  await refusing(store, 'poison', async () => {
    const appends = Array.from({ length: 60 }, (_, n) =>
      hansard.sessions.appendMessage(ids[n % 3] ?? '', said(n % 20 === 7 ? `poison ${n}` : `healthy ${n}`)),
    )
    const outcomes = await Promise.allSettled(appends)
    const refused = outcomes.flatMap((outcome, n) => (outcome.status === 'rejected' ? [n] : []))
    assert.deepEqual(refused, [7, 27, 47])
    for (const n of refused) await assert.rejects(appends[n] as Promise<unknown>, { code: 'STORAGE_FAILED' })
  })
  assert.equal((await snippets(hansard, 'healthy')).length, 57)
  assert.deepEqual(await snippets(hansard, 'poison'), [])
  for (const id of ids) assert.deepEqual((await hansard.sessions.verify(id)).problems, [])
  assert.deepEqual(await hansard.doctor(['search']), sound)
})

testOn('sqlite', 'a group of appends that fails as a whole leaves no entry behind', async (store) => {
  const hansard = await store.open()
  const { id } = await hansard.sessions.create({ actorName: 'ada' })
  await refusing(store, '', async () => {
    const appends = Array.from({ length: 20 }, (_, n) => hansard.sessions.appendMessage(id, said(`doomed ${n}`)))
    const outcomes = await Promise.allSettled(appends)
    assert.ok(outcomes.every(({ status }) => status === 'rejected'))
  })
  assert.deepEqual(await snippets(hansard, 'doomed'), [])
  await hansard.sessions.appendMessage(id, said('saved'))
  assert.deepEqual(await snippets(hansard, 'saved OR doomed'), ['saved'])
  assert.deepEqual(await hansard.doctor(['search']), sound)
})

testOnBoth(
  "a search inside a host's transaction sees what it wrote, and nobody does after a rollback",
  async (store) => {
    const host = await store.host()
    const hansard = await store.open({ dataSource: host })
    const { id } = await hansard.sessions.create({ actorName: 'ada' })
    await hansard.sessions.appendMessage(id, said('kept before'))
    const rolledBack = host.transaction(async (manager) => {
      const inside = hansard.withTransaction(manager)
      await inside.sessions.appendMessage(id, said('kept nowhere'))
      await inside.activity.record({ kind: 'correction', payload: { content: 'kept nowhere either' } })
      assert.equal((await snippets(inside, 'kept')).length, 3)
      await inside.sessions.truncate(id, { afterSequence: 0 })
      assert.deepEqual(await snippets(inside, 'kept'), ['kept nowhere either'])
      await assert.rejects(inside.search('-kept'), (error) => isHansardError(error, 'SEARCH_QUERY_INVALID'))
      assert.equal((await snippets(inside, 'kept')).length, 1)
      throw new Error('the host thinks better of it')
    })
    await assert.rejects(rolledBack, /thinks better/)
    assert.deepEqual(await snippets(hansard, 'kept'), ['kept before'])
    await host.transaction((manager) =>
      hansard.withTransaction(manager).sessions.appendMessage(id, said('kept for good')),
    )
    assert.equal((await snippets(hansard, 'kept')).length, 2)
    assert.deepEqual(await hansard.doctor(['search']), sound)
  },
)

testOn('postgres', 'reindexing does not wait for whoever holds a session', async (store) => {
  const host = await store.host()
  const hansard = await store.open({ dataSource: host })
  const { id } = await hansard.sessions.create({ actorName: 'ada' })
  await hansard.sessions.appendMessages(id, [said('one'), said('two')])
  await host.transaction(async (manager) => {
    await manager.query(`select id from ${store.schema}.sessions for update`)
    assert.deepEqual(await hansard.reindexSearch(), { entries: 2 })
  })
})

testOnBoth('sessions are deleted while several reindex, and nobody has to try again', async (store) => {
  const retried: string[] = []
  const hansard = await store.open({
    ...(store.isSqlite ? {} : { poolSize: 8 }),
    telemetry: (event) => event.type === 'retry' && retried.push(event.operation),
  })
  const make = async () => {
    const { id } = await hansard.sessions.create({ actorName: 'ada' })
    await hansard.sessions.appendMessages(
      id,
      Array.from({ length: 40 }, (_, n) => said(`word${n}`)),
    )
    return id
  }
  for (let round = 0; round < 8; round++) {
    const ids = await Promise.all(Array.from({ length: 6 }, make))
    const reindexes = [1, 2, 3].map(() => hansard.reindexSearch())
    const deletes = ids.map(async (id, index) => {
      await hansard.sessions.truncate(id, { afterSequence: index * 6 })
      await hansard.sessions.delete(id)
    })
    await Promise.all([...reindexes, ...deletes])
  }
  assert.deepEqual(retried, [])
  assert.deepEqual(await snippets(hansard, 'word*'), [])
  assert.deepEqual(await hansard.doctor(['search']), sound)
})
