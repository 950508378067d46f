import assert from 'node:assert/strict'
import { MigratedSchemas } from '../features/support/migrated-schemas.js'
import { openHansard } from '../src/index.js'
import { type TestStore, testOn } from './test-store.js'

interface Places {
  schemas: MigratedSchemas
  /** Makes another and gives its name. */
  make(): Promise<string>
  tableOf(schema: string): Promise<unknown>
}

function placesOf(store: TestStore): Places {
  const schemas = new MigratedSchemas(store.options.database)
  store.afterwards(() => schemas.dropSpare())
  let made = 0
  return {
    schemas,
    async make() {
      const schema = `${store.schema}_${++made}`
      await schemas.make(schema, store.options)
      return schema
    },
    tableOf: async (schema) => (await store.execute(`select to_regclass('${schema}.sessions')::oid as id`))[0]?.id,
  }
}

testOn('postgres', 'a schema in which there were only rows is the next one, without them', async (store) => {
  const { schemas, make, tableOf } = placesOf(store)
  const first = await make()
  const hansard = await openHansard({ ...store.options, schema: first })
  const { id } = await hansard.sessions.create({ actorName: 'ada', metadata: { a: 1 } })
  await hansard.sessions.appendMessage(id, { role: 'user', content: 'Hello' })
  await hansard.close()
  const table = await tableOf(first)
  await schemas.remove(first)
  const second = await make()
  assert.equal(await tableOf(second), table)
  assert.equal(await tableOf(first), null)
  const again = await openHansard({ ...store.options, schema: second, migrate: 'check' })
  assert.deepEqual((await again.sessions.list()).items, [])
  assert.deepEqual((await again.search('Hello')).items, [])
  const { id: other } = await again.sessions.create({ actorName: 'ada' })
  await again.sessions.appendMessage(other, { role: 'user', content: 'Hello' })
  // Numbers begin anew as well.
  assert.deepEqual(await store.execute(`select n from ${second}.search_entries`), [{ n: '1' }])
  await again.close()
  await schemas.remove(second)
})

for (const change of [
  'alter table @.sessions add column mood text',
  'alter table @.sessions drop column title',
  "alter table @.sessions alter column title set default 'a'",
  'alter table @.context_steps drop constraint fk_context_steps_context',
  'drop index @.ix_sessions_status',
  'create table @.mine (id integer)',
  "create function @.mine() returns trigger language plpgsql as 'begin return null; end'",
  'create trigger mine before delete on @.sessions execute function suppress_redundant_updates_trigger()',
  "create type @.mine as enum ('a')",
  'drop table @.hansard_migrations',
  `insert into @.hansard_migrations ("timestamp", name) values (1, 'Later1')`,
  'delete from @.hansard_migrations',
  'drop schema @ cascade',
]) {
  testOn('postgres', `a schema is not the next one after "${change}"`, async (store) => {
    const { schemas, make, tableOf } = placesOf(store)
    const first = await make()
    const table = await tableOf(first)
    await store.execute(change.replace('@', first))
    await schemas.remove(first)
    assert.equal(await tableOf(first), null)
    const second = await make()
    assert.notEqual(await tableOf(second), table)
    await openHansard({ ...store.options, schema: second, migrate: 'check' }).then((hansard) => hansard.close())
    await schemas.remove(second)
  })
}
