import { type Database, holdName } from './database.js'
import { insertRows } from './insert-rows.js'
import type { Condition } from './keyset.js'

/** The one way by which activity events leave the store; the kind of each that went. */
export async function deleteEvents(transaction: Database, [sql, ...parameters]: Condition): Promise<string[]> {
  const rows = await transaction.query<{ kind: string }>(
    `delete from ${transaction.tables.events} where ${sql} returning kind`,
    parameters,
  )
  return rows.map(({ kind }) => kind)
}

interface Deleted {
  namespace: string
  kind: string
  native_id: string | null
  source_id: string | null
}

/** As `deleteEvents`, and for good: what a backfill told is not told once more by any file. */
export async function deleteForGood(
  transaction: Database,
  namespace: string,
  [sql, ...parameters]: Condition,
  at: Date,
): Promise<string[]> {
  // A backfill that has read an event, and has something else to say of it, would write it once more.
  await holdBackfills(transaction, namespace)
  const { events, deletions } = transaction.tables
  const rows = await transaction.query<Deleted>(
    `delete from ${events} where ${sql} returning namespace, kind, native_id, source_id`,
    parameters,
  )
  const told = rows.filter((row) => row.source_id !== null && row.native_id !== null)
  const columns = 'namespace, kind, native_id, deleted_at'
  const values = told.map((row) => [row.namespace, row.kind, row.native_id, at.getTime()])
  await insertRows(transaction, deletions, columns, values, 'on conflict (namespace, kind, native_id) do nothing')
  return rows.map(({ kind }) => kind)
}

/** Backfills of a namespace write one after the other, and what deletes for good waits for them. */
export function holdBackfills(transaction: Database, namespace: string): Promise<void> {
  return holdName(transaction, `backfill ${transaction.tables.sources} ${namespace}`)
}
