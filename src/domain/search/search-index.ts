import type { SearchPhrase, SearchQuery } from './search-query.js'
import type { Scope } from './search-terms.js'

/** `relevance`: the best first. `newest`: the last recorded first, since ranking so many would take long. */
export type SearchRanking = 'relevance' | 'newest'

export interface SearchRequest {
  query: SearchQuery
  /** Of each scope any one of the values. */
  scopes: Partial<Record<Scope, string[]>>
  /** First by how many of the wanted phrases an entry has, for a query that asks for any of them. */
  byCoverage?: boolean
  since?: Date
  until?: Date
  /** Halves an entry's score when it is as old as this, counted from `now`. */
  recency?: { halfLifeMs: number; now: Date }
}

/** Where a page begins: after so many of the ranked, or before this number of the newest. */
export interface SearchPlace {
  ranking: SearchRanking
  after: number
  /** Only entries up to this number: those that were there when the first page was read. */
  upTo: number
}

export interface SearchHits {
  /** Where these began: given by the first page, the same for all that follow. */
  ranking: SearchRanking
  upTo: number
  hits: SearchHit[]
}

export interface SearchHit {
  /** The entry's number, ascending in the order of recording. */
  n: number
  /** Higher is better. */
  score: number
  kind: string
  /** The row that it stands for, by its kind a message, an event or one of a transcript; null when the entry is gone. */
  ownerId: string | null
  anchor: string | null
  time: Date
  /** What it stands for, where that was read along; else it is to be loaded. */
  entry?: FoundEntry
}

/** What a hit stands for. */
export interface FoundEntry {
  n: number
  kind: string
  /** The id of the message or event; of a digest the uid of its transcript. */
  ref: string
  anchor: string
  time: Date
  sessionId: string | null
  actorName: string | null
  /** What was searched; undefined when it is so long that it is to be read by itself. */
  text?: string
}

/** The full-text index of one namespace. */
export interface SearchIndex {
  /** Of these those that so many entries have that they tell nothing. */
  common(phrases: SearchPhrase[]): Promise<SearchPhrase[]>
  /** Hits from a place on, or from the beginning; at most `limit`. */
  find(request: SearchRequest, limit: number, place?: SearchPlace): Promise<SearchHits>
  /** What can be seen of these entries now, in no order: not what was deleted since, nor what is only staged. */
  load(hits: SearchHit[]): Promise<FoundEntry[]>
  /** The text of one entry, however long. */
  text(entry: Pick<FoundEntry, 'kind' | 'ref'>): Promise<string>
}
