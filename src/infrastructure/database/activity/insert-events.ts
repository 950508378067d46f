import type { NewEvent } from '../../../domain/activity/activity-repository.js'
import type { Database } from '../database.js'
import { insertRows } from '../insert-rows.js'
import { writeSearchEntries } from '../search-entries.js'
import { eventEntry } from './event-entries.js'
import { eventColumns, eventParameters, hiddenEventColumns } from './event-rows.js'

/** The one way by which events come into the store. One that an earlier try left there stays as it is. */
export function insertEvents(transaction: Database, events: NewEvent[]): Promise<void> {
  return writeEvents(transaction, events, false)
}

/** Events that are there, in their own place: what search found before comes neither sooner nor later. */
export function reviseEvents(transaction: Database, events: NewEvent[]): Promise<void> {
  return writeEvents(transaction, events, true)
}

const columns = `${eventColumns}, ${hiddenEventColumns}`
const revision = columns
  .split(', ')
  .filter((column) => column !== 'id')
  .map((column) => `${column} = excluded.${column}`)

async function writeEvents(transaction: Database, events: NewEvent[], areThere: boolean): Promise<void> {
  const rows = events.map(eventParameters)
  const onConflict = areThere ? `do update set ${revision.join(', ')}` : 'do nothing'
  await insertRows(transaction, transaction.tables.events, columns, rows, `on conflict (id) ${onConflict}`)
  const entries = events.map(({ event, searchText }) => eventEntry(event, searchText))
  const [first] = events
  if (first) await writeSearchEntries(transaction, first.event.namespace, entries, areThere)
}
