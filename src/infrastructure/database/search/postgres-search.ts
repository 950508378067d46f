import type { SearchHits, SearchPlace, SearchRequest } from '../../../domain/search/search-index.js'
import type { SearchQuery } from '../../../domain/search/search-query.js'
import { namespaceCode } from '../../../domain/search/search-terms.js'
import type { Database, Find } from '../database.js'
import type { Condition } from '../keyset.js'
import { tsqueryExpression } from './match-expressions.js'
import { type HitRow, hitColumns, hitFromRow, manyMatches, recencyFactor, recordedWithin } from './search-statements.js'

/** Divides by the logarithm of the length, as BM25 would have it. */
const byLength = 1

/**
 * `ts_rank`, which weighs how often and how close words stand, but not how rare they are. The engine
 * reads every match to rank it; so it is given so many at most, and tells whether there were more.
 */
export const findInPostgres: Find = async (database, namespace, request, limit, place) => {
  if (place?.ranking === 'newest') return newest(database, namespace, request, limit, place)
  const { hits, upTo, matches } = await ranked(database, namespace, request, limit, place)
  if (place) return { ...place, hits }
  return matches > manyMatches ? newest(database, namespace, request, limit) : { ranking: 'relevance', upTo, hits }
}

interface RankedRow extends HitRow {
  matches: string
  newest: string
}

async function ranked(
  database: Database,
  namespace: string,
  request: SearchRequest,
  limit: number,
  place?: SearchPlace,
) {
  const code = namespaceCode(namespace)
  const conditions: Condition[] = [
    ['e.body @@ ?::tsquery', tsqueryExpression(request.query, code, request.scopes)],
    ...recordedWithin(request),
  ]
  if (place) conditions.push(['e.n <= ?', place.upTo])
  const [decay, ...halving] = recencyFactor(request) ?? ['']
  const { searchEntries } = database.tables
  const rows = await database.query<RankedRow>(
    `select e.n, ${hitColumns}, e.score, e.matches, (select max(n) from ${searchEntries}) as newest from
       (select e.n, ${hitColumns}, ts_rank(e.body, ?::tsquery, ${byLength})${decay} as score, count(*) over () as matches from
         (select * from ${searchEntries} e where ${conditions.map(([sql]) => sql).join(' and ')} limit ?) e) e
     order by e.score desc, e.n desc limit ? offset ?`,
    [
      ...[tsqueryExpression(wanted(request.query), code), ...halving],
      ...conditions.flatMap(([, ...parameters]) => parameters),
      ...[place ? null : manyMatches + 1, limit, place?.after ?? 0],
    ],
  )
  const { newest: last, matches } = rows[0] ?? { newest: 0, matches: 0 }
  return { hits: rows.map((row) => hitFromRow(row, namespace)), upTo: Number(last), matches: Number(matches) }
}

/** From the newest on, one by one; where so many match, the next ones are near. */
async function newest(
  database: Database,
  namespace: string,
  request: SearchRequest,
  limit: number,
  place?: SearchPlace,
): Promise<SearchHits> {
  const conditions: Condition[] = [
    ['e.namespace = ?', namespace],
    // As a function, which no index answers: reading all matches first is what takes long.
    ['ts_match_vq(e.body, ?::tsquery)', tsqueryExpression(request.query, namespaceCode(namespace), request.scopes)],
    ...recordedWithin(request),
  ]
  if (place) conditions.push(['e.n < ?', place.after])
  const rows = await database.query<HitRow>(
    `select e.n, ${hitColumns}, e.n as score from ${database.tables.searchEntries} e
     where ${conditions.map(([sql]) => sql).join(' and ')} order by e.n desc limit ?`,
    [...conditions.flatMap(([, ...parameters]) => parameters), limit],
  )
  const hits = rows.map((row) => hitFromRow({ ...row, score: Number(row.score) }, namespace))
  return { ranking: 'newest', upTo: place?.upTo ?? hits[0]?.n ?? 0, hits }
}

/** Without what is excluded: `ts_rank` would weigh that too. */
function wanted(query: SearchQuery): SearchQuery {
  if (query.type === 'phrase') return query
  return query.type === 'not' ? wanted(query.wanted) : { ...query, parts: query.parts.map(wanted) }
}
