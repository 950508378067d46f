import type { FastifyInstance } from 'fastify'
import { searchPageJson } from '../../../domain/search/search-json.js'
import type { SearchOptions } from '../../../domain/search/search-service.js'
import { answers, described } from '../output-schemas.js'
import type { RouteScope } from '../route-scope.js'
import { searchPage, searchQuery } from '../search-schemas.js'
import { inUrl, listed } from '../url-values.js'

interface SearchQuery extends Omit<SearchOptions, 'kinds'> {
  q: string
  kind?: string | string[]
}

/** Finding what was said and done by its words. */
export function addSearchRoute(app: FastifyInstance, scope: RouteScope): void {
  const response = answers({ 200: described(searchPage, 'One page, best first') })
  const schema = {
    tags: ['search'],
    summary: 'Find messages, events and transcripts',
    querystring: searchQuery,
    response,
  }
  app.get<{ Querystring: SearchQuery }>('/v1/search', { schema }, async (request) => {
    const { q, kind, ...options } = request.query
    return searchPageJson(await inUrl(scope.store(request).search(q, { ...options, kinds: listed(kind) })))
  })
}
