import assert from 'node:assert/strict'
import { TokenUsage, TypeOrmSessionRepository, TypeOrmUsageLedger, UsageEntry } from '../src/index.js'
import { openStore } from '../src/infrastructure/database/store.js'
import { type TestStore, testOnBoth } from './test-store.js'

/** The repositories as a retry meets them, when the answer to its first try was lost after the commit. */
async function openRepositories(store: TestStore) {
  const dataSource = await store.host()
  const hansard = await store.open({ dataSource })
  const database = openStore(dataSource, { schema: store.schema, telemetry: () => undefined, pendingWrites: 10 })
  const repository = new TypeOrmSessionRepository(database, 'default')
  const ledger = new TypeOrmUsageLedger(database, 'default')
  return { hansard, repository, ledger }
}

testOnBoth('creating a session again, after a lost answer, finds it made', async (store) => {
  const { hansard, repository } = await openRepositories(store)
  const session = await hansard.sessions.create({ actorName: 'ada', metadata: { team: 'red' } })
  assert.equal(await repository.create(session), true)
  assert.equal((await hansard.sessions.list({ metadata: { team: 'red' } })).items.length, 1)
})

testOnBoth('recording usage again, after a lost answer, counts it once', async (store) => {
  const { hansard, ledger } = await openRepositories(store)
  const { id } = await hansard.sessions.create({ actorName: 'ada' })
  const spent = Object.assign(new TokenUsage(), { inputTokens: 7, estimatedCostUsd: 0.25 })
  const fields = { id: 'ENTRY', namespace: 'default', sessionId: id, kind: 'delta', model: null, createdAt: new Date() }
  const entry = Object.assign(new UsageEntry(), spent, fields)
  await ledger.record(id, [entry])
  await ledger.record(id, [entry])
  const { tokenUsage, usageCount } = await hansard.sessions.get(id)
  assert.deepEqual({ tokenUsage, usageCount }, { tokenUsage: spent, usageCount: 1 })
  assert.equal((await hansard.sessions.verify(id)).ok, true)
})

testOnBoth('recording usage again, after a lost answer, needs no room for a second time', async (store) => {
  const { hansard, ledger } = await openRepositories(store)
  const { id } = await hansard.sessions.create({ actorName: 'ada' })
  const spent = Object.assign(new TokenUsage(), { inputTokens: Number.MAX_SAFE_INTEGER })
  const fields = { id: 'ENTRY', namespace: 'default', sessionId: id, kind: 'delta', model: null, createdAt: new Date() }
  const entry = Object.assign(new UsageEntry(), spent, fields)
  await ledger.record(id, [entry])
  await ledger.record(id, [entry])
  assert.equal((await hansard.sessions.get(id)).usageCount, 1)
})
