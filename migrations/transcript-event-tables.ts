import type { MigrationNames } from './migration-sql.js'

/** How the tables of transcripts name their keys and indexes. */
export function transcriptNames({ table, name }: MigrationNames) {
  const id = (of: string) => `id varchar(26) not null constraint ${name(`pk_${of}`)} primary key`
  const primary = (of: string, columns: string) => `constraint ${name(`pk_${of}`)} primary key (${columns})`
  const owned = (of: string, column: string, owner: string) =>
    `CONSTRAINT ${name(`fk_${of}_${column}`)} FOREIGN KEY ("${column}_id") REFERENCES ${table(owner)} ("id") on delete cascade`
  const index = (of: string, columns: string, where = '') =>
    `create index ${name(`ix_${of.replace('__', '_')}`)} on ${table(of.split('__')[0] ?? of)} (${columns})${where && ` WHERE ${where}`}`
  return { id, primary, owned, index }
}

/** What sources tell of events and responses, and what is made of it: a part of the step that makes transcripts. */
export function transcriptEventTables({ table, name }: MigrationNames, blob: string): string[] {
  const { id, primary, owned, index } = transcriptNames({ table, name })
  return [
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
        activity text,
        is_evicted integer not null default 0,
        CONSTRAINT ${name('uq_transcript_events_key')} UNIQUE ("source_id", "transcript_id", "event_key"),
        ${owned('transcript_events', 'transcript', 'transcripts')}
      )`,
    index('transcript_events__seq', 'transcript_id, seq'),
    index('transcript_events__record', 'transcript_id, record_key'),
    index('transcript_events__body', 'namespace, body_hash', 'body_hash is not null'),
    // A call goes by its id in every session where that is long enough, and by its hash where it is too long.
    index(
      'transcript_events__call',
      'namespace, tool_call_id',
      "role = 'assistant' and octet_length(tool_call_id) between 20 and 1000",
    ),
    index('transcript_events__correction', 'namespace, event_key', "kind = 'human_intervention'"),
    `create table ${table('transcript_evictions')} (
        transcript_id varchar(26) not null,
        event_key varchar(16) not null,
        ${primary('transcript_evictions', 'transcript_id, event_key')},
        ${owned('transcript_evictions', 'transcript', 'transcripts')}
      )`,
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
        event_seq integer,
        input_tokens bigint not null,
        cache_read_tokens bigint not null,
        cache_write_tokens bigint not null,
        output_tokens bigint not null,
        ${primary('transcript_usages', 'source_id, transcript_id, usage_key')},
        ${owned('transcript_usages', 'transcript', 'transcripts')}
      )`,
    index('transcript_usages__key', 'namespace, usage_key'),
    index('transcript_usages__message', 'namespace, message_key', 'message_key is not null'),
    index('transcript_usages__transcript', 'transcript_id, event_seq'),
    index('transcript_usages__at', 'namespace, at', 'is_counted = 1'),
    `create table ${table('transcript_bodies')} (
        namespace varchar(255) not null,
        sha256 varchar(64) not null,
        bytes integer not null,
        stored_bytes integer not null,
        content ${blob},
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
  ]
}
