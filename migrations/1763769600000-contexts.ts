import { type MigrationNames, type MigrationSql, migrationClass, type SqlMigration } from './migration-sql.js'

/** Contexts and their steps. For the capitals see the step before this one. */
function contextsSql({ table, name }: MigrationNames): MigrationSql {
  const ids = (constraint: string) => `id varchar(26) not null constraint ${name(`pk_${constraint}`)} primary key`
  const up = [
    `create table ${table('contexts')} (
        ${ids('contexts')},
        namespace varchar(255) not null,
        subject_id varchar(128),
        status varchar(16) not null,
        saved_context text not null,
        version integer not null,
        step_count integer not null,
        ttl_ms bigint not null,
        sliding integer not null,
        opened_at bigint not null,
        expires_at bigint not null,
        last_step_at bigint,
        closed_at bigint,
        token_hash varchar(71) not null,
        change_id varchar(26) not null,
        idempotency_key varchar(255),
        payload_hash varchar(71),
        CONSTRAINT ${name('ck_contexts_status')} CHECK (status in ('open', 'closed', 'expired')),
        CONSTRAINT ${name('ck_contexts_saved_context')} CHECK (octet_length(saved_context) <= 1048576),
        CONSTRAINT ${name('ck_contexts_counts')} CHECK (version >= 1 and step_count between 0 and 1024),
        CONSTRAINT ${name('uq_contexts_token')} UNIQUE ("token_hash"),
        CONSTRAINT ${name('uq_contexts_key')} UNIQUE ("namespace", "idempotency_key")
      )`,
    `create index ${name('ix_contexts_opened_at')} on ${table('contexts')} (namespace, opened_at, id)`,
    `create index ${name('ix_contexts_subject')} on ${table('contexts')} (namespace, subject_id, opened_at, id)`,
    `create index ${name('ix_contexts_expires_at')} on ${table('contexts')} (namespace, status, expires_at)`,
    `create index ${name('ix_contexts_closed_at')} on ${table('contexts')} (namespace, status, closed_at)`,
    `create table ${table('context_steps')} (
        ${ids('context_steps')},
        namespace varchar(255) not null,
        context_id varchar(26) not null,
        step_index integer not null,
        action varchar(64),
        request text,
        response text,
        request_hash varchar(71) not null,
        response_hash varchar(71),
        created_at bigint not null,
        idempotency_key varchar(255),
        payload_hash varchar(71),
        CONSTRAINT ${name('ck_context_steps_index')} CHECK (step_index between 1 and 1024),
        CONSTRAINT ${name('ck_context_steps_size')} CHECK (octet_length(coalesce(request, '')) + octet_length(coalesce(response, '')) <= 65536),
        CONSTRAINT ${name('uq_context_steps_index')} UNIQUE ("context_id", "step_index"),
        CONSTRAINT ${name('uq_context_steps_key')} UNIQUE ("context_id", "idempotency_key"),
        CONSTRAINT ${name('fk_context_steps_context')} FOREIGN KEY ("context_id") REFERENCES ${table('contexts')} ("id") on delete cascade
      )`,
    `create index ${name('ix_context_steps_created_at')} on ${table('context_steps')} (namespace, created_at)`,
  ]
  const down = [`drop table ${table('context_steps')}`, `drop table ${table('contexts')}`]
  return { sqlite: { up, down }, postgres: { up, down } }
}

export const contexts1763769600000: (names: MigrationNames) => new () => SqlMigration = (names) =>
  migrationClass('Contexts1763769600000', contextsSql(names))
