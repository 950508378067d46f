import type { ActivityEvent } from '../../../domain/activity/activity-event.js'
import type { NewEvent } from '../../../domain/activity/activity-repository.js'
import type { RecordedEvent } from '../../../domain/activity/activity-service.js'
import { hashJson } from '../../../domain/canonical-json.js'
import { ConflictError } from '../../../domain/errors.js'
import type { Database } from '../database.js'
import { type EventKey, keyOf, ofEvents } from './event-keys.js'
import { type EventRow, eventColumns, eventFromRow } from './event-rows.js'
import { insertEvents } from './insert-events.js'

/** Writes the events that are new, and gives those that are there: all in the order given. */
export async function recordEvents(
  transaction: Database,
  namespace: string,
  events: NewEvent[],
): Promise<RecordedEvent[]> {
  const known = await knownEvents(
    transaction,
    namespace,
    events.map(({ event }) => event),
  )
  const fresh: NewEvent[] = []
  const recorded = events.map((draft) => {
    const { event } = draft
    const key = keyOf(event)
    const first = key === undefined ? undefined : known.get(key)
    if (first) return replayOf(first, draft)
    if (key !== undefined) known.set(key, event)
    fresh.push(draft)
    return Object.assign(event, { replayed: false })
  })
  await insertEvents(transaction, fresh)
  return recorded
}

/** What is recorded already under the native ids of the events, by `keyOf`. */
export async function knownEvents(
  transaction: Database,
  namespace: string,
  events: EventKey[],
): Promise<Map<string, ActivityEvent>> {
  const identified = events.filter(({ nativeId }) => nativeId !== null)
  const sql = `select ${eventColumns} from ${transaction.tables.events}`
  const rows = await ofEvents<EventRow>(transaction, namespace, sql, identified)
  return new Map(rows.map(eventFromRow).map((event) => [keyOf(event) ?? '', event]))
}

function replayOf(first: ActivityEvent, { event, hasOwnTs }: NewEvent): RecordedEvent {
  // A copy, since two of one call may be the same event. Its own id means that an earlier try wrote it.
  if (identityOf(first, hasOwnTs) === identityOf(event, hasOwnTs)) {
    return Object.assign(Object.create(Object.getPrototypeOf(first) as object), first, {
      replayed: first.id !== event.id,
    }) as RecordedEvent
  }
  const id = event.nativeId ?? ''
  const message = `The ${event.kind} event with native id ${JSON.stringify(id)} was recorded with another content. Use another native id for another event.`
  throw new ConflictError('IDEMPOTENCY_CONFLICT', { kind: 'native id', id }, message)
}

function identityOf(event: ActivityEvent, hasOwnTs: boolean): string {
  const { sessionId, issueId, projectId, actorName, path, name, state, retries, payload } = event
  const at = hasOwnTs ? event.ts.getTime() : null
  return hashJson([sessionId, issueId, projectId, actorName, path, name, state, retries, payload, at])
}
