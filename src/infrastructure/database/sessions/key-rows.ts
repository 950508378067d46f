import type { KeyedOutcome } from '../../../domain/sessions/session-repository.js'
import type { Database } from '../database.js'

export const keyColumns =
  'namespace, scope, idempotency_key, payload_hash, session_id, first_sequence, last_sequence, created_at'

interface KeyRow {
  payload_hash: string
  session_id: string
  first_sequence: number | null
  last_sequence: number | null
}

/** What an idempotency key stands for so far. */
export async function keyOutcome(
  database: Database,
  namespace: string,
  scope: string,
  key: string,
): Promise<KeyedOutcome | undefined> {
  const [row] = await database.query<KeyRow>(
    `select payload_hash, session_id, first_sequence, last_sequence from ${database.tables.keys}
     where namespace = ? and scope = ? and idempotency_key = ?`,
    [namespace, scope, key],
  )
  return (
    row && {
      payloadHash: row.payload_hash,
      sessionId: row.session_id,
      firstSequence: row.first_sequence,
      lastSequence: row.last_sequence,
    }
  )
}
