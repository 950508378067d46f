import type { JsonObject, JsonValue } from '../../../domain/canonical-json.js'
import { type MessageRole, SessionMessage } from '../../../domain/sessions/message.js'
import type { NewMessage } from '../../../domain/sessions/session-message-repository.js'

export const messageColumns =
  'id, namespace, session_id, sequence, role, content, metadata, tool_call_id, token_count, content_hash, created_at, recorded_at'

export interface MessageRow {
  id: string
  namespace: string
  session_id: string
  sequence: number
  role: MessageRole
  content: string
  metadata: string
  tool_call_id: string | null
  token_count: number | null
  content_hash: string
  created_at: number | string
  recorded_at: number | string
}

/** By hand rather than through the ORM: reading back a long session is half the product. */
export function messageFromRow(row: MessageRow): SessionMessage {
  const message = new SessionMessage()
  message.id = row.id
  message.namespace = row.namespace
  message.sessionId = row.session_id
  message.sequence = row.sequence
  message.role = row.role
  message.content = JSON.parse(row.content) as JsonValue
  message.metadata = (row.metadata === '{}' ? {} : JSON.parse(row.metadata)) as JsonObject
  message.toolCallId = row.tool_call_id
  message.tokenCount = row.token_count
  message.contentHash = row.content_hash
  message.createdAt = new Date(Number(row.created_at))
  message.recordedAt = new Date(Number(row.recorded_at))
  return message
}

export function messageParameters(message: NewMessage, sequence: number): unknown[] {
  return [
    message.id,
    message.namespace,
    message.sessionId,
    sequence,
    message.role,
    message.contentText,
    message.metadataText,
    message.toolCallId,
    message.tokenCount,
    message.contentHash,
    message.createdAt.getTime(),
    message.recordedAt.getTime(),
  ]
}
