import assert from 'node:assert/strict'
import type { PurgeOptions, PurgeReport } from '../src/index.js'
import { type TestStore, testOn } from './test-store.js'

/** Runs `purge` beside a transaction that has deleted a row and commits when the purge waits for it. */
async function besideDeletion<T>(store: TestStore, table: string, purge: () => Promise<T>): Promise<T> {
  const host = await store.host()
  const runner = host.createQueryRunner()
  await runner.startTransaction()
  const place = store.table(table)
  await runner.query(`delete from ${place} where id = (select min(id) from ${place})`)
  const report = purge()
  const waiting = `select 1 from pg_stat_activity where wait_event_type = 'Lock' and query like '%${store.schema}%'`
  while ((await store.execute(waiting)).length === 0);
  await runner.commitTransaction()
  await runner.release()
  return report
}

testOn('postgres', 'a purge of events goes on when another takes some of a batch', async (store) => {
  let now = 1_000
  const { activity } = await store.open({ clock: () => new Date(now) })
  await activity.recordAll(Array.from({ length: 30 }, () => ({ kind: 'file', path: 'a.ts' })))
  now = 2_000
  const report = await besideDeletion(store, 'activity_events', () => activity.purge({ olderThanMs: 0, batchSize: 5 }))
  assert.deepEqual(report, { dryRun: false, eventsDeleted: 29, byKind: { file: 29 }, remaining: 0 })
})

const dayMs = 24 * 60 * 60_000
const races: [of: string, table: string, at: number, options: PurgeOptions, report: Partial<PurgeReport>][] = [
  ['expired contexts', 'contexts', 2 * dayMs, { retentionMs: 9 * dayMs }, { expiredMarked: 11, aliveRemaining: 0 }],
  ['ended contexts', 'contexts', 3 * dayMs, { retentionMs: dayMs }, { contextDeleted: 11, aliveRemaining: 0 }],
  [
    'aged steps',
    'context_steps',
    dayMs / 2,
    { retentionMs: 0, agedSteps: true },
    { stepAgedDeleted: 11, aliveRemaining: 12 },
  ],
]
for (const [of, table, at, options, expected] of races) {
  testOn('postgres', `a purge of ${of} goes on when another takes some of a batch`, async (store) => {
    let now = 0
    const { contexts } = await store.open({ clock: () => new Date(now) })
    for (let count = 0; count < 12; count++) await contexts.step((await contexts.open()).stateToken, { request: 1 })
    now = at
    const report = await besideDeletion(store, table, () => contexts.purge({ ...options, batchSize: 5 }))
    assert.deepEqual({ ...report, ...expected }, report)
    assert.deepEqual(await contexts.purge({ ...options, dryRun: true }), {
      ...{ dryRun: true, expiredMarked: 0, contextDeleted: 0, stepOrphanDeleted: 0, stepAgedDeleted: 0 },
      aliveRemaining: report.aliveRemaining,
    })
  })
}
