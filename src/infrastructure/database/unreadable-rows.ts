import type { HealthCheck } from '../../hansard.js'
import type { Database } from './database.js'

/** So many rows are held at once; the largest saved context is 1 MiB. */
const batchSize = 64
const named = 5

/** Names the rows of one capability that nothing can read any more, since something else wrote them. */
export type FindUnreadable = (database: Database) => Promise<{ of: string; names: string[] }>

/** The finding on left-over rows, with the rows added that are of no use because nothing can read them. */
export async function withUnreadable(
  database: Database,
  checks: HealthCheck[],
  finders: FindUnreadable[],
): Promise<HealthCheck[]> {
  return Promise.all(
    checks.map(async (check) => (check.name === 'orphans' ? examined(database, check, finders) : check)),
  )
}

async function examined(database: Database, check: HealthCheck, finders: FindUnreadable[]): Promise<HealthCheck> {
  const faults = check.ok ? [] : [check.detail]
  for (const find of finders) {
    // Where the tables are missing, the finding that is there says so already.
    const fault = await find(database).then(told, (error: Error) => (check.ok ? error.message : ''))
    if (fault !== '') faults.push(fault)
  }
  return faults.length === 0 ? check : { ...check, ok: false, detail: faults.join('; ') }
}

function told({ of, names }: Awaited<ReturnType<FindUnreadable>>): string {
  if (names.length === 0) return ''
  const more = names.length > named ? ` and ${names.length - named} more` : ''
  return `not JSON any more in the ${of} ${names.slice(0, named).join(', ')}${more}`
}

/** Read here and not in SQL: Postgres 15 has no way to ask whether a text is JSON. */
export async function unreadableRows<Row extends { id: string }>(
  database: Database,
  [table, columns]: [table: string, columns: string],
  canRead: (row: Row) => boolean,
  nameOf: (row: Row) => string,
): Promise<string[]> {
  const found: string[] = []
  let after = ''
  for (;;) {
    const sql = `select ${columns} from ${table} where id > ? order by id limit ${batchSize}`
    const rows = await database.query<Row>(sql, [after])
    found.push(...rows.filter((row) => !canRead(row)).map(nameOf))
    const last = rows.at(-1)
    if (!last || rows.length < batchSize) return found
    after = last.id
  }
}
