import type { JsonObject, JsonValue } from '../canonical-json.js'

export const messageRoles = ['user', 'assistant', 'system', 'tool'] as const
export type MessageRole = (typeof messageRoles)[number]

/** One entry of a session. Immutable once stored; ordered by `sequence`, never by a clock. */
export class SessionMessage {
  id!: string
  namespace!: string
  sessionId!: string
  /** 1, 2, 3 … within the session, given by the store. */
  sequence!: number
  role!: MessageRole
  /** Any JSON value; comes back equal, key order kept. */
  content!: JsonValue
  metadata!: JsonObject
  toolCallId!: string | null
  tokenCount!: number | null
  /** `sha256:<hex>` over the canonical JSON of `content`. */
  contentHash!: string
  /** When it was said: the caller's word, else the store's clock. */
  createdAt!: Date
  /** When the store recorded it: always the store's clock. */
  recordedAt!: Date
}
