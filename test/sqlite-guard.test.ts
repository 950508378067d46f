import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { DataSource } from 'typeorm'
import { SqliteGuard } from '../src/infrastructure/database/sqlite-guard.js'
import { Note, type TestStore, testOn } from './test-store.js'

// One test per way in which TypeORM's shared SQLite connection loses acknowledged work unguarded.

async function guarded(store: TestStore, maxWaitMs = 5_000): Promise<{ host: DataSource; guard: SqliteGuard }> {
  const host = await store.host()
  return { host, guard: SqliteGuard.of(host, maxWaitMs) }
}

const insert = (host: DataSource, id: number, holdMs = 0, fails = false) =>
  host.transaction(async (manager) => {
    await manager.insert(Note, { id, text: 'x' })
    await sleep(holdMs)
    if (fails) throw new RangeError('aborted')
  })

async function idsOnDisk(store: TestStore): Promise<unknown[]> {
  return (await store.execute('select id from note order by id')).map((row) => row.id)
}

testOn('sqlite', 'a transaction that commits keeps its rows when one begun during it aborts later', async (store) => {
  const { host } = await guarded(store)
  const first = insert(host, 1, 20)
  await sleep(5)
  const second = insert(host, 2, 60, true)
  await first
  await assert.rejects(second, RangeError)
  assert.deepEqual(await idsOnDisk(store), [1])
})

testOn(
  'sqlite',
  'a plain write during an aborting transaction is kept, and its rows are not read dirty',
  async (store) => {
    const { host } = await guarded(store)
    const aborting = insert(host, 1, 40, true)
    await sleep(10)
    const plain = host.query("insert into note (id, text) values (2, 'plain')")
    const read = host.manager.find(Note)
    await assert.rejects(aborting, RangeError)
    await plain
    assert.deepEqual(
      (await read).map((note) => note.id),
      [2],
    )
    assert.deepEqual(await idsOnDisk(store), [2])
  },
)

testOn('sqlite', 'a nested transaction is a savepoint of its own outer one', async (store) => {
  const { host } = await guarded(store)
  await host.transaction(async (manager) => {
    await manager.insert(Note, { id: 1, text: 'outer' })
    const nested = manager.transaction(async (inner) => {
      await inner.insert(Note, { id: 2, text: 'inner' })
      throw new RangeError('aborted')
    })
    await assert.rejects(nested, RangeError)
    await manager.insert(Note, { id: 3, text: 'outer' })
  })
  assert.deepEqual(await idsOnDisk(store), [1, 3])
})

testOn('sqlite', 'a query runner of the host holds the connection from begin to commit', async (store) => {
  const { host, guard } = await guarded(store)
  const order: string[] = []
  const runner = host.createQueryRunner()
  await Promise.resolve().then(async () => {
    await runner.startTransaction()
    await runner.query("insert into note (id, text) values (1, 'x')")
  })
  const other = guard.exclusively(() => Promise.resolve(order.push('ours')))
  await sleep(20)
  order.push('commit')
  await runner.commitTransaction()
  await runner.release()
  await other
  assert.deepEqual(order, ['commit', 'ours'])
})

testOn('sqlite', 'who waits too long is told, and the connection serves the next', async (store) => {
  const { host, guard } = await guarded(store, 50)
  const holding = insert(host, 1, 200)
  await sleep(10)
  await assert.rejects(
    guard.exclusively(() => Promise.resolve()),
    { code: 'OVERLOADED', retryable: true },
  )
  await holding
  assert.equal(await guard.exclusively(() => Promise.resolve('served')), 'served')
})

testOn(
  'sqlite',
  'who waits for long work that goes on is not told so, though timers have their turns in it',
  async (store) => {
    const { guard } = await guarded(store, 250)
    const end = performance.now() + 600
    const long = guard.exclusively(async () => {
      while (performance.now() < end) await guard.breathe()
    })
    assert.equal(await guard.exclusively(() => Promise.resolve('served')), 'served')
    await long
  },
)

testOn('sqlite', 'work that fails gives the connection back', async (store) => {
  const { host, guard } = await guarded(store)
  await assert.rejects(
    guard.exclusively(() => Promise.reject(new RangeError('ours'))),
    RangeError,
  )
  await assert.rejects(host.query('select * from nowhere'))
  await assert.rejects(insert(host, 1, 0, true), RangeError)
  await guard.runner.query('BEGIN')
  // TypeORM rolls back whatever is open when it could not begin.
  await assert.rejects(
    host.transaction(() => Promise.resolve()),
    /transaction/,
  )
  await insert(host, 2)
  assert.deepEqual(await idsOnDisk(store), [2])
})

testOn('sqlite', 'waiting is first come, first served', async (store) => {
  const { guard } = await guarded(store)
  const order: number[] = []
  const turns = Array.from({ length: 20 }, (_, n) =>
    guard.exclusively(async () => {
      await sleep(n % 3)
      order.push(n)
    }),
  )
  await Promise.all(turns)
  assert.deepEqual(
    order,
    Array.from({ length: 20 }, (_, n) => n),
  )
})

testOn('sqlite', 'waiting for ourselves is refused at once, and allowed again after the commit', async (store) => {
  const { host, guard } = await guarded(store)
  const nothing = () => Promise.resolve()
  await host.transaction(async () => {
    await assert.rejects(guard.exclusively(nothing), { code: 'INSIDE_TRANSACTION' })
    await assert.rejects(host.transaction(nothing), { code: 'INSIDE_TRANSACTION' })
  })
  await guard.exclusively(nothing)
  await host.transaction(nothing)
})

testOn('sqlite', 'what runs beside an open transaction waits for it', async (store) => {
  const { host, guard } = await guarded(store)
  const open = insert(host, 1, 60)
  await sleep(10)
  const beside = [guard.exclusively(() => idsOnDisk(store)), insert(host, 2)]
  await open
  assert.deepEqual((await Promise.all(beside))[0], [1])
  assert.deepEqual(await idsOnDisk(store), [1, 2])
})

testOn('sqlite', 'one guard stands before one driver', async (store) => {
  const { host, guard } = await guarded(store)
  assert.equal(SqliteGuard.of(host, 1), guard)
})
