import type { SearchEntry } from '../../../domain/search-entry.js'
import { searchableText } from '../../../domain/searchable-text.js'
import type { SessionMessage } from '../../../domain/sessions/message.js'
import type { SearchSource } from '../search-entries.js'
import { type MessageRow, messageColumns, messageFromRow } from './message-rows.js'

/** What search finds of a message, which itself tells its place. */
export function messageEntry(
  message: Pick<SessionMessage, 'id' | 'createdAt' | 'content' | 'sessionId'>,
  actorName: string | null,
): SearchEntry {
  return {
    kind: 'message',
    owner: 'message',
    ownerId: message.id,
    anchor: null,
    at: message.createdAt,
    text: searchableText(message.content),
    sessionId: message.sessionId,
    actorName,
    projectIds: [],
  }
}

/** For writing the entries of stored messages anew. */
export const messageSource: SearchSource = {
  owner: 'message',
  table: 'messages',
  kind: "'message'",
  bytes: 'octet_length(content)',
  async read(database, ids) {
    const { messages, sessions } = database.tables
    // Held in the order in which sessions lose them, and their sessions not at all: who deletes one holds it first.
    const rows = await database.query<MessageRow & { actor_name: string }>(
      `select ${messageColumns}, (select actor_name from ${sessions} s where s.id = session_id) as actor_name
       from ${messages} where id in (${ids.map(() => '?').join(', ')}) order by id ${database.dialect.heldRows}`,
      ids,
    )
    return rows.map((row) => ({ ...messageEntry(messageFromRow(row), row.actor_name), namespace: row.namespace }))
  },
}
