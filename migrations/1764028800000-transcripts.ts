import { type MigrationNames, type MigrationSql, migrationClass, type SqlMigration } from './migration-sql.js'

/**
 * Transcripts of coding agents, as their sources tell them: every row is one source's word, and what
 * several sources say of one event, or of one response, stays side by side. Which of it counts follows
 * from all of it, so that it does not matter in which order the files were read.
 */
function transcriptsSql({ table, name }: MigrationNames): MigrationSql {
  const id = (of: string) => `id varchar(26) not null constraint ${name(`pk_${of}`)} primary key`
  const primary = (of: string, columns: string) => `constraint ${name(`pk_${of}`)} primary key (${columns})`
  const owned = (of: string, column: string, owner: string) =>
    `constraint ${name(`fk_${of}_${column}`)} foreign key (${column}_id) references ${table(owner)} (id) on delete cascade`
  const index = (of: string, columns: string, where = '') =>
    `create index ${name(`ix_${of}`)} on ${table(of.split('__')[0] ?? of)} (${columns})${where && ` where ${where}`}`
  const tables = (blob: string) => [
    `create table ${table('transcripts')} (
        ${id('transcripts')},
        namespace varchar(255) not null,
        uid varchar(320) not null,
        flavor varchar(64) not null,
        native_id varchar(255) not null,
        repo text,
        domain text,
        project text,
        cwd text,
        branch text,
        model text,
        title text,
        title_rank integer,
        task_ref text,
        parent_uid varchar(320),
        started_at bigint,
        ended_at bigint,
        outcome varchar(16) not null default 'unknown',
        outcome_confidence double precision not null default 0,
        outcome_source varchar(32) not null default 'none',
        input_tokens bigint not null default 0,
        cache_read_tokens bigint not null default 0,
        cache_write_tokens bigint not null default 0,
        output_tokens bigint not null default 0,
        tokens_uncertain integer not null default 0,
        wall_clock_ms bigint not null default 0,
        turns integer not null default 0,
        retries integer not null default 0,
        cost_nano_usd bigint,
        figures text not null default '{}',
        last_seq integer not null default 0,
        generation integer not null default 1,
        discovered_at bigint not null,
        ingested_at bigint,
        analyzed_at bigint,
        evicted_at bigint,
        hold_reason text,
        schema_version integer not null,
        redaction_version varchar(32),
        redactions text not null default '{}',
        digest text,
        digest_version integer,
        through_seq integer,
        is_trivial integer not null default 0,
        is_settled integer not null default 0,
        is_analyzed integer not null default 0,
        constraint ${name('uq_transcripts_uid')} unique (namespace, uid),
        constraint ${name('ck_transcripts_outcome')} check (outcome in ('success', 'fail', 'abandoned', 'unknown'))
      )`,
    index('transcripts__started', 'namespace, started_at, id'),
    index('transcripts__open', 'namespace, id', 'is_settled = 0 or is_analyzed = 0'),
    `create table ${table('transcript_sources')} (
        ${id('transcript_sources')},
        namespace varchar(255) not null,
        flavor varchar(64) not null,
        source_key varchar(64) not null,
        source_id text not null,
        path text not null,
        path_hash varchar(64) not null,
        source_rank varchar(64) not null,
        form varchar(32) not null,
        session_id varchar(255) not null,
        size bigint not null,
        mtime_ms bigint not null,
        position text,
        generation integer not null,
        is_pending integer not null,
        refusal text,
        last_error text,
        batch_id varchar(26) not null,
        updated_at bigint not null,
        constraint ${name('uq_transcript_sources_key')} unique (namespace, flavor, source_key)
      )`,
    index('transcript_sources__path', 'namespace, path_hash'),
    `create table ${table('transcript_links')} (
        source_id varchar(26) not null,
        transcript_id varchar(26) not null,
        namespace varchar(255) not null,
        counts text not null,
        redactions text not null,
        facts text not null,
        copied_from_uid varchar(320),
        own_from bigint not null default 0,
        ${primary('transcript_links', 'source_id, transcript_id')},
        ${owned('transcript_links', 'source', 'transcript_sources')},
        ${owned('transcript_links', 'transcript', 'transcripts')}
      )`,
    index('transcript_links__transcript', 'transcript_id'),
    index('transcript_links__copied', 'namespace, copied_from_uid', 'copied_from_uid is not null'),
    `create table ${table('transcript_turns')} (
        source_id varchar(26) not null,
        transcript_id varchar(26) not null,
        turn varchar(16) not null,
        is_copied integer not null,
        place bigint not null,
        ${primary('transcript_turns', 'source_id, transcript_id, turn, is_copied')},
        ${owned('transcript_turns', 'transcript', 'transcripts')}
      )`,
    index('transcript_turns__transcript', 'transcript_id, turn'),
    `create table ${table('transcript_events')} (
        ${id('transcript_events')},
        namespace varchar(255) not null,
        transcript_id varchar(26) not null,
        source_id varchar(26) not null,
        event_key varchar(16) not null,
        record_key varchar(16) not null,
        parent_key varchar(16),
        file bigint not null,
        place bigint not null,
        is_copied integer not null,
        seq integer,
        ts bigint,
        told_ts bigint,
        is_time_inherited integer not null,
        kind varchar(24) not null,
        role varchar(16) not null,
        tool text,
        tool_call_id text,
        message_key varchar(16),
        voice_of varchar(16),
        voice_rank integer,
        join_key varchar(16),
        summary text not null,
        body text,
        body_hash varchar(64),
        body_bytes integer not null,
        is_sidechain integer not null,
        is_error integer not null,
        told_error integer not null,
        constraint ${name('uq_transcript_events_key')} unique (source_id, transcript_id, event_key),
        ${owned('transcript_events', 'transcript', 'transcripts')}
      )`,
    index('transcript_events__seq', 'transcript_id, seq'),
    index('transcript_events__record', 'transcript_id, record_key'),
    index('transcript_events__body', 'namespace, body_hash', 'body_hash is not null'),
    `create table ${table('transcript_amendments')} (
        source_id varchar(26) not null,
        transcript_id varchar(26) not null,
        join_key varchar(16) not null,
        ts bigint,
        is_error integer not null,
        ${primary('transcript_amendments', 'source_id, transcript_id, join_key')},
        ${owned('transcript_amendments', 'transcript', 'transcripts')}
      )`,
    index('transcript_amendments__join', 'transcript_id, join_key'),
    `create table ${table('transcript_usages')} (
        namespace varchar(255) not null,
        source_id varchar(26) not null,
        transcript_id varchar(26) not null,
        usage_key varchar(16) not null,
        place bigint not null,
        is_copied integer not null,
        weight bigint not null,
        lesser_weight bigint not null,
        told_input bigint not null,
        told_cache_read bigint not null,
        told_cache_write bigint not null,
        told_output bigint not null,
        model text,
        at bigint,
        message_key varchar(16),
        is_replay integer not null,
        voice_of varchar(16),
        voice_rank integer,
        is_counted integer not null,
        input_tokens bigint not null,
        cache_read_tokens bigint not null,
        cache_write_tokens bigint not null,
        output_tokens bigint not null,
        ${primary('transcript_usages', 'source_id, transcript_id, usage_key')},
        ${owned('transcript_usages', 'transcript', 'transcripts')}
      )`,
    index('transcript_usages__key', 'namespace, usage_key'),
    index('transcript_usages__message', 'namespace, message_key', 'message_key is not null'),
    index('transcript_usages__transcript', 'transcript_id'),
    `create table ${table('transcript_bodies')} (
        namespace varchar(255) not null,
        sha256 varchar(64) not null,
        bytes integer not null,
        content ${blob} not null,
        ${primary('transcript_bodies', 'namespace, sha256')}
      )`,
    `create table ${table('transcript_errors')} (
        transcript_id varchar(26) not null,
        namespace varchar(255) not null,
        fingerprint varchar(16) not null,
        version integer not null,
        template text not null,
        sample text not null,
        tool text,
        count integer not null,
        first_at bigint,
        last_at bigint,
        was_passed integer not null,
        ${primary('transcript_errors', 'transcript_id, version, fingerprint')},
        ${owned('transcript_errors', 'transcript', 'transcripts')}
      )`,
    index('transcript_errors__fingerprint', 'namespace, fingerprint'),
    `create table ${table('redaction_keys')} (
        namespace varchar(255) not null constraint ${name('pk_redaction_keys')} primary key,
        secret varchar(64) not null
      )`,
    ...['transcript_event', 'transcript'].flatMap((owner) => [
      `alter table ${table('search_entries')} add column ${owner}_id varchar(26) constraint ${name(`fk_search_entries_${owner}_id`)} references ${table(`${owner}s`)} (id) on delete cascade`,
      `create unique index ${name(`uq_search_entries_${owner}_id`)} on ${table('search_entries')} (${owner}_id) where ${owner}_id is not null`,
    ]),
  ]
  const made = [
    'redaction_keys',
    ...'errors bodies usages amendments events turns links sources'.split(' ').map((each) => `transcript_${each}`),
    'transcripts',
  ]
  const indexes = ['transcript_event', 'transcript'].map(
    (owner) => `drop index ${table(`uq_search_entries_${owner}_id`)}`,
  )
  const dropped = ['transcript_event', 'transcript'].map(
    (owner) => `alter table ${table('search_entries')} drop column ${owner}_id`,
  )
  const orphans = `delete from ${table('search_entries')} where transcript_event_id is not null or transcript_id is not null`
  const down = [orphans, ...indexes, ...dropped, ...made.map((each) => `drop table ${table(each)}`)]
  return { sqlite: { up: tables('blob'), down }, postgres: { up: tables('bytea'), down } }
}

export const transcripts1764028800000: (names: MigrationNames) => new () => SqlMigration = (names) =>
  migrationClass('Transcripts1764028800000', transcriptsSql(names))
