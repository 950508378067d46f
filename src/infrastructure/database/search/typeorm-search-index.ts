import type {
  FoundEntry,
  SearchHit,
  SearchHits,
  SearchIndex,
  SearchPlace,
  SearchRequest,
} from '../../../domain/search/search-index.js'
import type { SearchPhrase } from '../../../domain/search/search-query.js'
import { namespaceCode } from '../../../domain/search/search-terms.js'
import type { Database } from '../database.js'
import { databaseRetry } from '../database-retry.js'
import type { FoundSource } from '../search-entries.js'
import { commonAmong } from './common-words.js'
import { foundMessage, longTextBytes, type MessageRow, messageColumns, messageText } from './message-hits.js'

/** The full-text index of one namespace, on either database. */
export class TypeOrmSearchIndex implements SearchIndex {
  constructor(
    readonly database: Database,
    private readonly namespace: string,
    private readonly others: readonly FoundSource[] = [],
  ) {}

  @databaseRetry()
  async common(phrases: SearchPhrase[]): Promise<SearchPhrase[]> {
    const code = namespaceCode(this.namespace)
    const expressionOf = (phrase: SearchPhrase) => this.database.dialect.phraseExpression(phrase, code)
    const common = await commonAmong(this.database, phrases.map(expressionOf))
    return phrases.filter((phrase) => common.has(expressionOf(phrase)))
  }

  @databaseRetry()
  find(request: SearchRequest, limit: number, place?: SearchPlace): Promise<SearchHits> {
    return this.database.dialect.find(this.database, this.namespace, request, limit, place)
  }

  @databaseRetry()
  async load(hits: SearchHit[]): Promise<FoundEntry[]> {
    const found = [...(await this.messages(hits)), ...(await this.events(hits))]
    for (const other of this.others) found.push(...(await this.foundBy(other, hits)))
    return found
  }

  @databaseRetry()
  async text(entry: Pick<FoundEntry, 'ref' | 'kind'>): Promise<string> {
    const other = this.others.find(({ kind }) => kind === entry.kind)
    if (other) return other.text(this.database, this.namespace, entry.ref)
    const { messages, events } = this.database.tables
    const [table, column] = entry.kind === 'message' ? [messages, 'content'] : [events, 'search_text']
    const [row] = await this.database.query<{ text: string }>(
      `select ${column} as text from ${table} where id = ? and namespace = ?`,
      [entry.ref, this.namespace],
    )
    return (entry.kind === 'message' ? messageText(row?.text ?? null) : row?.text) ?? ''
  }

  private async foundBy({ kind: owned, load }: FoundSource, hits: SearchHit[]): Promise<FoundEntry[]> {
    const byId = byOwner(hits, (kind) => kind === owned)
    const rows = byId.size === 0 ? [] : await load(this.database, [...byId.keys()])
    return rows.map(({ id, ...row }) => {
      const { n, kind, time } = byId.get(id) as SearchHit
      return { n, kind, time, actorName: null, ...row }
    })
  }

  /** Asked for by their ids alone: the planner would take longer over more tables than they are read in. */
  private async messages(hits: SearchHit[]): Promise<FoundEntry[]> {
    const byId = byOwner(hits, (kind) => kind === 'message')
    if (byId.size === 0) return []
    const { messages, sessions } = this.database.tables
    const rows = await this.database.query<MessageRow & { id: string }>(
      `select m.id, ${messageColumns} from ${messages} m join ${sessions} s on s.id = m.session_id
       where m.id in (${[...byId].map(() => '?').join(', ')}) and s.staged_at is null`,
      [...byId.keys()],
    )
    return rows.map((row) => foundMessage(row, row.id, byId.get(row.id) as SearchHit))
  }

  private async events(hits: SearchHit[]): Promise<FoundEntry[]> {
    const others = ['message', ...this.others.map(({ kind }) => kind)]
    const byId = byOwner(hits, (kind) => !others.includes(kind))
    if (byId.size === 0) return []
    const rows = await this.database.query<SourceRow>(
      `select id, session_id, actor_name, case when octet_length(search_text) <= ? then search_text end as text
       from ${this.database.tables.events} where id in (${[...byId].map(() => '?').join(', ')})`,
      [longTextBytes, ...byId.keys()],
    )
    return rows.map((row) => {
      const hit = byId.get(row.id) as SearchHit
      return { ...entryOf(row, hit), anchor: hit.anchor || row.id, text: row.text ?? undefined }
    })
  }
}

/** The hits of some kinds, by the ids of what they stand for. */
const byOwner = (hits: SearchHit[], isAsked: (kind: string) => boolean): Map<string, SearchHit> =>
  new Map(hits.flatMap((hit) => (hit.ownerId !== null && isAsked(hit.kind) ? [[hit.ownerId, hit]] : [])))

interface SourceRow {
  id: string
  session_id: string | null
  actor_name: string | null
  text: string | null
}

const entryOf = ({ id, session_id, actor_name }: SourceRow, { n, kind, time }: SearchHit) => ({
  n,
  kind,
  ref: id,
  time,
  sessionId: session_id,
  actorName: actor_name,
})
