import type { ActivityEvent } from '../../../domain/activity/activity-event.js'
import { isEventKind, rulesOf } from '../../../domain/activity/event-kinds.js'
import type { SearchEntry } from '../../../domain/search-entry.js'
import type { SearchSource } from '../search-entries.js'
import { type EventRow, eventColumns, eventFromRow } from './event-rows.js'

/** What search finds of an event, and where it sends the reader. */
export function eventEntry(event: ActivityEvent, searchText: string): SearchEntry {
  return {
    kind: event.kind,
    owner: 'event',
    ownerId: event.id,
    anchor: rulesOf(isEventKind(event.kind) ? event.kind : 'custom').anchor(event),
    at: event.ts,
    text: searchText,
    sessionId: event.sessionId,
    actorName: event.actorName,
    projectIds: event.projectId === null ? [] : [event.projectId],
  }
}

/** For writing the entries of stored events anew. */
export const eventSource: SearchSource = {
  owner: 'event',
  table: 'events',
  kind: 'kind',
  bytes: 'octet_length(search_text)',
  async read(database, ids) {
    const rows = await database.query<EventRow & { search_text: string }>(
      `select ${eventColumns}, search_text from ${database.tables.events}
       where id in (${ids.map(() => '?').join(', ')}) order by id ${database.dialect.heldRows}`,
      ids,
    )
    return rows.map((row) => ({ ...eventEntry(eventFromRow(row), row.search_text), namespace: row.namespace }))
  },
}
