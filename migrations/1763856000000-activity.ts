import { type MigrationNames, type MigrationSql, migrationClass, type SqlMigration } from './migration-sql.js'

/** Activity events, the files that backfills read them from, and what those would not give. For the capitals see the first step. */
function activitySql({ table, name }: MigrationNames): MigrationSql {
  const ids = (constraint: string) => `id varchar(26) not null constraint ${name(`pk_${constraint}`)} primary key`
  const native = `namespace varchar(255) not null,
        kind varchar(64) not null,
        native_id varchar(255) not null`
  const key = (of: string) => `constraint ${name(`pk_${of}`)} primary key (namespace, kind, native_id)`
  const events = table('activity_events')
  // Most events carry few of these; those that do not are in no index but those of all.
  const carried = (index: string, column: string) =>
    `create index ${name(`ix_activity_events_${index}`)} on ${events} (namespace, ${column}, ts, id) WHERE ${column} is not null`
  const up = [
    `create table ${events} (
        ${ids('activity_events')},
        namespace varchar(255) not null,
        kind varchar(64) not null,
        ts bigint not null,
        session_id varchar(255),
        issue_id varchar(255),
        project_id varchar(255),
        actor_name varchar(255),
        path varchar(1024),
        name varchar(255),
        state varchar(255),
        retries integer,
        failed integer not null,
        payload text not null,
        search_text text not null,
        recorded_at bigint not null,
        native_id varchar(255),
        source_id varchar(26),
        CONSTRAINT ${name('ck_activity_events_failed')} CHECK (failed in (0, 1)),
        CONSTRAINT ${name('ck_activity_events_path')} CHECK (octet_length(coalesce(path, '')) <= 1800),
        CONSTRAINT ${name('ck_activity_events_payload')} CHECK (octet_length(payload) <= 1048576),
        CONSTRAINT ${name('uq_activity_events_native')} UNIQUE ("namespace", "kind", "native_id")
      )`,
    `create index ${name('ix_activity_events_ts')} on ${events} (namespace, ts, id)`,
    `create index ${name('ix_activity_events_kind')} on ${events} (namespace, kind, ts, id)`,
    carried('session', 'session_id'),
    carried('issue', 'issue_id'),
    carried('project', 'project_id'),
    carried('actor', 'actor_name'),
    carried('path', 'path'),
    carried('name', 'name'),
    carried('state', 'state'),
    `create index ${name('ix_activity_events_source')} on ${events} (source_id) WHERE source_id is not null`,
    `create table ${table('activity_sources')} (
        ${ids('activity_sources')},
        namespace varchar(255) not null,
        kind varchar(16) not null,
        path text not null,
        path_hash varchar(71) not null,
        size bigint not null,
        mtime_ms bigint not null,
        byte_offset bigint not null,
        line_count integer not null,
        prefix_hash varchar(71) not null,
        generation integer not null,
        last_error text,
        updated_at bigint not null,
        CONSTRAINT ${name('uq_activity_sources_path')} UNIQUE ("namespace", "kind", "path_hash")
      )`,
    `create table ${table('activity_rejects')} (
        ${ids('activity_rejects')},
        namespace varchar(255) not null,
        source_id varchar(26) not null,
        place varchar(64) not null,
        reason text not null,
        excerpt text,
        created_at bigint not null,
        CONSTRAINT ${name('fk_activity_rejects_source')} FOREIGN KEY ("source_id") REFERENCES ${table('activity_sources')} ("id") on delete cascade
      )`,
    `create index ${name('ix_activity_rejects_source')} on ${table('activity_rejects')} (source_id)`,
    // Neither belongs to a file: another one may tell of the same event.
    `create table ${table('activity_deletions')} (
        ${native},
        deleted_at bigint not null,
        ${key('activity_deletions')}
      )`,
    `create table ${table('activity_outcomes')} (
        ${native},
        state varchar(255),
        payload text not null,
        ${key('activity_outcomes')}
      )`,
  ]
  const tables = ['activity_outcomes', 'activity_deletions', 'activity_rejects', 'activity_sources', 'activity_events']
  const down = tables.map((each) => `drop table ${table(each)}`)
  return { sqlite: { up, down }, postgres: { up, down } }
}

export const activity1763856000000: (names: MigrationNames) => new () => SqlMigration = (names) =>
  migrationClass('Activity1763856000000', activitySql(names))
