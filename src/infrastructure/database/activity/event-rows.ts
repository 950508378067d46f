import { ActivityEvent } from '../../../domain/activity/activity-event.js'
import type { NewEvent } from '../../../domain/activity/activity-repository.js'
import type { JsonObject, JsonValue } from '../../../domain/canonical-json.js'
import { StorageError } from '../../../domain/errors.js'

export const eventColumns =
  'id, namespace, kind, ts, session_id, issue_id, project_id, actor_name, path, name, state, retries, failed, payload, recorded_at, native_id, source_id'
/** Derived, and no part of what is read. */
export const hiddenEventColumns = 'search_text'

export interface EventRow {
  id: string
  namespace: string
  kind: string
  ts: number | string
  session_id: string | null
  issue_id: string | null
  project_id: string | null
  actor_name: string | null
  path: string | null
  name: string | null
  state: string | null
  retries: number | null
  failed: number
  payload: string
  recorded_at: number | string
  native_id: string | null
  source_id: string | null
}

/** @throws {StorageError} STORAGE_FAILED: another program wrote something else than we would read */
export function eventFromRow(row: EventRow): ActivityEvent {
  const event = new ActivityEvent()
  event.id = row.id
  event.namespace = row.namespace
  event.kind = row.kind
  event.ts = new Date(Number(row.ts))
  event.sessionId = row.session_id
  event.issueId = row.issue_id
  event.projectId = row.project_id
  event.actorName = row.actor_name
  event.path = row.path
  event.name = row.name
  event.state = row.state
  event.retries = row.retries
  event.failed = row.failed === 1
  event.payload = payloadOf(row)
  event.recordedAt = new Date(Number(row.recorded_at))
  event.nativeId = row.native_id
  event.sourceId = row.source_id
  return event
}

/** Whether `eventFromRow` reads it. */
export function isReadableEvent({ payload }: Pick<EventRow, 'payload'>): boolean {
  return parsedObject(payload) !== undefined
}

function payloadOf({ id, payload }: EventRow): JsonObject {
  const value = parsedObject(payload)
  if (value) return value
  const message = `The payload of activity event "${id}" is not a JSON object any more. Something other than Hansard wrote it: restore it from a backup, or delete the event; "hansard doctor" finds all such rows.`
  throw new StorageError('STORAGE_FAILED', message)
}

function parsedObject(text: string): JsonObject | undefined {
  try {
    const value = JSON.parse(text) as JsonValue
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}

export function eventParameters({ event, payloadText, searchText }: NewEvent): unknown[] {
  return [
    event.id,
    event.namespace,
    event.kind,
    event.ts.getTime(),
    event.sessionId,
    event.issueId,
    event.projectId,
    event.actorName,
    event.path,
    event.name,
    event.state,
    event.retries,
    event.failed ? 1 : 0,
    payloadText,
    event.recordedAt.getTime(),
    event.nativeId,
    event.sourceId,
    searchText,
  ]
}
