import type { Clock } from '../../domain/clock.js'
import { InvalidInputError } from '../../domain/errors.js'
import type {
  FoundEntry,
  SearchHit,
  SearchIndex,
  SearchPlace,
  SearchRanking,
  SearchRequest,
} from '../../domain/search/search-index.js'
import {
  lessPhrases,
  looseQuery,
  parseSearchQuery,
  type SearchQuery,
  wantedPhrases,
} from '../../domain/search/search-query.js'
import {
  type SearchItem,
  type SearchOptions,
  type SearchPage,
  SearchService,
} from '../../domain/search/search-service.js'
import { type Snippet, snippetsOf } from '../../domain/search/search-snippet.js'
import { instantOr } from '../input-rules.js'
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
    const from = options.cursor === undefined ? undefined : decodePosition(options.cursor, fingerprint)
    // No word, no match.
    if (!strict) return { items: [], nextCursor: null, ranking: 'relevance', relaxed: false }
    const { page, ...read } = await this.read(strict, options, from)
    return finished(page, read, fingerprint)
  }

  /** Strict first; by any of the words only where that finds nothing at all. */
  private async read(strict: SearchQuery, options: SearchFields, from?: SearchPosition) {
    const now = from?.now ?? this.parts.clock().getTime()
    if (!from?.relaxed) {
      const page = await this.page(searchRequest(strict, options, now), options, from)
      if (page.items.length > 0 || from || !looseQuery(strict)) return { page, relaxed: false, now }
    }
    const query = await this.telling(looseQuery(strict) ?? strict)
    const page = await this.page({ ...searchRequest(query, options, now), byCoverage: true }, options, from)
    return { page, relaxed: page.items.length > 0, now }
  }

  /** Any of the words is too many where one of them stands almost everywhere: that one is left out, if others are left. */
  private async telling(loose: SearchQuery): Promise<SearchQuery> {
    const common = await this.parts.index.common(wantedPhrases(loose))
    return lessPhrases(loose, common) ?? loose
  }

  private async page(request: SearchRequest, { limit = 20 }: SearchFields, from?: SearchPlace): Promise<Found> {
    const excerpt = snippetsOf(request.query)
    const items: SearchItem[] = []
    let ranking: SearchRanking = 'relevance'
    // One more than the page holds, to know whether it goes on.
    for await (const hits of this.visible(request, limit + 1, from)) {
      for (const { entry, score, place } of hits) {
        if (items.length === limit) return { items, ranking, next: place }
        items.push(await this.item(entry, score, excerpt))
        ranking = place.ranking
      }
    }
    return { items, ranking, next: null }
  }

  /** Hits whose entries can be seen, each with its place; the others are passed over, so that pages are full. */
  private async *visible(request: SearchRequest, batch: number, from?: SearchPlace): AsyncGenerator<VisibleHit[]> {
    let start = from
    // More each time: where a large import is under way, thousands in a row may be passed over.
    for (let wanted = batch; ; wanted = Math.min(4 * wanted, maxHits)) {
      const { hits, ranking, upTo } = await this.parts.index.find(request, wanted, start)
      start = { ranking, upTo, after: start?.after ?? 0 }
      for (let at = 0; at < hits.length; at += maxLoaded) {
        const { visible, next } = await this.loaded(hits.slice(at, at + maxLoaded), start)
        start = next
        yield visible
      }
      if (hits.length < wanted) return
    }
  }

  private async loaded(hits: SearchHit[], from: SearchPlace): Promise<{ visible: VisibleHit[]; next: SearchPlace }> {
    const bare = hits.filter(({ entry }) => !entry)
    const loaded = bare.length > 0 ? await this.parts.index.load(bare) : []
    const entries = new Map(loaded.map((entry) => [entry.n, entry]))
    const { ranking, upTo } = from
    const visible: VisibleHit[] = []
    let { after } = from
    for (const { n, score, entry = entries.get(n) } of hits) {
      if (entry) visible.push({ entry, score, place: { ranking, after, upTo } })
      after = ranking === 'newest' ? n : after + 1
    }
    return { visible, next: { ranking, after, upTo } }
  }

  private async item(entry: FoundEntry, score: number, excerpt: (text: string) => Snippet): Promise<SearchItem> {
    const { kind, ref, anchor, time, sessionId, actorName } = entry
    const shown = excerpt(entry.text ?? (await this.parts.index.text(entry)))
    return { kind, ref, anchor, ...shown, score, time, sessionId, actorName }
  }

  private assertKinds(kinds: string[] = []): void {
    // By its place: what is none of the kinds may be a hole, which reads as undefined.
    const unknown = kinds.findIndex((kind) => !this.parts.kinds.includes(kind))
    if (unknown < 0) return
    const message = `${JSON.stringify(kinds[unknown])} is not a kind; write ${this.parts.kinds.join(', ')}`
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

function searchRequest(query: SearchQuery, options: SearchFields, now: number): SearchRequest {
  const { kinds, sessionId, actorName, projectId, since, until, recencyHalfLifeMs } = options
  return {
    query,
    scopes: { kind: kinds, sessionId: only(sessionId), actorName: only(actorName), projectId: only(projectId) },
    since: instantOr(since),
    until: instantOr(until),
    recency: recencyHalfLifeMs === undefined ? undefined : { halfLifeMs: recencyHalfLifeMs, now: new Date(now) },
  }
}

const only = (value: string | undefined) => (value === undefined ? undefined : [value])

function finished(
  { items, ranking, next }: Found,
  read: Pick<SearchPosition, 'relaxed' | 'now'>,
  fingerprint: string,
): SearchPage {
  const nextCursor = next && encodePosition({ ...next, ...read }, fingerprint)
  return { items, nextCursor, ranking, relaxed: read.relaxed }
}
