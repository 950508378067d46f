import { type FindUnreadable, unreadableRows } from '../unreadable-rows.js'
import { type EventRow, isReadableEvent } from './event-rows.js'

/** What of the activity events cannot be read any more. */
export const unreadableEvents: FindUnreadable = async (database) => {
  const place: [string, string] = [database.tables.events, 'id, payload']
  const names = await unreadableRows<EventRow>(database, place, isReadableEvent, ({ id }) => id)
  return { of: 'activity events', names }
}
