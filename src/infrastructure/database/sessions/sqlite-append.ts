import type { AppendRequest, AppendResult } from '../../../domain/sessions/session-message-repository.js'
import type { Database } from '../database.js'
import { insertRows } from '../insert-rows.js'
import { writeSearchEntries } from '../search-entries.js'
import { appendRefusal, replayed } from './append-refusal.js'
import { keyColumns, keyOutcome } from './key-rows.js'
import { messageEntry } from './message-entries.js'
import { messageColumns, messageParameters } from './message-rows.js'
import {
  roomConditions,
  roomParameters,
  spentColumns,
  spentParameters,
  usageColumns,
  usageParameters,
} from './usage-rows.js'

/**
 * One append inside an open write transaction. Every refusal comes before the first write, so that
 * appends can share a transaction without being able to spoil it for each other.
 */
export async function sqliteAppend(
  database: Database,
  namespace: string,
  request: AppendRequest,
): Promise<AppendResult> {
  const { key, messages, usage } = request
  const known = key && (await keyOutcome(database, namespace, key.scope, key.key))
  if (key && known) return replayed(known, key)
  const session = await advance(database, namespace, request)
  if (!session) throw await appendRefusal(database, namespace, request)
  const first = session.last_sequence - messages.length + 1
  const rows = messages.map((message, index) => messageParameters(message, first + index))
  await insertRows(database, database.tables.messages, messageColumns, rows)
  const firstUsage = session.usage_count - usage.length + 1
  const entries = usage.map((entry, index) => usageParameters(entry, firstUsage + index))
  await insertRows(database, database.tables.usage, usageColumns, entries)
  if (key) {
    const row = [
      namespace,
      key.scope,
      key.key,
      key.payloadHash,
      request.sessionId,
      first,
      session.last_sequence,
      request.at.getTime(),
    ]
    await insertRows(database, database.tables.keys, keyColumns, [row])
  }
  await writeSearchEntries(
    database,
    namespace,
    messages.map((message) => messageEntry(message, session.actor_name)),
  )
  return { firstSequence: first, lastSequence: session.last_sequence, isReplay: false }
}

async function advance(database: Database, namespace: string, request: AppendRequest) {
  const { messages, usage, expectedSequence } = request
  const spent = usage.length === 0 ? '' : spentColumns
  const hasRoom = usage.length === 0 ? '' : roomConditions
  const isExpected = expectedSequence === undefined ? '' : ' and last_sequence = ?'
  const [session] = await database.query<{ last_sequence: number; usage_count: number; actor_name: string }>(
    `update ${database.tables.sessions}
     set last_sequence = last_sequence + ?, message_count = message_count + ?, updated_at = max(updated_at, ?)${spent}
     where id = ? and namespace = ? and status = 'active' and staged_at is null${isExpected}${hasRoom}
     returning last_sequence, usage_count, actor_name`,
    [
      messages.length,
      messages.length,
      request.at.getTime(),
      ...(usage.length === 0 ? [] : spentParameters(usage)),
      request.sessionId,
      namespace,
      ...(expectedSequence === undefined ? [] : [expectedSequence]),
      ...(usage.length === 0 ? [] : roomParameters(usage)),
    ],
  )
  return session
}
