import assert from 'node:assert/strict'
import type { ActivityService } from '../src/index.js'
import { StatementLog } from './statement-log.js'
import { type TestStore, testOnBoth } from './test-store.js'

/** Of events. */
const statementLog = () => new StatementLog(/^(select|with|delete)\b[^]*activity_events/)

/** Enough of everything that reading it all would not pay. */
const rows = 20_000

/** One in 400 rows is of the tenant looked at; the values of each column recur. */
async function fill(store: TestStore): Promise<void> {
  const series = store.isSqlite
    ? `(with recursive s(n) as (select 1 union all select n + 1 from s where n < ${rows}) select n from s)`
    : `generate_series(1, ${rows}) as s(n)`
  const some = (word: string, count: number) => `case when n % 3 = 0 then null else '${word}' || (n % ${count}) end`
  await store.execute(
    `insert into activity_events (id, namespace, kind, ts, session_id, issue_id, project_id, actor_name, path, name, state,
       failed, payload, search_text, recorded_at, native_id)
     select 'id' || n, 'tenant' || (n % 40), case when n % 7 = 0 then 'tool' when n % 5 = 0 then 'loop' else 'file' end, n,
       ${some('s', 500)}, ${some('i', 500)}, ${some('p', 500)}, ${some('a', 500)}, ${some('f', 500)},
       'n' || (n % 500), ${some('t', 500)}, n % 2, '{}', '', n, 'native' || n from ${series}`,
  )
  // Postgres does so by itself; on SQLite hardly anybody does.
  if (!store.isSqlite) await store.execute('analyze')
}

async function planOf(
  store: TestStore,
  ask: (sql: string, values: unknown[]) => Promise<unknown>,
  statement: StatementLog['statements'][number],
) {
  const [sql, parameters] = statement
  const plan = (await ask(`${store.isSqlite ? 'explain query plan' : 'explain'} ${sql}`, parameters)) as object[]
  return plan.map((line) => String(Object.values(line).at(-1))).join('\n')
}

/** Whether it reads the whole table, or all of the tenant when it need not. */
const readsAll =
  /SCAN (?!\S*(?:related|_ones|touching|failures|by_path|by_project))\S*activity_events(?! USING)|Seq Scan on activity_events/

/** Whether SQLite looks at all of the tenant for what is of one subject. */
const looksAtAll = /\(namespace=\?(?: AND (?:kind=\?|\w+>\?))?\)/

const questions: [name: string, index: RegExp, ask: (activity: ActivityService) => Promise<unknown>][] = [
  ['recent', /ix_activity_events_ts/, (activity) => activity.recent()],
  ['recent of a kind', /ix_activity_events_kind/, (activity) => activity.recent({ kind: 'tool' })],
  ['recent of a session', /ix_activity_events_session/, (activity) => activity.recent({ sessionId: 's41' })],
  ['recent of an issue', /ix_activity_events_issue/, (activity) => activity.recent({ issueId: 'i41' })],
  ['recent of a project', /ix_activity_events_project/, (activity) => activity.recent({ projectId: 'p41' })],
  ['recent of an actor', /ix_activity_events_actor/, (activity) => activity.recent({ actorName: 'a41' })],
  [
    'recent of a kind and a name',
    /ix_activity_events_name/,
    (activity) => activity.recent({ kind: 'tool', name: '?' }),
  ],
  [
    'recent of a project and a path',
    /ix_activity_events_path/,
    (activity) => activity.recent({ projectId: 'p41', path: '?' }),
  ],
  ['recent on a path', /ix_activity_events_path/, (activity) => activity.recent({ path: 'f41' })],
  ['recent of a name', /ix_activity_events_name/, (activity) => activity.recent({ name: 'n41' })],
  ['recent in a state', /ix_activity_events_state/, (activity) => activity.recent({ state: 't41' })],
  ['by its id', /pk_activity_events|sqlite_autoindex|activity_events_1/, (activity) => activity.get('id1')],
  [
    'related to a path',
    /ix_activity_events_path[^]*ix_activity_events_issue/,
    (activity) => activity.related({ path: 'f41' }),
  ],
  [
    'related to an issue',
    /ix_activity_events_issue[^]*ix_activity_events_session/,
    (activity) => activity.related({ issueId: 'i41' }),
  ],
  [
    'related to a session',
    /ix_activity_events_session[^]*ix_activity_events_issue/,
    (activity) => activity.related({ sessionId: 's41' }),
  ],
  [
    'related to a loop',
    /ix_activity_events_name[^]*ix_activity_events_issue/,
    (activity) => activity.related({ loop: 'n41' }),
  ],
  ['failed loops', /ix_activity_events_issue/, (activity) => activity.failedLoops({ path: 'f41' })],
  ['the history of an issue', /ix_activity_events_issue/, (activity) => activity.issueHistory('i41')],
  // Either begins with the namespace and the kind.
  ['failing tools', /ix_activity_events_kind|uq_activity_events_native/, (activity) => activity.failingTools()],
  [
    'failing tools of late',
    /ix_activity_events_kind/,
    (activity) => activity.failingTools({ since: new Date(rows - 2_000) }),
  ],
  [
    'failing tools of a project',
    /ix_activity_events_(project|kind)/,
    (activity) => activity.failingTools({ projectId: 'p41' }),
  ],
]

testOnBoth('every question is one statement, and finds its rows by an index', async (store) => {
  await (await store.open()).close()
  await fill(store)
  const log = statementLog()
  const host = await store.host({ logging: true, logger: log, synchronize: false })
  const { activity } = (await store.open({ dataSource: host })).namespace('tenant1')
  for (const [name, index, ask] of questions) {
    log.statements.length = 0
    await ask(activity)
    const [statement, ...others] = log.statements
    assert.ok(statement && others.length === 0, name)
    const plan = await planOf(store, (sql, values) => host.query(sql, values), statement)
    assert.match(plan, index, `${name}\n${plan}`)
    assert.doesNotMatch(plan, readsAll, `${name}\n${plan}`)
    if (/^(related|failed)/.test(name)) assert.doesNotMatch(plan, looksAtAll, `${name}\n${plan}`)
  }
})

testOnBoth('a purge, a deletion and a repeated native id find their rows by an index', async (store) => {
  await (await store.open()).close()
  await fill(store)
  const log = statementLog()
  const host = await store.host({ logging: true, logger: log, synchronize: false })
  const hansard = await store.open({ dataSource: host, clock: () => new Date(rows) })
  const { activity, sessions } = hansard.namespace('tenant1')
  await sessions.delete((await sessions.create({ actorName: 'ada' })).id)
  await activity.purge({ olderThanMs: rows - 5_000, batchSize: 10 })
  await activity.purge({ olderThanMs: rows - 5_000, dryRun: true })
  await activity.delete('id19961')
  await activity.record({ kind: 'file', path: 'a.ts', nativeId: 'native1' })
  assert.ok(log.statements.length >= 5)
  for (const statement of log.statements.splice(0)) {
    const plan = await planOf(store, (sql, values) => host.query(sql, values), statement)
    assert.doesNotMatch(plan, readsAll, `${statement[0]}\n${plan}`)
  }
})
