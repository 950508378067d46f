import { EntitySchema, type EntitySchemaColumnOptions } from 'typeorm'
import { idColumn } from '../columns.js'
import { type SchemaOptions, schemaNames } from '../schema-names.js'

interface Table {
  /** `name type`, with `C` behind one that Postgres compares byte by byte, `?` where it may be null, a default behind `=`. */
  columns: string
  /** Of what the primary key is, where that is no id. */
  primary?: string
  /** Whose rows these go with. */
  owners?: Record<string, string>
  /** Columns, and where they are indexed; by the last part of the index's name. */
  indexes?: Record<string, [columns: string, where?: string]>
  /** Columns of indexes that are on an expression as well: an entity cannot say that, and leaves them alone. */
  expressions?: Record<string, string>
  unique?: [name: string, columns: string]
  check?: [name: string, expression: string]
}

const ofSource = { source: 'transcript_sources', transcript: 'transcripts' }
const ofTranscript = { transcript: 'transcripts' }

/**
 * The tables as the migrations make them, for a host's tools: we read and write rows by SQL of our own.
 * Bodies are left out: bytes have a type of another name on either database, which one schema cannot say.
 */
const tables: Record<string, Table> = {
  transcripts: {
    columns: `namespace varchar(255), uid varchar(320) C, flavor varchar(64), native_id varchar(255), repo text?, domain text?,
      project text?, cwd text?, branch text?, model text?, title text?, title_rank integer?, task_ref text?,
      parent_uid varchar(320) C?, started_at bigint?, ended_at bigint?, outcome varchar(16)=unknown,
      outcome_confidence double precision=0, outcome_source varchar(32)=none, input_tokens bigint=0,
      cache_read_tokens bigint=0, cache_write_tokens bigint=0, output_tokens bigint=0, tokens_uncertain integer=0,
      wall_clock_ms bigint=0, turns integer=0, retries integer=0, cost_nano_usd bigint?, unpriced_responses integer=0, valued_by varchar(16)?, figures text={},
      last_seq integer=0, generation integer=1, discovered_at bigint, ingested_at bigint?, analyzed_at bigint?,
      evicted_at bigint?, hold_reason text?, text_bytes bigint=0, has_evicted integer=0, evicted_digest text?, schema_version integer, redaction_version varchar(32)?, redactions text={},
      digest text?, digest_version integer?, through_seq integer?, is_trivial integer=0, is_settled integer=0,
      is_analyzed integer=0, is_fed integer=1`,
    expressions: { started: 'namespace id' },
    indexes: {
      valued: ['namespace valued_by'],
      analyzed: ['namespace analyzed_at id', 'evicted_at is null'],
      digest: ['namespace digest_version id', 'has_evicted = 0'],
      unsettled: ['namespace id', 'is_settled = 0'],
      unanalyzed: ['namespace id', 'is_settled = 1 and is_analyzed = 0'],
    },
    unique: ['uid', 'namespace uid'],
    check: ['outcome', "outcome in ('success', 'fail', 'abandoned', 'unknown')"],
  },
  transcript_sources: {
    columns: `namespace varchar(255), flavor varchar(64), source_key varchar(64), source_id text, path text,
      path_hash varchar(64), source_rank varchar(64), form varchar(32), session_id varchar(255), size bigint,
      mtime_ms bigint, position text?, generation integer, is_pending integer, refusal text?, last_error text?,
      batch_id varchar(26), updated_at bigint`,
    indexes: { path: ['namespace path_hash'], session: ['namespace flavor session_id'] },
    unique: ['key', 'namespace flavor source_key'],
  },
  transcript_links: {
    primary: 'source_id transcript_id',
    owners: ofSource,
    columns: `source_id varchar(26), transcript_id varchar(26), namespace varchar(255), counts text,
      records_hash varchar(16), redactions text,
      facts text, copied_from_uid varchar(320) C?, own_from bigint=0`,
    indexes: {
      transcript: ['transcript_id'],
      copied: ['namespace copied_from_uid', 'copied_from_uid is not null'],
    },
  },
  transcript_turns: {
    primary: 'source_id transcript_id turn is_copied',
    owners: ofTranscript,
    columns: 'source_id varchar(26), transcript_id varchar(26), turn varchar(16), is_copied integer, place bigint',
    indexes: { transcript: ['transcript_id turn'] },
  },
  transcript_events: {
    owners: ofTranscript,
    columns: `namespace varchar(255), transcript_id varchar(26), source_id varchar(26), event_key varchar(16),
      record_key varchar(16), parent_key varchar(16)?, file bigint, place bigint, is_copied integer, seq integer?,
      ts bigint?, told_ts bigint?, is_time_inherited integer, kind varchar(24), role varchar(16), tool text?,
      tool_call_id text?, message_key varchar(16)?, voice_of varchar(16)?, voice_rank integer?, join_key varchar(16)?,
      summary text, body text?, body_hash varchar(64)?, body_bytes integer, is_sidechain integer, is_error integer,
      told_error integer, activity text?, is_evicted integer=0`,
    indexes: {
      seq: ['transcript_id seq'],
      record: ['transcript_id record_key'],
      body: ['namespace body_hash', 'body_hash is not null'],
      call: ['namespace tool_call_id', "role = 'assistant' and octet_length(tool_call_id) between 20 and 1000"],
      correction: ['namespace event_key', "kind = 'human_intervention'"],
    },
    unique: ['key', 'source_id transcript_id event_key'],
  },
  transcript_evictions: {
    primary: 'transcript_id event_key',
    owners: ofTranscript,
    columns: 'transcript_id varchar(26), event_key varchar(16)',
  },
  transcript_amendments: {
    primary: 'source_id transcript_id join_key',
    owners: ofTranscript,
    columns: 'source_id varchar(26), transcript_id varchar(26), join_key varchar(16), ts bigint?, is_error integer',
    indexes: { join: ['transcript_id join_key'] },
  },
  transcript_usages: {
    primary: 'source_id transcript_id usage_key',
    owners: ofTranscript,
    columns: `namespace varchar(255), source_id varchar(26), transcript_id varchar(26), usage_key varchar(16),
      place bigint, is_copied integer, weight bigint, lesser_weight bigint, told_input bigint, told_cache_read bigint,
      told_cache_write bigint, told_output bigint, model text?, at bigint?, message_key varchar(16)?, is_replay integer,
      voice_of varchar(16)?, voice_rank integer?, is_counted integer, event_seq integer?, input_tokens bigint, cache_read_tokens bigint,
      cache_write_tokens bigint, output_tokens bigint`,
    indexes: {
      key: ['namespace usage_key'],
      message: ['namespace message_key', 'message_key is not null'],
      transcript: ['transcript_id event_seq'],
      at: ['namespace at', 'is_counted = 1'],
    },
  },
  transcript_errors: {
    primary: 'transcript_id version fingerprint',
    owners: ofTranscript,
    columns: `transcript_id varchar(26), namespace varchar(255), fingerprint varchar(16), version integer, template text,
      sample text, tool text?, count integer, first_at bigint?, last_at bigint?, was_passed integer`,
    indexes: { fingerprint: ['namespace fingerprint'] },
  },
  redaction_keys: { primary: 'namespace', columns: 'namespace varchar(255), secret varchar(64)' },
}

/** The entity schemas of this capability; each call makes its own set. */
export function transcriptSchemas(options: SchemaOptions): EntitySchema[] {
  return Object.keys(tables).map((table) => schemaOf(table, options))
}

function schemaOf(table: string, options: SchemaOptions): EntitySchema {
  const { columns, primary, owners = {}, indexes = {}, expressions = {}, unique, check } = tables[table] as Table
  const { base, name, ...names } = schemaNames(options)
  const nameOf = (index: string) => `ix_${table}_${index}`
  const keys = primary?.split(' ') ?? []
  const asKey = (column: string, is: EntitySchemaColumnOptions) =>
    keys.includes(column) ? names.primary(is, `pk_${table}`) : is
  const all = columns.split(',').map((column) => columnOf(column.trim()))
  return new EntitySchema({
    ...base(table),
    name: entityName(table),
    columns: {
      ...(primary === undefined && { id: idColumn(name(`pk_${table}`)) }),
      ...Object.fromEntries(all.map(([column, is]) => [column, asKey(column, is)])),
    },
    foreignKeys: Object.entries(owners).flatMap(([owner, of]) =>
      names.owned(table, owner, () => undefined).foreignKeys.map((key) => ({ ...key, target: entityName(of) })),
    ),
    indices: [
      ...Object.entries(indexes).map(([index, [on, where]]) => names.index(nameOf(index), on.split(' '), where)),
      ...Object.entries(expressions).map(([index, on]) => ({
        ...names.index(nameOf(index), on.split(' ')),
        synchronize: false as const,
      })),
    ],
    uniques: unique ? [{ name: name(`uq_${table}_${unique[0]}`), columns: unique[1].split(' ') }] : [],
    checks: check ? [names.check(`ck_${table}_${check[0]}`, check[1])] : [],
  })
}

const entityName = (table: string) =>
  `Hansard${table.replace(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase())}`

const columnForm = /^(\w+) ([a-z ]+)(?:\((\d+)\))?(?: (C))?(\?)?(?:=(.+))?$/

function columnOf(text: string): [string, EntitySchemaColumnOptions] {
  const [, column = '', type = '', length, collation, isNullable, preset] = columnForm.exec(text) ?? []
  const value = preset !== undefined && /^\d+$/.test(preset) ? Number(preset) : preset
  return [
    column,
    {
      ...{ type: type as never, length, nullable: isNullable !== undefined },
      ...(value !== undefined && { default: value }),
      ...(collation !== undefined && { collation }),
    },
  ]
}
