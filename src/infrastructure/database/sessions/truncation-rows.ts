import { SessionTruncation } from '../../../domain/sessions/session.js'

export const truncationColumns = 'id, namespace, session_id, after_sequence, last_sequence, removed_count, created_at'

export interface TruncationRow {
  id: string
  namespace: string
  session_id: string
  after_sequence: number
  last_sequence: number
  removed_count: number
  created_at: number | string
}

export function truncationFromRow(row: TruncationRow): SessionTruncation {
  return Object.assign(new SessionTruncation(), {
    id: row.id,
    namespace: row.namespace,
    sessionId: row.session_id,
    afterSequence: row.after_sequence,
    lastSequence: row.last_sequence,
    removedCount: row.removed_count,
    createdAt: new Date(Number(row.created_at)),
  })
}

export const truncationParameters = (truncation: SessionTruncation): unknown[] => [
  truncation.id,
  truncation.namespace,
  truncation.sessionId,
  truncation.afterSequence,
  truncation.lastSequence,
  truncation.removedCount,
  truncation.createdAt.getTime(),
]
