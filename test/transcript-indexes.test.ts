import assert from 'node:assert/strict'
import type { TranscriptService } from '../src/index.js'
import { StatementLog } from './statement-log.js'
import { type TestStore, testOnBoth } from './test-store.js'

/** Enough of everything that reading it all would not pay. */
const rows = 20_000

/** One in 40 rows is of the tenant looked at. */
async function fill(store: TestStore): Promise<void> {
  const series = store.isSqlite
    ? `(with recursive s(n) as (select 1 union all select n + 1 from s where n < ${rows}) select n from s)`
    : `generate_series(1, ${rows}) as s(n)`
  await store.execute(
    `insert into transcripts (id, namespace, uid, flavor, native_id, started_at, discovered_at, schema_version)
     select 'id' || n, 'tenant' || (n % 40), 'claude:' || n, 'claude', n, case when n % 9 = 0 then null else n end, n, 1
     from ${series}`,
  )
  // Postgres does so by itself; on SQLite hardly anybody does.
  if (!store.isSqlite) await store.execute('analyze')
}

async function planOf(
  store: TestStore,
  ask: (sql: string, values: unknown[]) => Promise<unknown>,
  [sql, values]: StatementLog['statements'][number],
): Promise<string> {
  const plan = (await ask(`${store.isSqlite ? 'explain query plan' : 'explain'} ${sql}`, values)) as object[]
  return plan.map((line) => String(Object.values(line).at(-1))).join('\n')
}

/** Whether it reads a whole table, or puts all that it finds in order. */
const readsAll = /SCAN \S+(?! USING)$|TEMP B-TREE FOR (?:LAST|RIGHT|ORDER)|Seq Scan|Sort Key/m
const page = { limit: 10 }

const questions: [name: string, index: RegExp, ask: (transcripts: TranscriptService) => Promise<unknown>][] = [
  ['the newest', /ix_transcripts_started/, (transcripts) => transcripts.list(page)],
  ['the oldest', /ix_transcripts_started/, (transcripts) => transcripts.list({ ...page, order: 'oldest' })],
  ['of late', /ix_transcripts_started/, (transcripts) => transcripts.list({ ...page, since: new Date(rows - 4_000) })],
]

testOnBoth('a page of transcripts is read from an index in its order', async (store) => {
  await (await store.open()).close()
  await fill(store)
  const log = new StatementLog(/^select\b[^]*transcript/)
  const host = await store.host({ logging: true, logger: log, synchronize: false })
  const { transcripts } = (await store.open({ dataSource: host })).namespace('tenant1')
  for (const [name, index, ask] of questions) {
    log.statements.length = 0
    await ask(transcripts)
    const [statement, ...others] = log.statements
    assert.ok(statement && others.length === 0, name)
    const plan = await planOf(store, (sql, values) => host.query(sql, values), statement)
    assert.match(plan, index, `${name}\n${plan}`)
    assert.doesNotMatch(plan, readsAll, `${name}\n${plan}`)
  }
})
