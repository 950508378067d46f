import type { Database } from './database.js'
import type { Condition } from './keyset.js'

/** The one way by which activity events leave the store; the kind of each that went. */
export async function deleteEvents(transaction: Database, [sql, ...parameters]: Condition): Promise<string[]> {
  const rows = await transaction.query<{ kind: string }>(
    `delete from ${transaction.tables.events} where ${sql} returning kind`,
    parameters,
  )
  return rows.map(({ kind }) => kind)
}
