import type { JsonValue } from '../../../domain/canonical-json.js'
import type { FoundEntry, SearchHit } from '../../../domain/search/search-index.js'
import { searchableText } from '../../../domain/searchable-text.js'
import type { Tables } from '../tables.js'

/** Longer texts are read one at a time. */
export const longTextBytes = 256 * 1024

export interface MessageRow {
  session_id: string
  sequence: number
  actor_name: string
  /** JSON, as it is stored. */
  text: string | null
}

/** Of a message under the name `m` and its session under `s`. */
export const messageColumns = `m.session_id, m.sequence, s.actor_name,
  case when octet_length(m.content) <= ${longTextBytes} then m.content end as text`

/** The message of an entry `e`, if it stands for one that can be seen. */
export const joinedMessage = ({ messages, sessions }: Tables) =>
  `left join ${messages} m on m.id = e.message_id left join ${sessions} s on s.id = m.session_id and s.staged_at is null`

export function foundMessage(
  row: MessageRow,
  ref: string,
  { n, kind, time }: Pick<SearchHit, 'n' | 'kind' | 'time'>,
): FoundEntry {
  const { session_id: sessionId, sequence, actor_name: actorName, text } = row
  return { n, kind, ref, time, sessionId, actorName, anchor: `${sessionId}#${sequence}`, text: messageText(text) }
}

/** What another program spoiled has no text, and is found all the same. */
export function messageText(content: string | null): string | undefined {
  if (content === null) return undefined
  try {
    return searchableText(JSON.parse(content) as JsonValue)
  } catch {
    return ''
  }
}
