import { EntitySchema } from 'typeorm'
import { ActivityEvent, ActivityReject, ActivitySource } from '../../../domain/activity/activity-event.js'
import { bigInteger, flag, idColumn, instant, integer, json, nullable, text } from '../columns.js'
import { type SchemaOptions, schemaNames } from '../schema-names.js'

/** The entity schemas of this capability; each call makes its own set. */
export function activitySchemas(options: SchemaOptions): EntitySchema[] {
  return [eventSchema(options), sourceSchema(options), rejectSchema(options), ...keptSchemas(options)] as EntitySchema[]
}

function eventSchema(options: SchemaOptions): EntitySchema<ActivityEvent> {
  const { base, check, index, name } = schemaNames(options)
  const carried = (indexName: string, property: string, column: string) =>
    index(`ix_activity_events_${indexName}`, ['namespace', property, 'ts', 'id'], `${column} is not null`)
  return new EntitySchema<ActivityEvent>({
    ...base('activity_events'),
    name: 'HansardActivityEvent',
    target: ActivityEvent,
    columns: {
      id: idColumn(name('pk_activity_events')),
      namespace: text('namespace', 255),
      kind: text('kind', 64),
      ts: instant('ts'),
      sessionId: nullable(text('session_id', 255)),
      issueId: nullable(text('issue_id', 255)),
      projectId: nullable(text('project_id', 255)),
      actorName: nullable(text('actor_name', 255)),
      path: nullable(text('path', 1024)),
      name: nullable(text('name', 255)),
      state: nullable(text('state', 255)),
      retries: nullable(integer('retries')),
      failed: flag('failed'),
      payload: json('payload'),
      // For search alone: no member of the class, and in no read through the ORM.
      searchText: { ...text('search_text'), select: false },
      recordedAt: instant('recorded_at'),
      nativeId: nullable(text('native_id', 255)),
      sourceId: nullable(text('source_id', 26)),
    } as never,
    uniques: [{ name: name('uq_activity_events_native'), columns: ['namespace', 'kind', 'nativeId'] }],
    checks: [
      check('ck_activity_events_failed', 'failed in (0, 1)'),
      check('ck_activity_events_path', "octet_length(coalesce(path, '')) <= 1800"),
      check('ck_activity_events_payload', 'octet_length(payload) <= 1048576'),
    ],
    indices: [
      index('ix_activity_events_ts', ['namespace', 'ts', 'id']),
      index('ix_activity_events_kind', ['namespace', 'kind', 'ts', 'id']),
      carried('session', 'sessionId', 'session_id'),
      carried('issue', 'issueId', 'issue_id'),
      carried('project', 'projectId', 'project_id'),
      carried('actor', 'actorName', 'actor_name'),
      carried('path', 'path', 'path'),
      carried('name', 'name', 'name'),
      carried('state', 'state', 'state'),
      index('ix_activity_events_source', ['sourceId'], 'source_id is not null'),
    ],
  })
}

function sourceSchema(options: SchemaOptions): EntitySchema<ActivitySource> {
  const { base, name } = schemaNames(options)
  return new EntitySchema<ActivitySource>({
    ...base('activity_sources'),
    name: 'HansardActivitySource',
    target: ActivitySource,
    columns: {
      id: idColumn(name('pk_activity_sources')),
      namespace: text('namespace', 255),
      kind: text('kind', 16),
      path: text('path'),
      pathHash: text('path_hash', 71),
      size: bigInteger('size'),
      mtimeMs: bigInteger('mtime_ms'),
      byteOffset: bigInteger('byte_offset'),
      lineCount: integer('line_count'),
      prefixHash: text('prefix_hash', 71),
      generation: integer('generation'),
      lastError: nullable(text('last_error')),
      updatedAt: instant('updated_at'),
    },
    uniques: [{ name: name('uq_activity_sources_path'), columns: ['namespace', 'kind', 'pathHash'] }],
  })
}

function rejectSchema(options: SchemaOptions): EntitySchema<ActivityReject> {
  const { base, index, name, owned } = schemaNames(options)
  return new EntitySchema<ActivityReject>({
    ...base('activity_rejects'),
    ...owned('activity_rejects', 'source', () => ActivitySource),
    name: 'HansardActivityReject',
    target: ActivityReject,
    columns: {
      id: idColumn(name('pk_activity_rejects')),
      namespace: text('namespace', 255),
      sourceId: text('source_id', 26),
      place: text('place', 64),
      reason: text('reason'),
      excerpt: nullable(text('excerpt')),
      createdAt: instant('created_at'),
    },
    indices: [index('ix_activity_rejects_source', ['sourceId'])],
  })
}

/** What is known of events that are not there: that they were deleted, or what became of them. */
function keptSchemas(options: SchemaOptions): EntitySchema[] {
  const { base, primary } = schemaNames(options)
  const native = (constraint: string) => ({
    namespace: primary(text('namespace', 255), constraint),
    kind: primary(text('kind', 64), constraint),
    nativeId: primary(text('native_id', 255), constraint),
  })
  const deletion = new EntitySchema({
    ...base('activity_deletions'),
    name: 'HansardActivityDeletion',
    columns: { ...native('pk_activity_deletions'), deletedAt: instant('deleted_at') },
  })
  const outcome = new EntitySchema({
    ...base('activity_outcomes'),
    name: 'HansardActivityOutcome',
    columns: {
      ...native('pk_activity_outcomes'),
      state: nullable(text('state', 255)),
      payload: json('payload'),
    },
  })
  return [deletion, outcome] as EntitySchema[]
}
