import type { HealthCheck } from '../../../hansard.js'
import type { Database } from '../database.js'
import type { Migrator } from '../migrations.js'

/** Deletes sessions whose import or fork was left half staged; nobody has seen them. Their number. */
export async function sweepStaged(database: Database, before: Date): Promise<number> {
  const { sessions } = database.tables
  return database.retrying('sweepStaged', async () => {
    const [row] = await database.query(`select id from ${sessions} where staged_at < ? limit 1`, [before.getTime()])
    if (!row) return 0
    const swept = await database.query(`delete from ${sessions} where staged_at < ? returning id`, [before.getTime()])
    return swept.length
  })
}

/** The last sequences of visible sessions, of whatever namespace: the one query of all followers. */
export async function lastSequences(database: Database, sessionIds: string[]): Promise<Map<string, number>> {
  const marks = sessionIds.map(() => '?').join(', ')
  const rows = await database.query<{ id: string; last_sequence: number }>(
    `select id, last_sequence from ${database.tables.sessions} where id in (${marks}) and staged_at is null`,
    sessionIds,
  )
  return new Map(rows.map((row) => [row.id, row.last_sequence]))
}

/** What `doctor` reports, each check by itself, so that one failing does not hide the others. */
export async function examine(database: Database, migrator: Migrator, staleBefore: Date): Promise<HealthCheck[]> {
  const { sessions, messages, usage } = database.tables
  const count = async (sql: string, parameters: unknown[] = []) =>
    Number((await database.query<{ count: number | string }>(sql, parameters))[0]?.count)
  const orphansOf = (table: string) =>
    count(
      `select count(*) as count from ${table} t where not exists (select 1 from ${sessions} s where s.id = t.session_id)`,
    )
  return [
    await check('connection', async () =>
      (await database.query('select 1 as one')).length === 1 ? 'answers' : '!no answer',
    ),
    await check('foreign-keys', async () =>
      (await database.foreignKeysAreOn()) ? 'enforced' : '!not enforced on this connection',
    ),
    await check('migrations', async () => {
      await migrator.check()
      return 'up to date'
    }),
    await check('orphans', async () => {
      const orphans = (await orphansOf(messages)) + (await orphansOf(usage))
      return orphans === 0 ? 'none' : `!${orphans} rows belong to no session`
    }),
    await check('staged', async () => {
      const staged = await count(`select count(*) as count from ${sessions} where staged_at < ?`, [
        staleBefore.getTime(),
      ])
      return staged === 0 ? 'none' : `!${staged} half-staged sessions; the next opening sweeps them`
    }),
  ]
}

/** A finding that starts with `!` is a fault, and so is an error. */
async function check(name: HealthCheck['name'], find: () => Promise<string>): Promise<HealthCheck> {
  try {
    const finding = await find()
    return { name, ok: !finding.startsWith('!'), detail: finding.replace(/^!/, '') }
  } catch (error) {
    return { name, ok: false, detail: (error as Error).message }
  }
}
