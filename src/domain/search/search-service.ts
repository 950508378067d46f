import type { SearchRanking } from './search-index.js'

export interface SearchOptions {
  /** Only these: `message`, a kind of event, `transcript`, `digest`. */
  kinds?: string[]
  actorName?: string
  sessionId?: string
  projectId?: string
  /** At or after this instant, or the beginning of this day in UTC: a message's `createdAt`, an event's `ts`, the end of a digest's transcript. */
  since?: Date | string
  /** Before this instant. */
  until?: Date | string
  /** Halves the score of what is as old as this, in milliseconds; older ones lose more. Defaults to not at all. */
  recencyHalfLifeMs?: number
  /** 1 to 100. Defaults to 20. */
  limit?: number
  /** `nextCursor` of the page before, with the same query and filters. */
  cursor?: string
}

/** One entry that was found. */
export interface SearchItem {
  /** `message`, the kind of the event, `transcript` for an event of one, or `digest`. */
  kind: string
  /** The id of the message, of the event or, for a digest, of the transcript. */
  ref: string
  /** Where it stands: `<sessionId>#<sequence>` of a message, `<uid>#<seq>` in a transcript; of an event its file, issue, loop or session, else its id. */
  anchor: string
  /** An excerpt of at most 200 characters around the words that were found. */
  snippet: string
  /** Where those words stand in the snippet, `[from, to)` in UTF-16 units. */
  highlights: [start: number, end: number][]
  /** Higher is better; comparable within one search alone. */
  score: number
  time: Date
  sessionId: string | null
  actorName: string | null
}

export interface SearchPage {
  items: SearchItem[]
  /** Hand it in to go on; null when nothing follows. */
  nextCursor: string | null
  /**
   * `relevance`: the best first. `newest`: so much matches that it is not ranked, and the last recorded
   * comes first.
   */
  ranking: SearchRanking
  /** Nothing matched the query as it stands: these match some of its words. */
  relaxed: boolean
}

/** Full-text search over everything that is kept. */
export abstract class SearchService {
  /**
   * Finds what matches a query: words (all of them), `"phrases"`, OR, NOT or `-`, `prefix*` and
   * parentheses. Case and accents make no difference; Chinese, Japanese, Korean and Thai are found by
   * any part. What was written before the call is found by it. Pages after the first tell of what was
   * there when the first was read, in the order of the moment.
   *
   * @throws {InvalidInputError} SEARCH_QUERY_INVALID, CURSOR_INVALID
   * @example
   * const { items } = await hansard.search('deploy* ("rolled back" OR failed) -staging', { limit: 5 })
   */
  abstract search(query: string, options?: SearchOptions): Promise<SearchPage>
}

export interface ReindexOptions {
  /** Told after every batch how many messages, events and texts of transcripts were gone through, and how many there are. */
  onProgress?: (done: number, total: number) => void
}

export interface ReindexReport {
  /** Entries that were written anew. */
  entries: number
}
