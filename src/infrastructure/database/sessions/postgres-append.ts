import type { IdempotencyKey } from '../../../domain/idempotency.js'
import type { AppendRequest, AppendResult } from '../../../domain/sessions/session-message-repository.js'
import type { Database } from '../database.js'
import { postgresScope, postgresVector } from '../search-entries.js'
import { appendRefusal, replayed } from './append-refusal.js'
import { keyColumns, keyOutcome } from './key-rows.js'
import { messageEntry } from './message-entries.js'
import { messageColumns } from './message-rows.js'
import {
  roomConditions,
  roomParameters,
  spentColumns,
  spentParameters,
  tokenColumns,
  tokenParameters,
  usageColumns,
} from './usage-rows.js'

/**
 * One append as one statement: the row lock is held for one round trip. A try whose answer was lost
 * left either its key or its message ids behind, and the next try finds them instead of appending; a
 * unique violation means that such a try, or another call with our key, has only just won.
 */
export async function postgresAppend(
  database: Database,
  namespace: string,
  request: AppendRequest,
  isRepeat: boolean,
): Promise<AppendResult> {
  const [sql, parameters] = statement(database, namespace, request, isRepeat)
  const [session] = await database.query<{ last_sequence: number }>(sql, parameters)
  if (!session) return outcomeWithoutWriting(database, namespace, request)
  const lastSequence = session.last_sequence
  return { firstSequence: lastSequence - request.messages.length + 1, lastSequence, isReplay: false }
}

async function outcomeWithoutWriting(
  database: Database,
  namespace: string,
  request: AppendRequest,
): Promise<AppendResult> {
  const { key, messages } = request
  const known = key && (await keyOutcome(database, namespace, key.scope, key.key))
  if (key && known) return replayed(known, key)
  const [earlier] = await database.query<{ first: number | null }>(
    `select min(sequence) as first from ${database.tables.messages} where id = any(?::text[]) and session_id = ?`,
    [messages.map((message) => message.id), request.sessionId],
  )
  if (earlier?.first == null) throw await appendRefusal(database, namespace, request)
  return { firstSequence: earlier.first, lastSequence: earlier.first + messages.length - 1, isReplay: false }
}

type Fragment = [sql: string, parameters: unknown[]]

const nothing: Fragment = ['', []]

/** Only what this append needs: Postgres plans the text anew each time, and planning is most of its work. */
function statement(database: Database, namespace: string, request: AppendRequest, isRepeat: boolean): Fragment {
  const [advance, advanceParameters] = advanceSession(database, namespace, request, isRepeat)
  const [messages, messageParameters] = insertMessages(database, namespace, request)
  const [ledger, ledgerParameters] = request.usage.length === 0 ? nothing : insertUsage(database, namespace, request)
  const [keyed, keyParameters] = request.key ? insertKey(database, namespace, request, request.key) : nothing
  const [indexed, entryParameters] = database.dialect.isSearched('message')
    ? insertEntries(database, namespace, request)
    : nothing
  return [
    `with advanced as (${advance}), inserted as (${messages})${ledger}${keyed}${indexed} select last_sequence from advanced`,
    [...advanceParameters, ...messageParameters, ...ledgerParameters, ...keyParameters, ...entryParameters],
  ]
}

function advanceSession({ tables }: Database, namespace: string, request: AppendRequest, isRepeat: boolean): Fragment {
  const { messages, usage, key, expectedSequence } = request
  const count = messages.length
  const [spent, spentValues] = usage.length === 0 ? nothing : [spentColumns, spentParameters(usage)]
  const [isExpected, expected] =
    expectedSequence === undefined ? nothing : [' and last_sequence = ?', [expectedSequence]]
  const [isNew, keyParameters] = key
    ? [
        ` and not exists (select 1 from ${tables.keys} where namespace = ? and scope = ? and idempotency_key = ?)`,
        [namespace, key.scope, key.key],
      ]
    : nothing
  const [hasRoom, room] = usage.length === 0 ? nothing : [roomConditions, roomParameters(usage)]
  // Only a try of ours can have left our ids behind, and the first try has none before it.
  const [isUnwritten, ids] = isRepeat
    ? [
        ` and not exists (select 1 from ${tables.messages} where id = any(?::text[]))`,
        [messages.map((message) => message.id)],
      ]
    : nothing
  return [
    `update ${tables.sessions}
     set last_sequence = last_sequence + ?, message_count = message_count + ?, updated_at = greatest(updated_at, ?)${spent}
     where id = ? and namespace = ? and status = 'active' and staged_at is null${isExpected}${hasRoom}${isNew}${isUnwritten}
     returning last_sequence, usage_count, actor_name`,
    [
      ...[count, count, request.at.getTime(), ...spentValues, request.sessionId, namespace],
      ...[...expected, ...room, ...keyParameters, ...ids],
    ],
  ]
}

function insertMessages({ tables }: Database, namespace: string, { sessionId, messages }: AppendRequest): Fragment {
  return [
    `insert into ${tables.messages} (${messageColumns})
     select m.id, ?, ?, a.last_sequence - ? + m.n, m.role, m.content, m.metadata, m.tool_call_id, m.token_count,
       m.content_hash, m.created_at, m.recorded_at
     from advanced a, unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::integer[], ?::text[], ?::bigint[], ?::bigint[])
       with ordinality as m (id, role, content, metadata, tool_call_id, token_count, content_hash, created_at, recorded_at, n)`,
    [
      namespace,
      sessionId,
      messages.length,
      messages.map((message) => message.id),
      messages.map((message) => message.role),
      messages.map((message) => message.contentText),
      messages.map((message) => message.metadataText),
      messages.map((message) => message.toolCallId),
      messages.map((message) => message.tokenCount),
      messages.map((message) => message.contentHash),
      messages.map((message) => message.createdAt.getTime()),
      messages.map((message) => message.recordedAt.getTime()),
    ],
  ]
}

function insertUsage({ tables }: Database, namespace: string, { sessionId, usage, at }: AppendRequest): Fragment {
  const tokens = usage.map(tokenParameters)
  return [
    `, ledger as (insert into ${tables.usage} (${usageColumns})
     select u.id, ?, ?, a.usage_count - ? + u.n, 'delta', u.model, u.input_tokens, u.cache_read_tokens, u.cache_write_tokens,
       u.output_tokens, u.reasoning_tokens, u.cost_nano_usd, ?::bigint
     from advanced a, unnest(?::text[], ?::text[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[])
       with ordinality as u (id, model, ${tokenColumns}, n))`,
    [
      ...[namespace, sessionId, usage.length, at.getTime()],
      ...[usage.map((entry) => entry.id), usage.map((entry) => entry.model)],
      ...[0, 1, 2, 3, 4, 5].map((column) => tokens.map((row) => row[column])),
    ],
  ]
}

function insertKey({ tables }: Database, namespace: string, request: AppendRequest, key: IdempotencyKey): Fragment {
  const { sessionId, messages, at } = request
  return [
    `, keyed as (insert into ${tables.keys} (${keyColumns})
     select ?, ?, ?, ?, ?, last_sequence - ? + 1, last_sequence, ?::bigint from advanced)`,
    [namespace, key.scope, key.key, key.payloadHash, sessionId, messages.length, at.getTime()],
  ]
}

/** The actor is known to the session's row alone. */
function insertEntries({ tables }: Database, namespace: string, { messages }: AppendRequest): Fragment {
  const entries = messages.map((message) => messageEntry(message, null))
  return [
    `, indexed as (insert into ${tables.searchEntries} (namespace, kind, message_id, at, body)
     select ?, 'message', e.id, e.at, e.body::tsvector || ${postgresScope('actorName', 'a.actor_name')}
     from advanced a, unnest(?::text[], ?::bigint[], ?::text[]) as e (id, at, body))`,
    [
      namespace,
      entries.map((entry) => entry.ownerId),
      entries.map((entry) => entry.at.getTime()),
      entries.map((entry) => postgresVector(namespace, entry)),
    ],
  ]
}
