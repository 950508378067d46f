import { type MigrationNames, type MigrationSql, migrationClass, type SqlMigration } from './migration-sql.js'
import { transcriptEventTables, transcriptNames } from './transcript-event-tables.js'

/**
 * Transcripts of coding agents, as their sources tell them: every row is one source's word, and what
 * several sources say of one event, or of one response, stays side by side. Which of it counts follows
 * from all of it, so that it does not matter in which order the files were read; where uids decide, they are
 * compared byte by byte on either database, whatever the locale. For the capitals see the first step.
 */
function transcriptsSql({ table, name }: MigrationNames): MigrationSql {
  const { id, primary, owned, index } = transcriptNames({ table, name })
  const tables = (blob: string, bytewise = '') => [
    `create table ${table('transcripts')} (
        ${id('transcripts')},
        namespace varchar(255) not null,
        uid varchar(320)${bytewise} not null,
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
        parent_uid varchar(320)${bytewise},
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
        unpriced_responses integer not null default 0,
        valued_by varchar(16),
        figures text not null default '{}',
        last_seq integer not null default 0,
        generation integer not null default 1,
        discovered_at bigint not null,
        ingested_at bigint,
        analyzed_at bigint,
        evicted_at bigint,
        hold_reason text,
        text_bytes bigint not null default 0,
        has_evicted integer not null default 0,
        evicted_digest text,
        schema_version integer not null,
        redaction_version varchar(32),
        redactions text not null default '{}',
        digest text,
        digest_version integer,
        through_seq integer,
        is_trivial integer not null default 0,
        is_settled integer not null default 0,
        is_analyzed integer not null default 0,
        is_fed integer not null default 1,
        CONSTRAINT ${name('ck_transcripts_outcome')} CHECK (outcome in ('success', 'fail', 'abandoned', 'unknown')),
        CONSTRAINT ${name('uq_transcripts_uid')} UNIQUE ("namespace", "uid")
      )`,
    index('transcripts__started', 'namespace, coalesce(started_at, 0), id'),
    index('transcripts__valued', 'namespace, valued_by'),
    index('transcripts__unsettled', 'namespace, id', 'is_settled = 0'),
    index('transcripts__unanalyzed', 'namespace, id', 'is_settled = 1 and is_analyzed = 0'),
    index('transcripts__digest', 'namespace, digest_version, id', 'has_evicted = 0'),
    index('transcripts__analyzed', 'namespace, analyzed_at, id', 'evicted_at is null'),
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
        CONSTRAINT ${name('uq_transcript_sources_key')} UNIQUE ("namespace", "flavor", "source_key")
      )`,
    index('transcript_sources__path', 'namespace, path_hash'),
    index('transcript_sources__session', 'namespace, flavor, session_id'),
    `create table ${table('transcript_links')} (
        source_id varchar(26) not null,
        transcript_id varchar(26) not null,
        namespace varchar(255) not null,
        counts text not null,
        records_hash varchar(16) not null,
        redactions text not null,
        facts text not null,
        copied_from_uid varchar(320)${bytewise},
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
    ...transcriptEventTables({ table, name }, blob),
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
    ...'errors bodies usages amendments evictions events turns links sources'
      .split(' ')
      .map((each) => `transcript_${each}`),
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
  return { sqlite: { up: tables('blob'), down }, postgres: { up: tables('bytea', ' collate "C"'), down } }
}

export const transcripts1764028800000: (names: MigrationNames) => new () => SqlMigration = (names) =>
  migrationClass('Transcripts1764028800000', transcriptsSql(names))
