import type { ActivityEvent } from '../../../domain/activity/activity-event.js'
import type { NewEvent } from '../../../domain/activity/activity-repository.js'
import { revisedEvent } from '../../../domain/activity/revised-event.js'
import { isBefore, isSameEvent, toldEvent } from '../../../domain/activity/told-event.js'
import type { Clock } from '../../../domain/clock.js'
import type { IdFactory } from '../../../domain/ids.js'
import type { ToldActivity } from '../../../domain/told-activity.js'
import type { ActivityFeed } from '../activity-feed.js'
import type { Database } from '../database.js'
import { deleteEvents, holdBackfills } from '../delete-events.js'
import { keyOf } from './event-keys.js'
import { insertEvents, reviseEvents } from './insert-events.js'
import { deletedAmong } from './kept-of-events.js'
import { knownEvents } from './record-events.js'

interface FeedParts {
  namespace: string
  clock: Clock
  newId: IdFactory
}

const deletedAtOnce = 500

/** Events of transcripts are what these tell now: theirs alone change, and go, with them. */
export function activityFeed(parts: FeedParts): ActivityFeed {
  return async (transaction, transcriptIds, told, onlyRevises = false) => {
    await holdBackfills(transaction, parts.namespace)
    const before = await eventsOf(transaction, transcriptIds)
    for await (const batch of told) {
      await feed(transaction, parts, onlyRevises ? batch.filter((each) => before.has(keyIn(each))) : batch)
      for (const each of batch) before.delete(keyIn(each))
    }
    const gone = [...before.values()]
    for (let start = 0; start < gone.length; start += deletedAtOnce) {
      const ids = gone.slice(start, start + deletedAtOnce).map(({ id }) => id)
      await deleteEvents(transaction, [`id in (${marks(ids)})`, ...ids])
    }
    return gone.map(({ native_id }) => native_id)
  }
}

interface OwnRow {
  id: string
  kind: string
  native_id: string
  source_id: string
}

/** Named with its transcript: another one may tell of the same event. */
const keyIn = ({ transcriptId, kind, nativeId }: Pick<ToldActivity, 'transcriptId' | 'nativeId'> & { kind: string }) =>
  JSON.stringify([transcriptId, kind, nativeId])

async function eventsOf(transaction: Database, transcriptIds: string[]): Promise<Map<string, OwnRow>> {
  if (transcriptIds.length === 0) return new Map()
  const rows = await transaction.query<OwnRow>(
    `select id, kind, native_id, source_id from ${transaction.tables.events} where source_id in (${marks(transcriptIds)})`,
    transcriptIds,
  )
  return new Map(
    rows.map((row) => [keyIn({ transcriptId: row.source_id, kind: row.kind, nativeId: row.native_id }), row]),
  )
}

async function feed(
  transaction: Database,
  { namespace, clock, newId }: FeedParts,
  batch: ToldActivity[],
): Promise<void> {
  const known = await knownEvents(transaction, namespace, batch)
  const unknown = batch.filter((each) => !known.has(keyOf(each) ?? ''))
  const deleted = await deletedAmong(transaction, namespace, unknown)
  const fresh = new Map<string, NewEvent>()
  const revised = new Map<string, NewEvent>()
  for (const told of batch) {
    const key = keyOf(told) ?? ''
    if (deleted.has(key)) continue
    const at = known.has(key) ? revised : fresh
    const first = at.get(key)?.event ?? known.get(key)
    const next = first ? nextOf(first, told) : toldEvent(told, { id: newId(), namespace, recordedAt: clock() })
    if (next) at.set(key, next)
  }
  await insertEvents(transaction, [...fresh.values()])
  await reviseEvents(transaction, [...revised.values()])
}

/**
 * What becomes of an event that is there: not of what a caller recorded. Of what a backfill read of the
 * same session only what it did not say is added.
 */
function nextOf(first: ActivityEvent, told: ToldActivity): NewEvent | undefined {
  if (first.sourceId === null) return undefined
  const event = toldEvent(told, first)
  const isOwn = first.sourceId === told.transcriptId
  if (first.sessionId === told.sessionId && !isOwn) return revisedEvent(first, { event })
  if (!isOwn && !isBefore(event.event, first)) return undefined
  return isSameEvent(event.event, first) ? undefined : event
}

const marks = (values: unknown[]) => values.map(() => '?').join(', ')
