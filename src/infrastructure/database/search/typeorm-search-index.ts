import type { JsonValue } from '../../../domain/canonical-json.js'
import type {
  FoundEntry,
  SearchHits,
  SearchIndex,
  SearchPlace,
  SearchRequest,
} from '../../../domain/search/search-index.js'
import { searchableText } from '../../../domain/searchable-text.js'
import type { Database } from '../database.js'
import { databaseRetry } from '../database-retry.js'

/** Longer texts are read one at a time. */
const longTextBytes = 256 * 1024

/** The full-text index of one namespace, on either database. */
export class TypeOrmSearchIndex implements SearchIndex {
  constructor(
    readonly database: Database,
    private readonly namespace: string,
  ) {}

  @databaseRetry()
  find(request: SearchRequest, limit: number, place?: SearchPlace): Promise<SearchHits> {
    return this.database.dialect.find(this.database, this.namespace, request, limit, place)
  }

  @databaseRetry()
  async load(ns: number[]): Promise<FoundEntry[]> {
    if (ns.length === 0) return []
    const marks = ns.map(() => '?').join(', ')
    const parameters = [longTextBytes, ...ns, this.namespace]
    const { searchEntries, messages, sessions, events } = this.database.tables
    const found = await this.database.query<FoundRow>(
      `select e.n, e.kind, m.id as ref, m.sequence, e.anchor, e.at, m.session_id, s.actor_name,
         case when octet_length(m.content) <= ? then m.content end as text
       from ${searchEntries} e join ${messages} m on m.id = e.message_id join ${sessions} s on s.id = m.session_id
       where e.n in (${marks}) and e.namespace = ? and s.staged_at is null
       union all
       select e.n, e.kind, v.id as ref, null, e.anchor, e.at, v.session_id, v.actor_name,
         case when octet_length(v.search_text) <= ? then v.search_text end
       from ${searchEntries} e join ${events} v on v.id = e.event_id
       where e.n in (${marks}) and e.namespace = ?`,
      [...parameters, ...parameters],
    )
    return found.map(foundEntry)
  }

  @databaseRetry()
  async text(n: number): Promise<string> {
    const { searchEntries, messages, events } = this.database.tables
    const [row] = await this.database.query<{ content: string | null; search_text: string | null }>(
      `select m.content, v.search_text from ${searchEntries} e left join ${messages} m on m.id = e.message_id
       left join ${events} v on v.id = e.event_id where e.n = ? and e.namespace = ?`,
      [n, this.namespace],
    )
    return row?.search_text ?? messageText(row?.content ?? null) ?? ''
  }
}

interface FoundRow {
  n: number | string
  kind: string
  ref: string
  sequence: number | null
  anchor: string | null
  at: number | string
  session_id: string | null
  actor_name: string | null
  text: string | null
}

function foundEntry(row: FoundRow): FoundEntry {
  const isMessage = row.sequence !== null
  return {
    n: Number(row.n),
    kind: row.kind,
    ref: row.ref,
    anchor: isMessage ? `${row.session_id}#${row.sequence}` : row.anchor || row.ref,
    time: new Date(Number(row.at)),
    sessionId: row.session_id,
    actorName: row.actor_name,
    text: isMessage ? messageText(row.text) : (row.text ?? undefined),
  }
}

/** What another program spoiled has no text, and is found all the same. */
function messageText(content: string | null): string | undefined {
  if (content === null) return undefined
  try {
    return searchableText(JSON.parse(content) as JsonValue)
  } catch {
    return ''
  }
}
