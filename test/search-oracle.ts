import type { SearchPhrase, SearchQuery } from '../src/domain/search/search-query.js'

/** What a database must answer for a document of these indexed tokens; '' is a place that nothing matches. */
export function matches(query: SearchQuery, indexed: string[]): boolean {
  switch (query.type) {
    case 'phrase':
      return indexed.some((_, at) => standsAt(query, indexed, at))
    case 'and':
      return query.parts.every((part) => matches(part, indexed))
    case 'or':
      return query.parts.some((part) => matches(part, indexed))
    case 'not':
      return matches(query.wanted, indexed) && !matches(query.unwanted, indexed)
  }
}

const standsAt = ({ tokens, isPrefix }: SearchPhrase, indexed: string[], at: number) =>
  tokens.every((token, index) => {
    const found = indexed[at + index] ?? ''
    if (found === '') return false
    return isPrefix && index === tokens.length - 1 ? found.startsWith(token) : found === token
  })
