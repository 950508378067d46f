import type { Clock } from '../../domain/clock.js'
import { InvalidInputError } from '../../domain/errors.js'
import type {
  FoundEntry,
  SearchIndex,
  SearchPlace,
  SearchRanking,
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
import { decodePosition, encodePosition, searchFingerprint } from './search-cursor.js'
import { SearchFields } from './search-inputs.js'

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
    const from = options.cursor === undefined ? undefined : decodePosition(options.cursor, fingerprint)
    // No word, no match.
    if (!strict) return { items: [], nextCursor: null, ranking: 'relevance', relaxed: false }
    const loose = looseQuery(strict)
    if (!from?.relaxed) {
      const page = await this.page(strict, options, from)
      if (page.items.length > 0 || from || !loose) return finished(page, false, fingerprint)
    }
    return finished(await this.page(loose ?? strict, options, from), true, fingerprint)
  }

  private async page(query: SearchQuery, options: SearchFields, from?: SearchPlace): Promise<Found> {
    const { limit = 20 } = options
    const items: SearchItem[] = []
    let ranking: SearchRanking = 'relevance'
    // One more than the page holds, to know whether it goes on.
    for await (const { entry, score, place } of this.visible(this.request(query, options), limit + 1, from)) {
      if (items.length === limit) return { items, ranking, next: place }
      items.push(await this.item(entry, score, query))
      ranking = place.ranking
    }
    return { items, ranking, next: null }
  }

  /** Hits whose entries can be seen, each with its place; the others are passed over, so that pages are full. */
  private async *visible(request: SearchRequest, batch: number, from?: SearchPlace): AsyncGenerator<VisibleHit> {
    for (let start = from; ; ) {
      const { hits, ranking, upTo } = await this.parts.index.find(request, batch, start)
      const loaded = await this.parts.index.load(hits.map(({ n }) => n))
      const entries = new Map(loaded.map((entry) => [entry.n, entry]))
      let place: SearchPlace = { ranking, upTo, after: start?.after ?? 0 }
      for (const { n, score } of hits) {
        const entry = entries.get(n)
        if (entry) yield { entry, score, place }
        place = { ...place, after: ranking === 'newest' ? n : place.after + 1 }
      }
      if (hits.length < batch) return
      start = place
    }
  }

  private async item({ n, text, ...entry }: FoundEntry, score: number, query: SearchQuery): Promise<SearchItem> {
    const { kind, ref, anchor, time, sessionId, actorName } = entry
    const excerpt = snippet(text ?? (await this.parts.index.text(n)), query)
    return { kind, ref, anchor, ...excerpt, score, time, sessionId, actorName }
  }

  private request(query: SearchQuery, options: SearchFields): SearchRequest {
    const { kinds, sessionId, actorName, projectId, since, until, recencyHalfLifeMs } = options
    return {
      query,
      scopes: { kind: kinds, sessionId: only(sessionId), actorName: only(actorName), projectId: only(projectId) },
      since: since === undefined ? undefined : new Date(since),
      until: until === undefined ? undefined : new Date(until),
      recency: recencyHalfLifeMs === undefined ? undefined : { halfLifeMs: recencyHalfLifeMs, now: this.parts.clock() },
    }
  }

  private assertKinds(kinds: string[] = []): void {
    const unknown = kinds.find((kind) => !this.parts.kinds.includes(kind))
    if (unknown === undefined) return
    const message = `${JSON.stringify(unknown)} is not a kind; write ${this.parts.kinds.join(', ')}`
    throw new InvalidInputError([{ path: 'options.kinds', message }])
  }
}

interface VisibleHit {
  entry: FoundEntry
  score: number
  /** Where a page that begins with it begins. */
  place: SearchPlace
}

interface Found {
  items: SearchItem[]
  ranking: SearchRanking
  /** Where the next page begins; null when there is none. */
  next: SearchPlace | null
}

const only = (value: string | undefined) => (value === undefined ? undefined : [value])

function finished({ items, ranking, next }: Found, relaxed: boolean, fingerprint: string): SearchPage {
  return { items, nextCursor: next && encodePosition({ ...next, relaxed }, fingerprint), ranking, relaxed }
}
