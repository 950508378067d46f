import type { Clock } from '../../domain/clock.js'
import { InvalidInputError } from '../../domain/errors.js'
import type { FoundEntry, SearchHits, SearchIndex, SearchRequest } from '../../domain/search/search-index.js'
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
    const loose = strict && looseQuery(strict)
    if (!strict) return { items: [], nextCursor: null, ranking: 'relevance', relaxed: false }
    const isRelaxed = position?.relaxed === true && loose !== undefined
    const page = await this.page(isRelaxed ? loose : strict, options, position)
    if (page.items.length > 0 || position || !loose) return finished(page, isRelaxed, fingerprint)
    return finished(await this.page(loose, options), true, fingerprint)
  }

  /** Hits of entries that cannot be seen are passed over until the page is full. */
  private async page(query: SearchQuery, options: SearchFields, from?: SearchPosition): Promise<Found> {
    const { limit = 20 } = options
    const request = this.request(query, options)
    const found: Found = {
      items: [],
      ranking: from?.ranking ?? 'relevance',
      upTo: from?.upTo ?? 0,
      after: from?.after ?? 0,
    }
    let place = from
    for (;;) {
      const wanted = limit + 1 - found.items.length
      const { hits, ranking, upTo } = await this.parts.index.find(request, wanted, place)
      Object.assign(found, { ranking, upTo })
      const isFull = await this.take(hits, query, found, limit)
      if (isFull || hits.length < wanted) return { ...found, hasMore: isFull }
      place = { ranking, upTo, after: found.after, relaxed: false }
    }
  }

  /** Whether there was one more than the page holds. */
  private async take(hits: SearchHits['hits'], query: SearchQuery, found: Found, limit: number): Promise<boolean> {
    const entries = new Map((await this.parts.index.load(hits.map(({ n }) => n))).map((entry) => [entry.n, entry]))
    for (const { n, score } of hits) {
      const entry = entries.get(n)
      if (entry && found.items.length === limit) return true
      if (entry) found.items.push(await this.item(entry, score, query))
      found.after = found.ranking === 'newest' ? n : found.after + 1
    }
    return false
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

interface Found extends Pick<SearchHits, 'ranking' | 'upTo'> {
  items: SearchItem[]
  /** The place of the last hit that was looked at. */
  after: number
  hasMore?: boolean
}

const only = (value: string | undefined) => (value === undefined ? undefined : [value])

function finished({ items, ranking, upTo, after, hasMore }: Found, relaxed: boolean, fingerprint: string): SearchPage {
  const nextCursor = hasMore ? encodePosition({ ranking, after, upTo, relaxed }, fingerprint) : null
  return { items, nextCursor, ranking, relaxed }
}
