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
export async function examine(
  database: Database,
  migrator: Migrator,
  { staleBefore, findSearchDrift }: { staleBefore: Date; findSearchDrift: () => Promise<string> },
  only?: HealthCheck['name'][],
): Promise<HealthCheck[]> {
  const checks: Record<HealthCheck['name'], () => Promise<string>> = {
    connection: async () => ((await database.query('select 1 as one')).length === 1 ? '' : 'no answer'),
    'foreign-keys': async () => ((await database.foreignKeysAreOn()) ? '' : 'not enforced here'),
    migrations: async () => {
      await migrator.check()
      return ''
    },
    orphans: () => findOrphans(database),
    staged: () => findStaged(database, staleBefore),
    search: findSearchDrift,
  }
  const found: HealthCheck[] = []
  for (const name of only ?? (Object.keys(checks) as HealthCheck['name'][])) {
    found.push(await check(name, checks[name]))
  }
  return found
}

async function findOrphans(database: Database): Promise<string> {
  const { sessions, messages, usage, contexts, steps, sources, rejects } = database.tables
  const { transcripts, transcriptSources, transcriptLinks, transcriptTurns, transcriptEvents } = database.tables
  const { transcriptUsages, transcriptAmendments, transcriptErrors, transcriptEvictions } = database.tables
  const told = [transcriptLinks, transcriptTurns, transcriptEvents, transcriptUsages, transcriptAmendments]
  const families = [
    [messages, 'session_id', sessions],
    [usage, 'session_id', sessions],
    [steps, 'context_id', contexts],
    [rejects, 'source_id', sources],
    ...told.map((table) => [table, 'source_id', transcriptSources]),
    ...[...told, transcriptErrors, transcriptEvictions].map((table) => [table, 'transcript_id', transcripts]),
  ]
  let orphans = 0
  for (const [table, key, owners] of families) {
    orphans += await count(
      database,
      `select count(*) as count from ${table} t where not exists (select 1 from ${owners} o where o.id = t.${key})`,
    )
  }
  return orphans === 0 ? '' : `${orphans} rows belong to no session, context, source or transcript`
}

async function findStaged(database: Database, staleBefore: Date): Promise<string> {
  const sql = `select count(*) as count from ${database.tables.sessions} where staged_at < ?`
  const staged = await count(database, sql, [staleBefore.getTime()])
  return staged === 0 ? '' : `${staged} half-staged sessions; the next opening sweeps them`
}

async function count(database: Database, sql: string, parameters: unknown[] = []): Promise<number> {
  const [row] = await database.query<{ count: number | string }>(sql, parameters)
  return Number(row?.count ?? 0)
}

/** `find` names the fault, or nothing; an error is a fault too. */
async function check(name: HealthCheck['name'], find: () => Promise<string>): Promise<HealthCheck> {
  try {
    const fault = await find()
    return { name, ok: fault === '', detail: fault || 'as it should be' }
  } catch (error) {
    return { name, ok: false, detail: (error as Error).message }
  }
}
