'use strict'
const assert = require('node:assert/strict')

// What a host does with the installed package, given only what `import` gives it.
module.exports = async function journey(library, typeorm, { database, dataSource }) {
  await conversation(library, database)
  await host(library, typeorm, dataSource)
}

async function conversation({ openHansard, isHansardError, SessionService }, database) {
  const hansard = await openHansard({ ...database, migrate: 'run' })
  const { sessions } = hansard
  assert.ok(sessions instanceof SessionService)
  const session = await sessions.create({ actorName: 'ada', metadata: { plan: 'pro' } })

  const content = { text: 'naïve 🌧️ \u0000', list: [1, null, { deep: true }] }
  await sessions.appendMessage(session.id, { role: 'user', content })
  await Promise.all(
    Array.from({ length: 20 }, (_, n) => sessions.appendMessage(session.id, { role: 'assistant', content: n })),
  )
  const { items } = await sessions.messages(session.id)
  assert.deepEqual(items[0].content, content)
  assert.deepEqual(
    items.map((message) => message.sequence),
    Array.from({ length: 21 }, (_, n) => n + 1),
  )

  await sessions.updateTokenUsage(
    session.id,
    { inputTokens: 10, outputTokens: 4, estimatedCostUsd: 0.1 },
    { model: 'm' },
  )
  await sessions.updateTokenUsage(session.id, { inputTokens: 5, estimatedCostUsd: 0.2 }, { model: 'm' })
  const { tokenUsage } = await sessions.get(session.id)
  assert.deepEqual([tokenUsage.inputTokens, tokenUsage.outputTokens, tokenUsage.estimatedCostUsd], [15, 4, 0.3])

  const archive = await sessions.exportSession(session.id)
  const report = await sessions.importSession(JSON.stringify(archive))
  const copy = await sessions.exportSession(report.sessionId)
  assert.deepEqual(
    copy.messages.map((message) => message.content),
    archive.messages.map((message) => message.content),
  )
  assert.ok((await sessions.verify(report.sessionId)).ok)

  await assert.rejects(sessions.get('nobody'), (error) => isHansardError(error, 'SESSION_NOT_FOUND'))
  await hansard.close()
}

async function host({ openHansard, hansardEntities, hansardMigrations }, { DataSource, EntitySchema }, settings) {
  const invoice = new EntitySchema({
    name: 'Invoice',
    tableName: 'invoices',
    columns: { id: { type: 'integer', primary: true }, amount: { type: 'integer' } },
  })
  class Invoices1700000000000 {
    name = 'Invoices1700000000000'
    up(runner) {
      return runner.query('create table invoices (id integer primary key, amount integer not null)')
    }
    down(runner) {
      return runner.query('drop table invoices')
    }
  }
  const entities = [invoice, ...hansardEntities()]
  const dataSource = await new DataSource({ ...settings, entities, migrations: [Invoices1700000000000] }).initialize()
  assert.equal((await dataSource.runMigrations()).length, 1)
  assert.ok(hansardMigrations().length > 0)
  const hansard = await openHansard({ dataSource, migrate: 'run' })
  const { id } = await hansard.sessions.create({ actorName: 'ada' })

  const bill = (number, end) =>
    dataSource.transaction(async (manager) => {
      await manager.insert('Invoice', { id: number, amount: 100 })
      await hansard
        .withTransaction(manager)
        .sessions.appendMessage(id, { role: 'system', content: { invoice: number } })
      end()
    })
  await bill(1, () => undefined)
  await assert.rejects(
    bill(2, () => {
      throw new RangeError('no')
    }),
    RangeError,
  )
  assert.deepEqual(
    (await dataSource.getRepository('Invoice').find()).map((row) => row.id),
    [1],
  )
  assert.deepEqual(
    (await hansard.sessions.messages(id)).items.map((message) => message.content),
    [{ invoice: 1 }],
  )

  assert.deepEqual(
    (await dataSource.driver.createSchemaBuilder().log()).upQueries.filter(({ query }) => /session/.test(query)),
    [],
  )
  await dataSource.undoLastMigration()
  assert.equal((await hansard.sessions.messages(id)).items.length, 1)
  await hansard.close()
  await dataSource.destroy()
}
