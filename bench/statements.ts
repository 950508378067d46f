import { createHash } from 'node:crypto'
import type { MessageJson } from '../src/index.js'
import { content, spent } from './side.js'

/** The SQL that both raw drivers run, with `?` for parameters: what a careful engineer writes by hand. */
export const namespace = 'default'
export const messageColumns =
  'id, namespace, session_id, sequence, role, content, metadata, tool_call_id, token_count, content_hash, created_at, recorded_at'
const usageColumns = 'id, namespace, session_id, sequence, kind, input_tokens, output_tokens, cost_nano_usd, created_at'
const visible = 'namespace = ? and staged_at is null'

export const insertSession = `insert into sessions (id, namespace, actor_name, status, metadata, created_at, updated_at)
  values (?, ?, ?, 'active', '{}', ?, ?)`
export const insertStaged = `insert into sessions (id, namespace, actor_name, status, metadata, created_at, updated_at,
    message_count, last_sequence, staged_at)
  values (?, ?, ?, 'active', '{}', ?, ?, ?, ?, ?)`
export const publish = 'update sessions set staged_at = null where id = ?'
export const selectSession = `select * from sessions where id = ? and ${visible}`
export const listSessions = `select * from sessions where ${visible} order by created_at desc, id desc limit 51`
export const selectMessages = `select ${messageColumns} from session_messages
  where session_id = ? and namespace = ? order by sequence limit 1001`
export const selectUsage = 'select * from session_usage where session_id = ? and namespace = ? order by sequence'
export const selectTruncations = 'select * from session_truncations where session_id = ? and namespace = ?'
export const advanceUsage = `update sessions set usage_count = usage_count + 1, input_tokens = input_tokens + ?,
    output_tokens = output_tokens + ?, cost_nano_usd = cost_nano_usd + ?, updated_at = ?
  where id = ? and ${visible} returning *`
export const insertUsage = `insert into session_usage (${usageColumns}) values (?, ?, ?, ?, 'delta', ?, ?, ?, ?)`
export const advanceSession = (greatest: 'max' | 'greatest') => `update sessions
  set last_sequence = last_sequence + ?, message_count = message_count + ?, updated_at = ${greatest}(updated_at, ?)
  where id = ? and ${visible} and status = 'active' returning last_sequence`
export const insertMessages = (count: number) =>
  `insert into session_messages (${messageColumns}) values ${Array<string>(count).fill('(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)').join(', ')}`

const text = JSON.stringify(content)
const hash = `sha256:${createHash('sha256').update(text).digest('hex')}`
let ids = 0

const prefix = `RAW${Date.now().toString(36).toUpperCase()}`

/** Ascending and as long as a ULID. */
export const newId = () => prefix + String(++ids).padStart(26 - prefix.length, '0')

export const newSession = () => {
  const now = Date.now()
  return [newId(), namespace, 'ada', now, now]
}

export function newMessage(sessionId: string, sequence: number, now: number): unknown[] {
  return [newId(), namespace, sessionId, sequence, 'user', text, '{}', null, null, hash, now, now]
}

export function archivedMessage(message: MessageJson, sessionId: string): unknown[] {
  const { sequence, role, contentHash } = message
  const created = Date.parse(message.createdAt)
  const recorded = Date.parse(message.recordedAt)
  const texts = [JSON.stringify(message.content), JSON.stringify(message.metadata)]
  return [newId(), namespace, sessionId, sequence, role, ...texts, null, null, contentHash, created, recorded]
}

export const figures = [spent.inputTokens, spent.outputTokens, Math.round(spent.estimatedCostUsd * 1e9)]

export interface MessageRow {
  content: string
}

export const parsed = (rows: MessageRow[]) =>
  rows.map((row) => ({ ...row, content: JSON.parse(row.content) as unknown }))

/** Rows that go into one statement, and into one transaction, of an import. */
export const importChunk = 100
