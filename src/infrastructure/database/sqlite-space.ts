import type { Database } from './database.js'

/** Of one turn at the connection. */
const pagesAtOnce = 400
const maxSteps = 1_000_000

/** An update in place leaves a page of SQLite's as it is, however little is left on it: a row that moves leaves it. */
export async function emptySqliteRows(transaction: Database, table: string, set: string, ids: string[]): Promise<void> {
  const [row] = await transaction.query<{ low: number }>(`select min(coalesce(min(rowid), 0), 0) as low from ${table}`)
  await transaction.query(
    `update ${table} as emptied set rowid = ? - moved.n, ${set}
     from (select id, row_number() over (order by id) as n from ${table} where id in (${ids.map(() => '?').join(', ')})) as moved
     where moved.id = emptied.id`,
    [row?.low ?? 0, ...ids],
  )
}

/**
 * Gives the free pages of a SQLite file back, and with them what was deleted: words from the search index first.
 * A file that was made before it could give pages back a few at a time is rewritten once.
 */
export async function reclaimSqlite(database: Database): Promise<void> {
  await dropDeletedWords(database)
  if ((await pragma(database, 'auto_vacuum')) === 2) await shrink(database)
  else if ((await pragma(database, 'freelist_count')) > 0) await rewrite(database)
  await database.query('PRAGMA wal_checkpoint(TRUNCATE)')
}

async function pragma(database: Database, name: string): Promise<number> {
  const [row] = await database.query<Record<string, number>>(`PRAGMA ${name}`)
  return row?.[name] ?? 0
}

/** The words of deleted entries stay in the index until its parts are merged. */
async function dropDeletedWords(database: Database): Promise<void> {
  const { searchIndex } = database.tables
  const merge = `insert into ${searchIndex} (${searchIndex}, rank) values ('merge', ?)`
  for (let step = 0, changed = 2; changed >= 2 && step < maxSteps; step++) {
    changed = await database.retrying('reclaim', () =>
      database.transaction(async (transaction) => {
        const before = await totalChanges(transaction)
        await transaction.query(merge, [step === 0 ? -pagesAtOnce : pagesAtOnce])
        return (await totalChanges(transaction)) - before
      }),
    )
  }
}

async function totalChanges(transaction: Database): Promise<number> {
  const [row] = await transaction.query<{ n: number }>('select total_changes() as n')
  return row?.n ?? 0
}

/** One of the drivers frees a single page at a time, whatever it is asked for. */
async function shrink(database: Database): Promise<void> {
  for (let before = Number.POSITIVE_INFINITY; ; ) {
    const free = await pragma(database, 'freelist_count')
    if (free === 0 || free >= before) return
    before = free
    await database.retrying('reclaim', () =>
      database.transaction(async (transaction) => {
        for (let page = 0; page < Math.min(free, pagesAtOnce); page++)
          await transaction.query('PRAGMA incremental_vacuum(1)')
      }),
    )
  }
}

async function rewrite(database: Database): Promise<void> {
  await database.query('PRAGMA auto_vacuum = 2')
  await database.retrying('reclaim', () => database.query('VACUUM'))
}
