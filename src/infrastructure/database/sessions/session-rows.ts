import { hashJson, type JsonObject } from '../../../domain/canonical-json.js'
import { type ForkOrigin, Session, type SessionStatus } from '../../../domain/sessions/session.js'
import { TokenUsage } from '../../../domain/sessions/token-usage.js'
import { importOriginFrom } from '../columns.js'
import { readTokens, type TokenRow, tokenColumns, tokenParameters } from './usage-rows.js'

export const sessionColumns = `id, namespace, external_id, actor_name, title, status, metadata, message_count, last_sequence,
  usage_count, ${tokenColumns}, forked_from, imported_from, created_at, updated_at`

export interface SessionRow extends TokenRow {
  id: string
  namespace: string
  external_id: string | null
  actor_name: string
  title: string | null
  status: SessionStatus
  metadata: string
  message_count: number
  last_sequence: number
  usage_count: number
  forked_from: string | null
  imported_from: string | null
  created_at: number | string
  updated_at: number | string
}

/** By hand rather than through the ORM, whose query builder takes several times as long as SQLite's read. */
export function sessionFromRow(row: SessionRow): Session {
  const session = new Session()
  session.id = row.id
  session.namespace = row.namespace
  session.externalId = row.external_id
  session.actorName = row.actor_name
  session.title = row.title
  session.status = row.status
  session.metadata = JSON.parse(row.metadata) as JsonObject
  session.messageCount = row.message_count
  session.lastSequence = row.last_sequence
  session.tokenUsage = readTokens(new TokenUsage(), row)
  session.usageCount = row.usage_count
  session.forkedFrom = row.forked_from === null ? null : (JSON.parse(row.forked_from) as ForkOrigin)
  session.importedFrom = importOriginFrom(row.imported_from)
  session.createdAt = new Date(Number(row.created_at))
  session.updatedAt = new Date(Number(row.updated_at))
  return session
}

/** For `sessionColumns`, and `staged_at` after them. */
export function sessionParameters(session: Session): unknown[] {
  return [
    session.id,
    session.namespace,
    session.externalId,
    session.actorName,
    session.title,
    session.status,
    JSON.stringify(session.metadata),
    session.messageCount,
    session.lastSequence,
    session.usageCount,
    ...tokenParameters(session.tokenUsage),
    session.forkedFrom && JSON.stringify(session.forkedFrom),
    session.importedFrom && JSON.stringify(session.importedFrom),
    session.createdAt.getTime(),
    session.updatedAt.getTime(),
    session.stagedAt?.getTime() ?? null,
  ]
}

export const metadataColumns = 'session_id, name, namespace, value_hash'

/** A row for each top-level key, by which sessions are found. */
export function metadataParameters(sessionId: string, namespace: string, metadata: JsonObject): unknown[][] {
  return Object.entries(metadata).map(([name, value]) => [sessionId, JSON.stringify(name), namespace, hashJson(value)])
}
