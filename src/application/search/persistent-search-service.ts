import type { Clock } from '../../domain/clock.js'
import { InvalidInputError } from '../../domain/errors.js'
import type {
  FoundEntry,
  SearchHit,
  SearchIndex,
  SearchPlace,
  SearchRequest,
} from '../../domain/search/search-index.js'
import { looseQuery, parseSearchQuery, type SearchQuery } from '../../domain/search/search-query.js'
import {
  type SearchItem,
  type SearchOptions,
  type SearchPage,
  SearchService,
} from '../../domain/search/search-service.js'
import { snippet } from '../../domain/search/search-snippet.js'
import { accepted, type OpenCalls } from '../open-calls.js'
import { validated } from '../validated.js'
import { decodePosition, encodePosition, type SearchPosition, searchFingerprint } from './search-cursor.js'
import { SearchFields } from './search-inputs.js'

const maxHits = 10_000
/** Entries whose texts are in memory at a time: one more than the largest page. */
const maxLoaded = 101

export interface SearchServiceParts {
  index: SearchIndex
  namespace: string
  /** Every kind that can be asked for. */
  kinds: readonly string[]
  clock: Clock
  calls: OpenCalls
}

/** Search through the index: strict first, then by any of the words; pages that are full until the last. */
export class PersistentSearchService extends SearchService {
  constructor(readonly parts: SearchServiceParts) {
    super()
  }

  @accepted()
  async search(query: string, plain: SearchOptions = {}): Promise<SearchPage> {
    const options = validated(SearchFields, plain, 'options')
    this.assertKinds(options.kinds)
    const strict = parseSearchQuery(query)
    const fingerprint = searchFingerprint(this.parts.namespace, query, options)
    const position = options.cursor === undefined ? undefined : decodePosition(options.cursor, fingerprint)
    if (!strict) return { items: [], nextCursor: null, ranking: 'relevance', relaxed: false }
    const loose = looseQuery(strict)
    const isRelaxed = position?.relaxed === true && loose !== undefined
    const page = await this.page(isRelaxed ? loose : strict, options, position)
    if (page.items.length > 0 || position || !loose) return finished(page, isRelaxed, fingerprint)
    return finished(await this.page(loose, options), true, fingerprint)
  }

  /** Hits of entries that cannot be seen are passed over until the page is full. */
  private async page(query: SearchQuery, options: SearchFields, from?: SearchPosition): Promise<Found> {
    const { limit = 20 } = options
    const now = from ? new Date(from.now) : this.parts.clock()
    const request = searchRequest(query, options, now)
    const { ranking, upTo, after } = from ?? { ranking: 'relevance', upTo: 0, after: 0 }
    const found: Found = { items: [], ranking, upTo, after, now: now.getTime() }
    let place: SearchPlace | undefined = from
    // More each time: where a large import is under way, thousands in a row may be passed over.
    for (let wanted = limit + 1; ; wanted = Math.min(4 * wanted, maxHits)) {
      const { hits, ranking, upTo } = await this.parts.index.find(request, wanted, place)
      Object.assign(found, { ranking, upTo })
      const isFull = await this.take(hits, query, found, limit)
      if (isFull || hits.length < wanted) return { ...found, hasMore: isFull }
      place = { ranking, upTo, after: found.after }
    }
  }

  /** Whether there was one more than the page holds. */
  private async take(hits: SearchHit[], query: SearchQuery, found: Found, limit: number): Promise<boolean> {
    for (let start = 0; start < hits.length; start += maxLoaded) {
      const batch = hits.slice(start, start + maxLoaded)
      const entries = new Map((await this.parts.index.load(batch.map(({ n }) => n))).map((entry) => [entry.n, entry]))
      for (const { n, score } of batch) {
        const entry = entries.get(n)
        if (entry && found.items.length === limit) return true
        if (entry) found.items.push(await this.item(entry, score, query))
        found.after = found.ranking === 'newest' ? n : found.after + 1
      }
    }
    return false
  }

  private async item({ n, text, ...entry }: FoundEntry, score: number, query: SearchQuery): Promise<SearchItem> {
    const { kind, ref, anchor, time, sessionId, actorName } = entry
    const excerpt = snippet(text ?? (await this.parts.index.text(n)), query)
    return { kind, ref, anchor, ...excerpt, score, time, sessionId, actorName }
  }

  private assertKinds(kinds: string[] = []): void {
    // By its place: what is none of the kinds may be a hole, which reads as undefined.
    const unknown = kinds.findIndex((kind) => !this.parts.kinds.includes(kind))
    if (unknown < 0) return
    const message = `${JSON.stringify(kinds[unknown])} is not a kind; write ${this.parts.kinds.join(', ')}`
    throw new InvalidInputError([{ path: 'options.kinds', message }])
  }
}

interface Found extends SearchPlace {
  items: SearchItem[]
  now: number
  hasMore?: boolean
}

function searchRequest(query: SearchQuery, options: SearchFields, now: Date): SearchRequest {
  const { kinds, sessionId, actorName, projectId, since, until, recencyHalfLifeMs } = options
  return {
    query,
    scopes: { kind: kinds, sessionId: only(sessionId), actorName: only(actorName), projectId: only(projectId) },
    since: since === undefined ? undefined : new Date(since),
    until: until === undefined ? undefined : new Date(until),
    recency: recencyHalfLifeMs === undefined ? undefined : { halfLifeMs: recencyHalfLifeMs, now },
  }
}

const only = (value: string | undefined) => (value === undefined ? undefined : [value])

function finished(found: Found, relaxed: boolean, fingerprint: string): SearchPage {
  const { items, ranking, upTo, after, now, hasMore } = found
  const nextCursor = hasMore ? encodePosition({ ranking, after, upTo, relaxed, now }, fingerprint) : null
  return { items, nextCursor, ranking, relaxed }
}
