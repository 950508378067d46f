import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { DataSource, EntityManager } from 'typeorm'
import { type Hansard, openHansard } from '../src/index.js'
import { openStore } from '../src/infrastructure/database/store.js'
import { Note, noteEntity, type TestStore, testOn, testOnBoth } from './test-store.js'

const said = (content: string) => ({ role: 'user' as const, content })

async function hostWithSession(store: TestStore) {
  const host = await store.host()
  const hansard = await store.open({ dataSource: host })
  const { id } = await hansard.sessions.create({ actorName: 'ada', externalId: 'standup' })
  return { host, hansard, id }
}

async function contents(hansard: Hansard<EntityManager>, id: string): Promise<unknown[]> {
  return (await hansard.sessions.messages(id, { limit: 1_000 })).items.map((message) => message.content)
}

testOnBoth("the host's row and our message commit together and vanish together", async (store) => {
  const { host, hansard, id } = await hostWithSession(store)
  const both = (note: number, end: () => void) =>
    host.transaction(async (manager) => {
      await manager.insert(Note, { id: note, text: 'a note' })
      const { sessions } = hansard.withTransaction(manager)
      await sessions.appendMessages(id, [{ ...said(`with ${note}`), usage: { inputTokens: 1 } }], {
        idempotencyKey: `k${note}`,
      })
      await sessions.create({ actorName: `actor ${note}`, metadata: { note } })
      await sessions.updateTokenUsage(id, { outputTokens: 2 })
      end()
    })
  await both(1, () => undefined)
  await assert.rejects(
    both(2, () => {
      throw new RangeError('The host changed its mind')
    }),
    RangeError,
  )
  assert.deepEqual(
    (await host.manager.find(Note)).map((note) => note.id),
    [1],
  )
  assert.deepEqual(await contents(hansard, id), ['with 1'])
  assert.equal((await hansard.sessions.list()).items.length, 2)
  const { tokenUsage } = await hansard.sessions.get(id)
  assert.deepEqual([tokenUsage.inputTokens, tokenUsage.outputTokens], [1, 2])
  assert.ok((await hansard.sessions.verify(id)).ok)
})

testOnBoth("an expected refusal leaves the host's transaction usable", async (store) => {
  const { host, hansard, id } = await hostWithSession(store)
  await hansard.sessions.appendMessage(id, said('first'), { idempotencyKey: 'k' })
  await host.transaction(async (manager) => {
    const { sessions } = hansard.withTransaction(manager)
    const stale = sessions.appendMessage(id, said('stale'), { expectedSequence: 7 })
    await assert.rejects(stale, { code: 'SEQUENCE_CONFLICT', expected: 7, actual: 1 })
    const otherPayload = sessions.appendMessage(id, said('other'), { idempotencyKey: 'k' })
    await assert.rejects(otherPayload, { code: 'IDEMPOTENCY_CONFLICT' })
    const taken = sessions.create({ actorName: 'bob', externalId: 'standup' })
    await assert.rejects(taken, { code: 'EXTERNAL_ID_TAKEN' })
    await assert.rejects(sessions.get('01ARZ3NDEKTSV4RRFFQ69G5FAV'), { code: 'SESSION_NOT_FOUND' })
    await assert.rejects(sessions.appendMessage('01ARZ3NDEKTSV4RRFFQ69G5FAV', said('x')), { code: 'SESSION_NOT_FOUND' })
    await assert.rejects(sessions.update(id, { status: 'nonsense' as never }), { code: 'INVALID_INPUT' })
    assert.equal((await sessions.getOrCreate({ actorName: 'bob', externalId: 'standup' })).id, id)
    const replay = await sessions.appendMessage(id, said('first'), { idempotencyKey: 'k' })
    assert.equal(replay.sequence, 1)
    await manager.insert(Note, { id: 1, text: 'still here' })
    await sessions.appendMessage(id, said('second'))
  })
  assert.deepEqual(await contents(hansard, id), ['first', 'second'])
  assert.equal(await host.manager.count(Note), 1)
})

testOn('postgres', "a rival with the same key or name leaves the host's transaction usable", async (store) => {
  const { host, hansard, id } = await hostWithSession(store)
  const rival = await store.open({ poolSize: 2 })
  const create = { actorName: 'ada', externalId: 'both', idempotencyKey: 'create' }
  let rivals: Promise<unknown[]> | undefined
  await host.transaction(async (manager) => {
    const { sessions } = hansard.withTransaction(manager)
    // Takes its snapshot and the row, so that the rivals are under way when ours comes.
    await sessions.updateTokenUsage(id, { inputTokens: 1 })
    rivals = Promise.all([
      rival.sessions.appendMessage(id, said('same'), { idempotencyKey: 'k' }),
      rival.sessions.create(create),
    ])
    await sleep(300)
    await sessions.appendMessage(id, said('same'), { idempotencyKey: 'k' })
    assert.equal((await sessions.create(create)).externalId, 'both')
    await manager.insert(Note, { id: 1, text: 'still here' })
  })
  await rivals
  assert.deepEqual(await contents(hansard, id), ['same'])
  assert.equal((await hansard.sessions.list()).items.length, 2)
  assert.equal(await host.manager.count(Note), 1)
})

testOn('sqlite', "the outer facade inside a host's transaction is refused at once, and only there", async (store) => {
  const { host, hansard, id } = await hostWithSession(store)
  const startedAt = performance.now()
  await host.transaction(async (manager) => {
    const refused = { code: 'INSIDE_TRANSACTION', message: /withTransaction/ }
    await assert.rejects(hansard.sessions.appendMessage(id, said('outer')), refused)
    await assert.rejects(hansard.sessions.get(id), refused)
    await assert.rejects(hansard.sessions.create({ actorName: 'bob' }), refused)
    await assert.rejects(host.manager.find(Note), refused)
    await hansard.withTransaction(manager).sessions.appendMessage(id, said('inner'))
    await manager.transaction((nested) => nested.insert(Note, { id: 1, text: 'nested' }))
  })
  assert.ok(performance.now() - startedAt < 2_000)
  await hansard.sessions.appendMessage(id, said('after'))
  assert.deepEqual(await contents(hansard, id), ['inner', 'after'])
})

testOnBoth("overlapping transactions of the host's lose nothing beside our appends", async (store) => {
  const { host, hansard, id } = await hostWithSession(store)
  const one = async (n: number) => {
    await sleep(n * 2)
    return host.transaction(async (manager) => {
      await manager.insert(Note, { id: n, text: 'first half' })
      await sleep(4)
      await manager.insert(Note, { id: 1_000 + n, text: 'second half' })
      if (n % 5 === 0) throw new RangeError('The host changed its mind')
    })
  }
  const transactions = Array.from({ length: 50 }, (_, n) => one(n))
  const appends = Array.from({ length: 50 }, async (_, n) => {
    await sleep(n * 2)
    return hansard.sessions.appendMessage(id, said(`message ${n}`))
  })
  const plain = Array.from({ length: 10 }, (_, n) => host.manager.insert(Note, { id: 2_000 + n, text: 'plain' }))
  const outcomes = await Promise.allSettled(transactions)
  await Promise.all([...appends, ...plain])
  assert.equal(outcomes.filter((outcome) => outcome.status === 'fulfilled').length, 40)
  const [row] = await store.execute('select count(*) as notes from note')
  assert.equal(Number(row?.notes), 90)
  assert.equal((await contents(hansard, id)).length, 50)
  assert.ok((await hansard.sessions.verify(id)).ok)
})

testOnBoth('a DataSource without our entities is told the line that it lacks', async (store) => {
  const host = await store.host({ entities: [noteEntity(store.schema)] })
  const expected = { code: 'ENTITIES_MISSING', message: /entities: \[\.\.\.yours, \.\.\.hansardEntities\(\)\]/ }
  await assert.rejects(openHansard({ dataSource: host }), expected)
})

testOnBoth('a host is not migrated unless it says so', async (store) => {
  const host = await store.host()
  await assert.rejects(openHansard({ dataSource: host, schema: store.schema }), { code: 'SCHEMA_STALE' })
  assert.deepEqual(await store.tables(), ['note'])
})

testOnBoth("the host's synchronize leaves our tables alone", async (store) => {
  const { host, hansard, id } = await hostWithSession(store)
  await hansard.sessions.appendMessage(id, said('kept'))
  await hansard.close()
  await store.execute('alter table sessions add column surplus text')
  const { upQueries } = await host.driver.createSchemaBuilder().log()
  assert.deepEqual(
    upQueries.map(({ query }) => query),
    [],
  )
  await host.synchronize()
  await store.execute('select surplus from sessions')
  const again = await store.open({ dataSource: host })
  assert.deepEqual(await contents(again, id), ['kept'])
})

testOnBoth("closing leaves the host's connection open and refuses what comes after", async (store) => {
  const { host, hansard, id } = await hostWithSession(store)
  const last = hansard.sessions.appendMessage(id, said('accepted before'))
  await hansard.close()
  assert.equal((await last).sequence, 1)
  await assert.rejects(hansard.sessions.get(id), { code: 'STORE_CLOSED' })
  assert.ok(host.isInitialized)
  assert.equal(await host.manager.count(Note), 0)
})

testOnBoth('withTransaction wants the manager of an open transaction', async (store) => {
  const { host, hansard } = await hostWithSession(store)
  const expected = { code: 'INSIDE_TRANSACTION', message: /dataSource\.transaction/ }
  assert.throws(() => hansard.withTransaction(host.manager), expected)
})

testOnBoth('a transaction keeps to its namespace', async (store) => {
  const { host, hansard, id } = await hostWithSession(store)
  await host.transaction(async (manager) => {
    const acme = hansard.withTransaction(manager).namespace('acme').sessions
    await assert.rejects(acme.appendMessage(id, said('x')), { code: 'SESSION_NOT_FOUND' })
    await acme.create({ actorName: 'bob', externalId: 'standup' })
  })
  assert.equal((await hansard.namespace('acme').sessions.list()).items.length, 1)
})

testOn('sqlite', 'one file opened twice shares a connection, which the last one closes', async (store) => {
  const first = await store.open()
  const second = await store.open({ namespace: 'acme' })
  const [one, other] = await Promise.all([
    first.sessions.create({ actorName: 'ada' }),
    second.sessions.create({ actorName: 'bob' }),
  ])
  await Promise.all(
    Array.from({ length: 50 }, (_, n) =>
      n % 2 ? first.sessions.appendMessage(one.id, said('a')) : second.sessions.appendMessage(other.id, said('b')),
    ),
  )
  await first.close()
  await first.close()
  assert.equal((await second.sessions.verify(other.id)).messages, 25)
  await second.close()
  const third = await store.open()
  assert.equal((await third.sessions.verify(one.id)).messages, 25)
})

testOn('sqlite', "a host's DataSource opened twice is guarded once", async (store) => {
  const { host, hansard, id } = await hostWithSession(store)
  const again = await store.open({ dataSource: host })
  await Promise.all(
    Array.from({ length: 20 }, (_, n) => (n % 2 ? hansard : again).sessions.appendMessage(id, said('x'))),
  )
  assert.equal((await hansard.sessions.verify(id)).messages, 20)
})

test('a DataSource of another kind is refused by name', () => {
  const other = { options: { type: 'mysql' } } as DataSource
  const open = () => openStore(other, { telemetry: () => undefined, pendingWrites: 1 })
  assert.throws(open, { code: 'STORAGE_FAILED', message: /mysql/ })
})

for (const [database, command] of [
  ['sqlite::memory:', 'npm install better-sqlite3@12'],
  ['postgres://localhost/none', 'npm install pg'],
] as const) {
  test(`without a driver for ${database} the error says what to install`, () => {
    const script = require.resolve('./faults/open-without-drivers.ts')
    const { stdout } = spawnSync(process.execPath, ['-r', 'tsx/cjs', script, database], { encoding: 'utf8' })
    assert.match(stdout, /^DRIVER_MISSING: /)
    assert.ok(stdout.includes(command), stdout)
  })
}
