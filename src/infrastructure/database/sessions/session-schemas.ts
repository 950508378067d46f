import { EntitySchema, type EntitySchemaColumnOptions } from 'typeorm'
import { SessionMessage } from '../../../domain/sessions/message.js'
import { Session, SessionTruncation } from '../../../domain/sessions/session.js'
import { TokenUsage, UsageEntry } from '../../../domain/sessions/token-usage.js'
import {
  bigCounter,
  cost,
  counter,
  idColumn,
  importOriginJson,
  instant,
  integer,
  json,
  nullable,
  text,
} from '../columns.js'
import { type SchemaOptions, schemaNames } from '../schema-names.js'

type Columns = Record<string, EntitySchemaColumnOptions>

const tokenColumns: Columns = {
  inputTokens: bigCounter('input_tokens'),
  cacheReadTokens: bigCounter('cache_read_tokens'),
  cacheWriteTokens: bigCounter('cache_write_tokens'),
  outputTokens: bigCounter('output_tokens'),
  reasoningTokens: bigCounter('reasoning_tokens'),
  estimatedCostUsd: cost('cost_nano_usd'),
}

/** The entity schemas of this capability; each call makes its own set. */
export function sessionSchemas(options: SchemaOptions): EntitySchema[] {
  const { base, check, index, name, owned, primary } = schemaNames(options)
  const owner = (table: string) => owned(table, 'session', () => Session)

  const tokenUsage = new EntitySchema<TokenUsage>({
    name: 'HansardTokenUsage',
    target: TokenUsage,
    columns: tokenColumns as never,
  })
  const session = new EntitySchema<Session>({
    ...base('sessions'),
    name: 'HansardSession',
    target: Session,
    columns: {
      id: idColumn(name('pk_sessions')),
      namespace: text('namespace', 255),
      externalId: nullable(text('external_id', 255)),
      actorName: text('actor_name', 255),
      title: nullable(text('title')),
      status: text('status', 16),
      metadata: json('metadata'),
      messageCount: counter('message_count'),
      lastSequence: counter('last_sequence'),
      usageCount: counter('usage_count'),
      forkedFrom: nullable(json('forked_from')),
      importedFrom: nullable(importOriginJson('imported_from')),
      createdAt: instant('created_at'),
      updatedAt: instant('updated_at'),
      stagedAt: { ...nullable(instant('staged_at')), select: false },
    },
    embeddeds: { tokenUsage: { schema: tokenUsage, prefix: false } },
    uniques: [{ name: name('uq_sessions_external_id'), columns: ['namespace', 'externalId'] }],
    checks: [
      check('ck_sessions_status', "status in ('active', 'closed', 'archived')"),
      check('ck_sessions_counts', 'message_count >= 0 and last_sequence >= message_count'),
    ],
    indices: [
      index('ix_sessions_created_at', ['namespace', 'createdAt', 'id']),
      index('ix_sessions_actor_name', ['namespace', 'actorName', 'createdAt', 'id']),
      index('ix_sessions_status', ['namespace', 'status', 'createdAt', 'id']),
      index('ix_sessions_staged_at', ['stagedAt'], 'staged_at is not null'),
    ],
  })
  const message = new EntitySchema<SessionMessage>({
    ...base('session_messages'),
    ...owner('session_messages'),
    name: 'HansardSessionMessage',
    target: SessionMessage,
    columns: {
      id: idColumn(name('pk_session_messages')),
      namespace: text('namespace', 255),
      sessionId: text('session_id', 26),
      sequence: integer('sequence'),
      role: text('role', 16),
      content: json('content'),
      metadata: json('metadata'),
      toolCallId: nullable(text('tool_call_id', 255)),
      tokenCount: nullable(integer('token_count')),
      contentHash: text('content_hash', 71),
      createdAt: instant('created_at'),
      recordedAt: instant('recorded_at'),
    },
    uniques: [{ name: name('uq_session_messages_sequence'), columns: ['sessionId', 'sequence'] }],
    checks: [
      check('ck_session_messages_role', "role in ('user', 'assistant', 'system', 'tool')"),
      check('ck_session_messages_sequence', 'sequence >= 1'),
      check('ck_session_messages_content', 'octet_length(content) <= 67108864'),
    ],
  })
  const usage = new EntitySchema<UsageEntry>({
    ...base('session_usage'),
    ...owner('session_usage'),
    name: 'HansardUsageEntry',
    target: UsageEntry,
    columns: {
      id: idColumn(name('pk_session_usage')),
      namespace: text('namespace', 255),
      sessionId: text('session_id', 26),
      sequence: integer('sequence'),
      kind: text('kind', 16),
      model: nullable(text('model', 255)),
      ...tokenColumns,
      createdAt: instant('created_at'),
    } as never,
    uniques: [{ name: name('uq_session_usage_sequence'), columns: ['sessionId', 'sequence'] }],
    checks: [check('ck_session_usage_kind', "kind in ('delta', 'correction')")],
    indices: [index('ix_session_usage_created_at', ['namespace', 'createdAt'])],
  })
  const truncation = new EntitySchema<SessionTruncation>({
    ...base('session_truncations'),
    ...owner('session_truncations'),
    name: 'HansardSessionTruncation',
    target: SessionTruncation,
    columns: {
      id: idColumn(name('pk_session_truncations')),
      namespace: text('namespace', 255),
      sessionId: text('session_id', 26),
      afterSequence: integer('after_sequence'),
      lastSequence: integer('last_sequence'),
      removedCount: integer('removed_count'),
      createdAt: instant('created_at'),
    },
    indices: [index('ix_session_truncations_session', ['sessionId', 'afterSequence'])],
  })
  const metadata = new EntitySchema({
    ...base('session_metadata'),
    ...owner('session_metadata'),
    name: 'HansardSessionMetadata',
    columns: {
      sessionId: primary(text('session_id', 26), 'pk_session_metadata'),
      name: primary(text('name'), 'pk_session_metadata'),
      namespace: text('namespace', 255),
      valueHash: text('value_hash', 71),
    },
    indices: [index('ix_session_metadata_name', ['namespace', 'name', 'valueHash'])],
  })
  const key = new EntitySchema({
    ...base('idempotency_keys'),
    ...owner('idempotency_keys'),
    name: 'HansardIdempotencyKey',
    columns: {
      namespace: primary(text('namespace', 255), 'pk_idempotency_keys'),
      scope: primary(text('scope', 64), 'pk_idempotency_keys'),
      key: primary(text('idempotency_key', 255), 'pk_idempotency_keys'),
      payloadHash: text('payload_hash', 71),
      sessionId: text('session_id', 26),
      firstSequence: nullable(integer('first_sequence')),
      lastSequence: nullable(integer('last_sequence')),
      createdAt: instant('created_at'),
    },
    indices: [index('ix_idempotency_keys_session', ['sessionId'])],
  })
  return [session, message, usage, truncation, metadata, key] as EntitySchema[]
}
