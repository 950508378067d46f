import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { DataSource } from 'typeorm'
import { hansardEntities, isHansardError, openHansard, openMigrations } from '../src/index.js'
import { openDataSource } from '../src/infrastructure/database/data-source.js'
import { sqliteFile } from '../src/infrastructure/database/database-url.js'
import { type TestStore, testOn, testOnBoth } from './test-store.js'

test('a SQLite URL names its file, relative or absolute, and never nothing', () => {
  assert.equal(sqliteFile('sqlite:./a.db'), './a.db')
  assert.equal(sqliteFile('sqlite:/tmp/a.db'), '/tmp/a.db')
  assert.equal(sqliteFile('sqlite://a.db'), 'a.db')
  assert.equal(sqliteFile('sqlite:///tmp/a.db'), '/tmp/a.db')
  assert.equal(sqliteFile('sqlite::memory:'), ':memory:')
  assert.equal(sqliteFile('a.sqlite'), 'a.sqlite')
  for (const nothing of ['sqlite:', 'sqlite://', '', 'file.txt', 'mysql://host/a.db']) {
    assert.throws(() => sqliteFile(nothing), { code: 'INVALID_INPUT' })
  }
})

testOn('sqlite', 'of two openings of one file, the more careful one decides on durability', async (store) => {
  const normal = await store.open({ durability: 'normal' })
  await store.open({ durability: 'full' })
  const { dataSource, close } = await openDataSource({ ...store.options, durability: 'normal' })
  assert.deepEqual(await dataSource.query('PRAGMA synchronous'), [{ synchronous: 2 }])
  await close()
  await normal.close()
})

testOnBoth('options that mean nothing are refused before anything is opened', async (store) => {
  for (const options of [{ durability: 'ful' }, { migrate: 'yes' }, { limits: { pendingWrites: -1 } }]) {
    await assert.rejects(openHansard({ ...store.options, ...(options as object) }), { code: 'INVALID_INPUT' })
  }
  assert.deepEqual(await store.tables(), [])
})

test('options that are no object are refused by their name', async () => {
  const options = ['limits', 'search', 'transcripts', 'redact'].flatMap((name) =>
    [null, true, 3, ['messages']].map((value) => [name, value] as const),
  )
  const names = (['schema', 'tablePrefix'] as const).flatMap((name) =>
    [null, 3, ['a']].map((value) => [name, value] as const),
  )
  for (const [name, value] of [...options, ...names]) {
    const error: unknown = await openHansard({ database: 'sqlite::memory:', [name]: value }).catch((reason) => reason)
    if (!isHansardError(error, 'INVALID_INPUT')) throw new Error(`${name} ${JSON.stringify(value)}: ${String(error)}`)
    assert.equal(error.problems[0]?.path, name)
    assert.match(error.message, / is not one; write /)
  }
  for (const nothing of [undefined, null, 'sqlite::memory:']) {
    for (const open of [openHansard, openMigrations]) {
      await assert.rejects(open(nothing as never), { code: 'INVALID_INPUT', message: /^options: / })
    }
  }
})

testOn('sqlite', 'a schema is refused, since SQLite has none', async (store) => {
  await assert.rejects(openHansard({ ...store.options, schema: 'app' }), { code: 'INVALID_INPUT' })
})

testOn('sqlite', 'only what migrates puts a file into WAL mode', async (store) => {
  const mode = async () => (await store.execute('PRAGMA journal_mode'))[0]?.journal_mode
  await store.execute('create table mine (id integer)')
  const hansard = await store.open({ migrate: 'off' })
  await hansard.doctor()
  await hansard.close()
  assert.equal(await mode(), 'delete')
  await (await store.open()).close()
  assert.equal(await mode(), 'wal')
})

testOnBoth('names that a database would cut or misread are refused', async (store) => {
  for (const tablePrefix of ['x?y', 'a.b', 'p'.repeat(31)]) {
    await assert.rejects(openHansard({ ...store.options, tablePrefix }), { code: 'INVALID_INPUT' })
  }
  const longest = await store.open({ tablePrefix: 'p'.repeat(30) })
  assert.ok(await longest.sessions.create({ actorName: 'ada' }))
})

testOn('postgres', "without a schema of its own, the store stands in the host's", async (store) => {
  const schema = String(store.schema)
  await store.execute(`create schema ${schema}`)
  const entities = hansardEntities()
  const options = { type: 'postgres', url: store.options.database, schema, entities } as const
  const dataSource = await new DataSource(options).initialize()
  store.afterwards(() => dataSource.destroy())
  const hansard = await openHansard({ dataSource, migrate: 'run' })
  assert.ok(await hansard.sessions.create({ actorName: 'ada' }))
  assert.ok((await store.tables()).includes('sessions'))
})

test('a URL that is none is not quoted, since it may hold a password', async () => {
  for (const database of ['postgres:/u:sEcReT@h/db', 'u:sEcReT@h:5432/db', 'postgres://u:sEcR/eT@h/db']) {
    const error: unknown = await openHansard({ database }).catch((reason: unknown) => reason)
    assert.ok(isHansardError(error, 'INVALID_INPUT'))
    assert.doesNotMatch(error.message, /sEcR/)
  }
})

testOnBoth('what is stored is what was checked, whatever becomes of the original', async (store) => {
  const { sessions } = await store.open()
  const { id } = await sessions.create({ actorName: 'ada' })
  let reads = 0
  const content = {
    get n() {
      return reads++
    },
  }
  const metadata: Record<string, string> = { a: 'b' }
  const [appended, updated] = [sessions.appendMessage(id, { role: 'user', content }), sessions.update(id, { metadata })]
  metadata.big = 'x'.repeat(100_000)
  assert.deepEqual((await updated).metadata, { a: 'b' })
  assert.deepEqual((await sessions.messages(id)).items[0]?.content, (await appended).content)
  assert.ok((await sessions.verify(id)).ok)
})

testOnBoth('a table of ours that is there already and not ours is refused, with the way out', async (store) => {
  if (store.schema) await store.execute(`create schema ${store.schema}`)
  await store.execute('create table sessions (id integer)')
  const migrations = await store.migrations()
  await assert.rejects(migrations.up(), { code: 'STORAGE_FAILED', message: /tablePrefix/ })
  assert.deepEqual(await store.tables(), ['sessions'])
})

test('the SQL of the migrations is told without connecting', async () => {
  const migrations = await openMigrations({ database: 'postgres://nobody@localhost:1/none' })
  assert.match(migrations.sql().join('\n'), /create table "sessions"/)
  await migrations.close()
  await migrations.close()
})

test('a driver that this TypeORM does not know is named, with the one to install', async (context) => {
  if (process.env.HANSARD_TEST_SQLITE_DRIVER) return context.skip('TypeORM 0.3 knows it')
  const folder = mkdtempSync(join(tmpdir(), 'hansard-driver-'))
  const opening = openHansard({ database: `sqlite:${join(folder, 'a.db')}`, sqliteDriver: 'sqlite3' })
  await assert.rejects(opening, { code: 'DRIVER_MISSING', message: /better-sqlite3@12/ })
  rmSync(folder, { recursive: true })
})

testOnBoth('a store is not closed from inside a transaction, and stays open', async (store) => {
  const hansard = await hosted(store)
  await hansard.dataSource.transaction(async (manager) => {
    await assert.rejects(hansard.store.withTransaction(manager).close(), { code: 'INSIDE_TRANSACTION' })
  })
  assert.ok(await hansard.store.sessions.create({ actorName: 'ada' }))
})

testOnBoth('an error of ours tells its fields once its code is known', async (store) => {
  const { sessions } = await store.open()
  const { id } = await sessions.create({ actorName: 'ada' })
  const error: unknown = await sessions
    .appendMessage(id, { role: 'user', content: 'a' }, { expectedSequence: 7 })
    .catch((reason: unknown) => reason)
  // That this compiles is half of the test.
  if (!isHansardError(error, 'SEQUENCE_CONFLICT')) throw error
  assert.deepEqual([error.expected, error.actual], [7, 0])
})

interface ProviderBlock {
  type: 'text'
  text: string
  citations?: string[] | null
}

testOnBoth('messages as a provider types them are taken without a cast', async (store) => {
  const { sessions } = await store.open()
  const metadata: { channel: string } = { channel: 'web' }
  const { id } = await sessions.create({ actorName: 'ada', metadata })
  const blocks: readonly ProviderBlock[] = [{ type: 'text', text: 'Hello' }]
  const turn = [{ role: 'assistant', content: blocks, metadata }] as const
  const [message] = await sessions.appendMessages(id, turn)
  assert.deepEqual(message?.content, blocks)
})

async function hosted(store: TestStore) {
  const dataSource = await store.host()
  return { dataSource, store: await store.open({ dataSource }) }
}
