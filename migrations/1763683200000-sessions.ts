import { type MigrationNames, type MigrationSql, migrationClass, type SqlMigration } from './migration-sql.js'

/**
 * Sessions, their messages, usage ledger, truncations, metadata entries and idempotency keys.
 *
 * Constraints are in capitals, their columns quoted and each CHECK followed by a comma: only so does
 * TypeORM find their names in a SQLite schema, and sees that nothing has drifted.
 */
function sessionsSql({ table, name }: MigrationNames): MigrationSql {
  const ids = (constraint: string) => `id varchar(26) not null constraint ${name(`pk_${constraint}`)} primary key`
  const owner = (constraint: string) =>
    `CONSTRAINT ${name(`fk_${constraint}_session`)} FOREIGN KEY ("session_id") REFERENCES ${table('sessions')} ("id") on delete cascade`
  const tokens = `input_tokens bigint not null default 0,
        cache_read_tokens bigint not null default 0,
        cache_write_tokens bigint not null default 0,
        output_tokens bigint not null default 0,
        reasoning_tokens bigint not null default 0,
        cost_nano_usd bigint not null default 0`
  const up = [
    `create table ${table('sessions')} (
        ${ids('sessions')},
        namespace varchar(255) not null,
        external_id varchar(255),
        actor_name varchar(255) not null,
        title text,
        status varchar(16) not null,
        metadata text not null,
        message_count integer not null default 0,
        last_sequence integer not null default 0,
        usage_count integer not null default 0,
        ${tokens},
        forked_from text,
        imported_from text,
        created_at bigint not null,
        updated_at bigint not null,
        staged_at bigint,
        CONSTRAINT ${name('ck_sessions_status')} CHECK (status in ('active', 'closed', 'archived')),
        CONSTRAINT ${name('ck_sessions_counts')} CHECK (message_count >= 0 and last_sequence >= message_count),
        CONSTRAINT ${name('uq_sessions_external_id')} UNIQUE ("namespace", "external_id")
      )`,
    `create index ${name('ix_sessions_created_at')} on ${table('sessions')} (namespace, created_at, id)`,
    `create index ${name('ix_sessions_actor_name')} on ${table('sessions')} (namespace, actor_name, created_at, id)`,
    `create index ${name('ix_sessions_status')} on ${table('sessions')} (namespace, status, created_at, id)`,
    `create index ${name('ix_sessions_staged_at')} on ${table('sessions')} (staged_at) WHERE staged_at is not null`,
    `create table ${table('session_messages')} (
        ${ids('session_messages')},
        namespace varchar(255) not null,
        session_id varchar(26) not null,
        sequence integer not null,
        role varchar(16) not null,
        content text not null,
        metadata text not null,
        tool_call_id varchar(255),
        token_count integer,
        content_hash varchar(71) not null,
        created_at bigint not null,
        recorded_at bigint not null,
        CONSTRAINT ${name('uq_session_messages_sequence')} UNIQUE ("session_id", "sequence"),
        CONSTRAINT ${name('ck_session_messages_role')} CHECK (role in ('user', 'assistant', 'system', 'tool')),
        CONSTRAINT ${name('ck_session_messages_sequence')} CHECK (sequence >= 1),
        CONSTRAINT ${name('ck_session_messages_content')} CHECK (octet_length(content) <= 67108864),
        ${owner('session_messages')}
      )`,
    `create table ${table('session_usage')} (
        ${ids('session_usage')},
        namespace varchar(255) not null,
        session_id varchar(26) not null,
        sequence integer not null,
        kind varchar(16) not null,
        model varchar(255),
        ${tokens},
        created_at bigint not null,
        CONSTRAINT ${name('uq_session_usage_sequence')} UNIQUE ("session_id", "sequence"),
        CONSTRAINT ${name('ck_session_usage_kind')} CHECK (kind in ('delta', 'correction')),
        ${owner('session_usage')}
      )`,
    `create index ${name('ix_session_usage_created_at')} on ${table('session_usage')} (namespace, created_at)`,
    `create table ${table('session_truncations')} (
        ${ids('session_truncations')},
        namespace varchar(255) not null,
        session_id varchar(26) not null,
        after_sequence integer not null,
        last_sequence integer not null,
        removed_count integer not null,
        created_at bigint not null,
        ${owner('session_truncations')}
      )`,
    `create index ${name('ix_session_truncations_session')} on ${table('session_truncations')} (session_id, after_sequence)`,
    `create table ${table('session_metadata')} (
        session_id varchar(26) not null,
        name text not null,
        namespace varchar(255) not null,
        value_hash varchar(71) not null,
        constraint ${name('pk_session_metadata')} primary key (session_id, name),
        ${owner('session_metadata')}
      )`,
    `create index ${name('ix_session_metadata_name')} on ${table('session_metadata')} (namespace, name, value_hash)`,
    `create table ${table('idempotency_keys')} (
        namespace varchar(255) not null,
        scope varchar(64) not null,
        idempotency_key varchar(255) not null,
        payload_hash varchar(71) not null,
        session_id varchar(26) not null,
        first_sequence integer,
        last_sequence integer,
        created_at bigint not null,
        constraint ${name('pk_idempotency_keys')} primary key (namespace, scope, idempotency_key),
        ${owner('idempotency_keys')}
      )`,
    `create index ${name('ix_idempotency_keys_session')} on ${table('idempotency_keys')} (session_id)`,
  ]
  const tables = [
    'idempotency_keys',
    'session_metadata',
    'session_truncations',
    'session_usage',
    'session_messages',
    'sessions',
  ]
  const down = tables.map((each) => `drop table ${table(each)}`)
  // Both engines take the same words here; a step where they part shows both sides.
  return { sqlite: { up, down }, postgres: { up, down } }
}

export const sessions1763683200000: (names: MigrationNames) => new () => SqlMigration = (names) =>
  migrationClass('Sessions1763683200000', sessionsSql(names))
