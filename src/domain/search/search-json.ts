import type { SearchItem, SearchPage } from './search-service.js'

/** What was found as the surfaces write it: instants as ISO 8601, members always in the same order. */
export interface SearchItemJson extends Omit<SearchItem, 'time'> {
  time: string
}

export interface SearchPageJson extends Omit<SearchPage, 'items'> {
  items: SearchItemJson[]
}

export function searchPageJson({ items, nextCursor, ranking, relaxed }: SearchPage): SearchPageJson {
  return { items: items.map(searchItemJson), nextCursor, ranking, relaxed }
}

function searchItemJson(item: SearchItem): SearchItemJson {
  return {
    kind: item.kind,
    ref: item.ref,
    anchor: item.anchor,
    snippet: item.snippet,
    highlights: item.highlights,
    score: item.score,
    time: item.time.toISOString(),
    sessionId: item.sessionId,
    actorName: item.actorName,
  }
}
