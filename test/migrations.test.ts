import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import type { EntitySchema } from 'typeorm'
import { type MigrationSql, migrationClass } from '../migrations/migration-sql.js'
import { isHansardError, openHansard } from '../src/index.js'
import { createDataSource, entitySchemas, openDataSource } from '../src/infrastructure/database/data-source.js'
import { Migrator, migrationSteps } from '../src/infrastructure/database/migrations.js'
import { openStore } from '../src/infrastructure/database/store.js'
import { runTogether } from './faults/workers.js'
import { type TestStore, testOn, testOnBoth } from './test-store.js'

const names = [
  'Sessions1763683200000',
  'Contexts1763769600000',
  'Activity1763856000000',
  'Search1763942400000',
  'Transcripts1764028800000',
]
const laterName = 'Later1999999999999'
/** SQLite keeps the words in a virtual table, and that in tables of its own. */
const wordTables = ['', '_config', '_data', '_docsize', '_idx'].map((part) => `search_index${part}`)
const tablesOn = ({ isSqlite }: TestStore) => [...ourTables, ...(isSqlite ? wordTables : [])].sort()
const ourTables = [
  ...[
    'activity_deletions',
    'activity_events',
    'activity_outcomes',
    'activity_rejects',
    'activity_sources',
    'context_steps',
    'contexts',
    'hansard_migrations',
    'idempotency_keys',
    'redaction_keys',
    'search_entries',
    'session_messages',
    'session_metadata',
  ],
  ...['session_truncations', 'session_usage', 'sessions'],
  ...'amendments bodies errors events evictions links sources turns usages'
    .split(' ')
    .map((each) => `transcript_${each}`),
  'transcripts',
]

async function withRows(store: TestStore): Promise<string> {
  const hansard = await openHansard(store.options)
  const session = await hansard.sessions.create({ actorName: 'ada', metadata: { channel: 'test' } })
  const usage = { inputTokens: 3 }
  await hansard.sessions.appendMessages(session.id, [
    { role: 'user', content: 'a', usage },
    { role: 'tool', content: 'b' },
  ])
  await hansard.close()
  return session.id
}

testOnBoth('up, down and up again with rows in place takes our tables alone', async (store) => {
  const host = await store.host()
  await host.query(`insert into ${store.table('note')} (id, text) values (1, 'kept')`)
  await host.destroy()
  await withRows(store)
  const migrations = await store.migrations()
  const applied = await migrations.status()
  assert.ok(applied.length > 0 && applied.every((step) => step.applied))
  for (let step = applied.length; step > 0; step--) assert.equal(await migrations.down(), applied[step - 1]?.name)
  assert.equal(await migrations.down(), null)
  assert.deepEqual(await store.tables(), ['hansard_migrations', 'note'])
  assert.deepEqual(
    await migrations.up(),
    applied.map((step) => step.name),
  )
  assert.deepEqual(await migrations.up(), [])
  assert.deepEqual(await store.execute('select text from note'), [{ text: 'kept' }])
  const hansard = await store.open()
  assert.deepEqual((await hansard.sessions.list()).items, [])
})

/** A later step as it may come: SQLite cannot change a constraint, so it builds the parent table anew. */
function rebuildingStep({ isSqlite, schema }: TestStore, shape: string): MigrationSql {
  const rebuild = (addition: string) => [
    shape.replace(/^create table "sessions" \(/i, `create table rebuilt (${addition}`),
    `insert into rebuilt (${columnsOf(shape)}) select ${columnsOf(shape)} from sessions`,
    'drop table sessions',
    'alter table rebuilt rename to sessions',
  ]
  const table = `${schema}.sessions`
  const postgres = {
    up: [`alter table ${table} add column mood text`],
    down: [`alter table ${table} drop column mood`],
  }
  const sqlite = isSqlite ? { up: rebuild('mood text, '), down: rebuild('') } : { up: [], down: [] }
  return { sqlite, postgres }
}

const columnsOf = (shape: string) =>
  [...shape.matchAll(/^ +([a-z_]+) (?:varchar|text|integer|bigint)/gm)].map((match) => match[1]).join(', ')

/** A migrator of a later release, with one step more. */
async function withLaterStep(store: TestStore, sql: MigrationSql) {
  const { dataSource, close } = await openDataSource(store.options)
  store.afterwards(close)
  const database = openStore(dataSource, { schema: store.schema, telemetry: () => undefined, pendingWrites: 10 })
  const Later = migrationClass(laterName, sql)
  const steps = [...migrationSteps(store.options), Later].map((Step) => new Step())
  return { database, migrator: new Migrator(dataSource, store.options, (work) => database.migrating(work), steps) }
}

testOnBoth('a later step that changes the parent table keeps the children, up and down', async (store) => {
  const id = await withRows(store)
  const [created] = store.isSqlite ? await store.execute(`select sql from sqlite_master where name = 'sessions'`) : []
  const { database, migrator } = await withLaterStep(store, rebuildingStep(store, String(created?.sql)))

  assert.deepEqual(await migrator.up(), [laterName])
  assert.equal((await store.execute('select id, mood from sessions')).length, 1)
  assert.equal(await migrator.down(), laterName)
  assert.ok(await database.foreignKeysAreOn())
  const hansard = await store.open()
  assert.deepEqual(
    (await hansard.sessions.messages(id)).items.map((message) => message.content),
    ['a', 'b'],
  )
  const { ok, usageEntries } = await hansard.sessions.verify(id)
  assert.deepEqual({ ok, usageEntries }, { ok: true, usageEntries: 1 })
  await hansard.sessions.delete(id)
  assert.deepEqual(await store.execute('select id from session_messages'), [])
})

testOnBoth('a step that fails leaves nothing behind', async (store) => {
  await withRows(store)
  const table = store.table('half')
  const sql = { up: [`create table ${table} (id integer)`, 'select * from nowhere'], down: [] }
  const { database, migrator } = await withLaterStep(store, { sqlite: sql, postgres: sql })

  await assert.rejects(migrator.up())
  assert.deepEqual(await store.tables(), tablesOn(store))
  assert.ok(await database.foreignKeysAreOn())
})

for (const poolSize of [1, 10]) {
  testOnBoth(`processes that start on one empty database at once all succeed, pool size ${poolSize}`, async (store) => {
    const job = { do: 'migrate' as const, options: { ...store.options, poolSize } }
    assert.deepEqual(await runTogether([job, job, job]), [0, 0, 0])
    assert.deepEqual(
      await store.execute('select name from hansard_migrations'),
      names.map((name) => ({ name })),
    )
  })
}

testOnBoth('the tables are what the entities say, and a column less would be noticed', async (store) => {
  for (const tablePrefix of ['', 'hs_']) {
    const options = { ...store.options, tablePrefix }
    await (await store.open(options)).close()
    assert.deepEqual(await drift(store, tablePrefix, (entities) => entities), [])
    const lacking = await drift(store, tablePrefix, (entities) => {
      delete entities[0]?.options.columns.title
      return entities
    })
    assert.ok(lacking.length > 0)
  }
})

async function drift(store: TestStore, tablePrefix: string, change: (entities: EntitySchema[]) => EntitySchema[]) {
  const entities = change(entitySchemas({ schema: store.schema, tablePrefix, synchronize: true }))
  const dataSource = createDataSource({ ...store.options, tablePrefix, entities })
  await dataSource.initialize()
  const { upQueries } = await dataSource.driver.createSchemaBuilder().log()
  await dataSource.destroy()
  return upQueries.map(({ query }) => query)
}

testOnBoth('a database from a newer release is refused by name and left as it is', async (store) => {
  await withRows(store)
  await store.execute(
    `insert into hansard_migrations ("timestamp", name) values (4102444800000, 'Holograms4102444800000')`,
  )
  for (const migrate of ['run', 'check'] as const) {
    await assert.rejects(openHansard({ ...store.options, migrate }), {
      code: 'SCHEMA_TOO_NEW',
      message: /Holograms4102444800000/,
    })
  }
  const migrations = await store.migrations()
  await assert.rejects(migrations.down(), { code: 'SCHEMA_TOO_NEW' })
  assert.equal((await store.execute('select id from session_messages')).length, 2)
})

testOnBoth('a stale schema is refused with the command that mends it', async (store) => {
  const attempt = openHansard({ ...store.options, migrate: 'check' })
  await assert.rejects(attempt, { code: 'SCHEMA_STALE', message: /hansard migrate up/ })
  assert.deepEqual(await store.tables(), [])
})

testOn('postgres', 'a server is not migrated unless one says so', async (store) => {
  const attempt = openHansard({ ...store.options, migrate: undefined })
  await assert.rejects(attempt, (error) => isHansardError(error, 'SCHEMA_STALE'))
})

testOnBoth('schema and tablePrefix put our tables where they are told', async (store) => {
  const options = { tablePrefix: 'hs_' }
  const prefixed = await store.open(options)
  const session = await prefixed.sessions.create({
    actorName: 'ada',
    externalId: 'one',
    idempotencyKey: 'k',
    metadata: { a: 1 },
  })
  await prefixed.sessions.appendMessages(session.id, [{ role: 'user', content: 'a', usage: { inputTokens: 1 } }], {
    idempotencyKey: 'k',
  })
  await prefixed.sessions.truncate(session.id, { afterSequence: 0 })
  await prefixed.sessions.fork(session.id)
  assert.ok((await prefixed.sessions.verify(session.id)).ok)
  assert.deepEqual(
    await store.tables(),
    tablesOn(store).map((name) => `hs_${name}`),
  )
  await prefixed.close()
  const plain = await store.open()
  assert.deepEqual((await plain.sessions.list()).items, [])
  assert.equal((await store.tables()).length, 2 * tablesOn(store).length)
})

testOnBoth("TypeORM's own runner takes our classes, and either history serves the other", async (store) => {
  if (store.schema) await store.execute(`create schema ${store.schema}`)
  const dataSource = await createDataSource(store.options).initialize()
  const applied = await dataSource.runMigrations()
  assert.deepEqual(
    applied.map(({ name }) => name),
    names,
  )
  const hansard = await openHansard({ ...store.options, migrate: 'check' })
  await hansard.close()
  for (const _ of names) await dataSource.undoLastMigration()
  await dataSource.destroy()
  assert.deepEqual(await store.tables(), ['hansard_migrations'])
  await withRows(store)
})

testOn('sqlite', "TypeORM's command runs, shows and reverts our steps through ormconfig.ts", async (store) => {
  const typeorm = (command: string) =>
    spawnSync(process.execPath, ['-r', 'tsx/cjs', require.resolve('typeorm/cli.js'), command, '-d', 'ormconfig.ts'], {
      env: { ...process.env, HANSARD_DATABASE: store.options.database },
      encoding: 'utf8',
    })
  const run = typeorm('migration:run')
  assert.equal(run.status, 0, run.stdout + run.stderr)
  assert.match(typeorm('migration:show').stdout, /\[X\].*Sessions1763683200000/)
  await withRows(store)
  for (const _ of names) {
    const revert = typeorm('migration:revert')
    assert.equal(revert.status, 0, revert.stdout + revert.stderr)
  }
  assert.deepEqual(await store.tables(), ['hansard_migrations'])
})
