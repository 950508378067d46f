import type { FastifyInstance } from 'fastify'
import { InvalidInputError, isHansardError } from '../../../domain/errors.js'
import { searchPageJson } from '../../../domain/search/search-json.js'
import type { SearchOptions } from '../../../domain/search/search-service.js'
import { answers, described } from '../output-schemas.js'
import type { RouteScope } from '../route-scope.js'
import { searchPage, searchQuery } from '../search-schemas.js'
import { instant } from '../url-values.js'

interface SearchQuery extends Omit<SearchOptions, 'kinds' | 'since' | 'until'> {
  q: string
  kind?: string | string[]
  since?: string
  until?: string
}

/** Finding messages and events by their words. */
export function addSearchRoute(app: FastifyInstance, scope: RouteScope): void {
  const response = answers({ 200: described('One page, best first', searchPage) })
  const schema = { tags: ['search'], summary: 'Find messages and events', querystring: searchQuery, response }
  app.get<{ Querystring: SearchQuery }>('/v1/search', { schema }, async (request) => {
    const { q, ...options } = request.query
    const found = scope.store(request).search(q, searchOptions(options))
    return searchPageJson(
      await found.catch((error: unknown) => {
        throw inUrl(error)
      }),
    )
  })
}

function searchOptions({ kind, since, until, ...rest }: Omit<SearchQuery, 'q'>): SearchOptions {
  const kinds = typeof kind === 'string' ? [kind] : kind
  return { ...rest, kinds, since: instant('since', since), until: instant('until', until) }
}

/** The same error, its paths naming parameters in place of the library's arguments. */
function inUrl(error: unknown): unknown {
  if (!(isHansardError(error) && error instanceof InvalidInputError)) return error
  const problems = error.problems.map(({ path, message }) => ({ path: parameterOf(path), message }))
  return new InvalidInputError(problems, error.code)
}

const parameterOf = (path: string) =>
  path
    .replace(/^options\./, '')
    .replace(/^kinds$/, 'kind')
    .replace(/^query$/, 'q')
