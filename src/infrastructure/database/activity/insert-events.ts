import type { NewEvent } from '../../../domain/activity/activity-repository.js'
import type { Database } from '../database.js'
import { insertRows } from '../insert-rows.js'
import { writeSearchEntries } from '../search-entries.js'
import { eventEntry } from './event-entries.js'
import { eventColumns, eventParameters, hiddenEventColumns } from './event-rows.js'

/** The one way by which events come into the store. One that an earlier try left there stays as it is. */
export async function insertEvents(transaction: Database, events: NewEvent[]): Promise<void> {
  const columns = `${eventColumns}, ${hiddenEventColumns}`
  const rows = events.map(eventParameters)
  await insertRows(transaction, transaction.tables.events, columns, rows, 'on conflict (id) do nothing')
  const entries = events.map(({ event, searchText }) => eventEntry(event, searchText))
  const [first] = events
  if (first) await writeSearchEntries(transaction, first.event.namespace, entries)
}
