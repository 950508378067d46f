import type { SessionTruncation } from '../../../domain/sessions/session.js'
import type { Database } from '../database.js'
import { insertRows } from '../insert-rows.js'
import { appendRefusal } from './append-refusal.js'
import { type TruncationRow, truncationColumns, truncationFromRow, truncationParameters } from './truncation-rows.js'

/** Removes messages and records it, inside a transaction; undefined when there was none to remove. */
export async function truncateSession(
  transaction: Database,
  namespace: string,
  truncation: SessionTruncation,
): Promise<SessionTruncation | undefined> {
  const { sessions, messages, truncations } = transaction.tables
  const { id, sessionId, afterSequence } = truncation
  const lastSequence = await heldLastSequence(transaction, namespace, truncation)
  const earlier = `select ${truncationColumns} from ${truncations} where id = ?`
  const [row] = await transaction.query<TruncationRow>(earlier, [id])
  if (row) return truncationFromRow(row)
  const removed = await transaction.query(
    `delete from ${messages} where session_id = ? and sequence > ? returning sequence`,
    [sessionId, afterSequence],
  )
  const removedCount = removed.length
  if (removedCount === 0) return undefined
  const sql = `update ${sessions} set message_count = message_count - ? where id = ?`
  await transaction.query(sql, [removedCount, sessionId])
  const recorded = { ...truncation, lastSequence, removedCount }
  await insertRows(transaction, truncations, truncationColumns, [truncationParameters(recorded)])
  return recorded
}

/** Of the session that it holds against other writers. */
async function heldLastSequence(
  transaction: Database,
  namespace: string,
  { sessionId, createdAt }: SessionTruncation,
): Promise<number> {
  const at = createdAt.getTime()
  const [session] = await transaction.query<{ last_sequence: number }>(
    `update ${transaction.tables.sessions} set updated_at = case when updated_at > ? then updated_at else ? end
     where id = ? and namespace = ? and status = 'active' and staged_at is null returning last_sequence`,
    [at, at, sessionId, namespace],
  )
  if (session) return session.last_sequence
  throw await appendRefusal(transaction, namespace, { sessionId })
}
