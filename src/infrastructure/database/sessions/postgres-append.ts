import type { AppendRequest, AppendResult } from '../../../domain/sessions/session-message-repository.js'
import type { Database } from '../database.js'
import type { Tables } from '../tables.js'
import { appendRefusal, replayed } from './append-refusal.js'
import { keyColumns } from './key-rows.js'
import { messageColumns } from './message-rows.js'
import { tokenColumns, usageColumns } from './usage-rows.js'

interface Outcome {
  last_sequence: number | null
  payload_hash: string | null
  first_sequence: number | null
  keyed_last_sequence: number | null
  earlier_first: number | null
}

/**
 * One append as one statement: the row lock is held for one round trip. A try whose answer was lost
 * left either its key or its message ids behind, and the next try finds them instead of appending; a
 * unique violation means that such a try, or another call with our key, has only just won.
 */
export async function postgresAppend(
  database: Database,
  namespace: string,
  request: AppendRequest,
): Promise<AppendResult> {
  const [outcome] = await database.query<Outcome>(statement(database.tables), parameters(namespace, request))
  const count = request.messages.length
  if (outcome?.last_sequence != null) {
    return { firstSequence: outcome.last_sequence - count + 1, lastSequence: outcome.last_sequence, isReplay: false }
  }
  if (request.key && outcome?.payload_hash != null) {
    const { payload_hash: payloadHash, first_sequence: firstSequence, keyed_last_sequence: lastSequence } = outcome
    return replayed({ payloadHash, sessionId: request.sessionId, firstSequence, lastSequence }, request.key)
  }
  if (outcome?.earlier_first != null) {
    return { firstSequence: outcome.earlier_first, lastSequence: outcome.earlier_first + count - 1, isReplay: false }
  }
  throw await appendRefusal(database, namespace, request)
}

const statements = new WeakMap<Tables, string>()

function statement(tables: Tables): string {
  const known = statements.get(tables)
  if (known) return known
  const text = `
    with input as (
      select ?::text as session_id, ?::text as namespace, ?::bigint as at, ?::integer as expected,
        ?::text as scope, ?::text as key, ?::text as payload_hash, ?::integer as message_total, ?::integer as usage_total
    ), message as (
      select * from unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::integer[], ?::text[], ?::bigint[], ?::bigint[])
        with ordinality as m (id, role, content, metadata, tool_call_id, token_count, content_hash, created_at, recorded_at, n)
    ), spent as (
      select * from unnest(?::text[], ?::text[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[])
        with ordinality as u (id, model, ${tokenColumns}, n)
    ), known as (
      select k.payload_hash, k.first_sequence, k.last_sequence from ${tables.keys} k, input
      where k.namespace = input.namespace and k.scope = input.scope and k.idempotency_key = input.key
    ), earlier as (
      select min(m.sequence) as first_sequence from ${tables.messages} m, input
      where m.id in (select id from message) and m.session_id = input.session_id
    ), total as (
      select coalesce(sum(input_tokens), 0) as input_tokens, coalesce(sum(cache_read_tokens), 0) as cache_read_tokens,
        coalesce(sum(cache_write_tokens), 0) as cache_write_tokens, coalesce(sum(output_tokens), 0) as output_tokens,
        coalesce(sum(reasoning_tokens), 0) as reasoning_tokens, coalesce(sum(cost_nano_usd), 0) as cost_nano_usd from spent
    ), advanced as (
      update ${tables.sessions} s set
        last_sequence = s.last_sequence + input.message_total, message_count = s.message_count + input.message_total,
        updated_at = greatest(s.updated_at, input.at), usage_count = s.usage_count + input.usage_total,
        input_tokens = s.input_tokens + total.input_tokens, cache_read_tokens = s.cache_read_tokens + total.cache_read_tokens,
        cache_write_tokens = s.cache_write_tokens + total.cache_write_tokens,
        output_tokens = s.output_tokens + total.output_tokens,
        reasoning_tokens = s.reasoning_tokens + total.reasoning_tokens, cost_nano_usd = s.cost_nano_usd + total.cost_nano_usd
      from input, total
      where s.id = input.session_id and s.namespace = input.namespace and s.status = 'active' and s.staged_at is null
        and (input.expected is null or s.last_sequence = input.expected)
        and not exists (select 1 from known) and (select first_sequence from earlier) is null
      returning s.last_sequence, s.usage_count
    ), inserted as (
      insert into ${tables.messages} (${messageColumns})
      select m.id, input.namespace, input.session_id, a.last_sequence - input.message_total + m.n, m.role, m.content, m.metadata,
        m.tool_call_id, m.token_count, m.content_hash, m.created_at, m.recorded_at
      from advanced a, input, message m
    ), ledger as (
      insert into ${tables.usage} (${usageColumns})
      select u.id, input.namespace, input.session_id, a.usage_count - input.usage_total + u.n, 'delta', u.model,
        u.input_tokens, u.cache_read_tokens, u.cache_write_tokens, u.output_tokens, u.reasoning_tokens, u.cost_nano_usd, input.at
      from advanced a, input, spent u
    ), keyed as (
      insert into ${tables.keys} (${keyColumns})
      select input.namespace, input.scope, input.key, input.payload_hash, input.session_id,
        a.last_sequence - input.message_total + 1, a.last_sequence, input.at
      from advanced a, input where input.key is not null
    )
    select (select last_sequence from advanced) as last_sequence, (select payload_hash from known) as payload_hash,
      (select first_sequence from known) as first_sequence, (select last_sequence from known) as keyed_last_sequence,
      (select first_sequence from earlier) as earlier_first`
  statements.set(tables, text)
  return text
}

function parameters(namespace: string, request: AppendRequest): unknown[] {
  const { messages, usage, key } = request
  return [
    request.sessionId,
    namespace,
    request.at.getTime(),
    request.expectedSequence ?? null,
    key?.scope ?? null,
    key?.key ?? null,
    key?.payloadHash ?? null,
    messages.length,
    usage.length,
    messages.map((message) => message.id),
    messages.map((message) => message.role),
    messages.map((message) => message.contentText),
    messages.map((message) => message.metadataText),
    messages.map((message) => message.toolCallId),
    messages.map((message) => message.tokenCount),
    messages.map((message) => message.contentHash),
    messages.map((message) => message.createdAt.getTime()),
    messages.map((message) => message.recordedAt.getTime()),
    usage.map((entry) => entry.id),
    usage.map((entry) => entry.model),
    usage.map((entry) => entry.inputTokens),
    usage.map((entry) => entry.cacheReadTokens),
    usage.map((entry) => entry.cacheWriteTokens),
    usage.map((entry) => entry.outputTokens),
    usage.map((entry) => entry.reasoningTokens),
    usage.map((entry) => Math.round(entry.estimatedCostUsd * 1e9)),
  ]
}
