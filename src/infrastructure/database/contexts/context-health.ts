import type { HealthCheck } from '../../../hansard.js'
import type { Database } from '../database.js'
import { type ContextRow, isReadable, isReadableStep, type StepRow } from './context-rows.js'

/** So many rows are held at once; the largest saved context is 1 MiB. */
const batchSize = 64
const named = 5

/** The finding on left-over rows, with the rows added that are of no use because nothing can read them. */
export async function withUnreadable(database: Database, checks: HealthCheck[]): Promise<HealthCheck[]> {
  return Promise.all(checks.map(async (check) => (check.name === 'orphans' ? examined(database, check) : check)))
}

async function examined(database: Database, check: HealthCheck): Promise<HealthCheck> {
  // Where the tables are missing, the finding that is there says so already.
  const unreadable = await findUnreadable(database).catch((error: Error) => (check.ok ? error.message : ''))
  if (unreadable === '') return check
  return { ...check, ok: false, detail: check.ok ? unreadable : `${check.detail}; ${unreadable}` }
}

/** What of the contexts cannot be read any more, since something else wrote it; empty when all can. */
async function findUnreadable(database: Database): Promise<string> {
  const { contexts, steps } = database.tables
  const ofContexts = await unreadable<ContextRow>(database, [contexts, 'id, saved_context'], isReadable, ({ id }) => id)
  const columns = 'id, context_id, step_index, request, response'
  const nameOf = ({ context_id, step_index }: StepRow) => `${context_id} (step ${step_index})`
  const ofSteps = await unreadable<StepRow>(database, [steps, columns], isReadableStep, nameOf)
  const found = [...ofContexts, ...ofSteps]
  if (found.length === 0) return ''
  const more = found.length > named ? ` and ${found.length - named} more` : ''
  return `not JSON any more in the contexts ${found.slice(0, named).join(', ')}${more}`
}

/** Read here and not in SQL: Postgres 15 has no way to ask whether a text is JSON. */
async function unreadable<Row extends { id: string }>(
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
