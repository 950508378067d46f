import type { SearchHits, SearchPlace, SearchRequest } from '../../../domain/search/search-index.js'
import { type SearchQuery, wantedPhrases } from '../../../domain/search/search-query.js'
import { namespaceCode } from '../../../domain/search/search-terms.js'
import type { Database, Find, FindCommon } from '../database.js'
import type { Condition } from '../keyset.js'
import { tsqueryExpression } from './match-expressions.js'
import { joinedMessage } from './message-hits.js'
import {
  entryColumns,
  type HitMessageRow,
  hitFromMessageRow,
  manyMatches,
  recencyFactor,
  recordedWithin,
  shownColumns,
} from './search-statements.js'

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
  return matches > mostRanked(request)
    ? newest(database, namespace, request, limit)
    : { ranking: 'relevance', upTo, hits }
}

/** For any of the words more are ranked: the common ones are not among them. */
const mostRanked = ({ byCoverage }: SearchRequest) => (byCoverage ? 5 * manyMatches : manyMatches)

/** How many of the phrases there are, and between those that have as many the rank, as a fraction. */
function scoreOf({ query, byCoverage }: SearchRequest, code: string): Condition {
  const rank = `ts_rank(e.body, ?::tsquery, ${byLength})`
  const parameter = tsqueryExpression(wanted(query), code)
  if (!byCoverage) return [rank, parameter]
  const phrases = wantedPhrases(query).map((phrase) => tsqueryExpression(phrase, code))
  const coverage = phrases.map(() => '(e.body @@ ?::tsquery)::int').join(' + ')
  return [`(${coverage} + ${rank} / (1 + ${rank}))`, ...phrases, parameter, parameter]
}

type RankedRow = HitMessageRow & { matches: string; newest: string }

async function ranked(
  database: Database,
  namespace: string,
  request: SearchRequest,
  limit: number,
  place?: SearchPlace,
) {
  const conditions: Condition[] = [
    ['e.body @@ ?::tsquery', tsqueryExpression(request.query, namespaceCode(namespace), request.scopes)],
    ...recordedWithin(request),
  ]
  if (place) conditions.push(['e.n <= ?', place.upTo])
  const [decay, ...halving] = recencyFactor(request) ?? ['']
  const [score, ...scored] = scoreOf(request, namespaceCode(namespace))
  const { searchEntries } = database.tables
  const hits = `select e.n, ${entryColumns}, e.score, e.matches, (select max(n) from ${searchEntries}) as newest from
      (select e.n, ${entryColumns}, ${score}${decay} as score, count(*) over () as matches from
        (select * from ${searchEntries} e where ${conditions.map(([sql]) => sql).join(' and ')} limit ?) e) e
    order by e.score desc, e.n desc limit ? offset ?`
  const rows = await database.query<RankedRow>(
    `select e.n, ${shownColumns(limit)}, e.score, e.matches, e.newest from (${hits}) e
     ${joinedMessage(database.tables)} order by e.score desc, e.n desc`,
    [
      ...[...scored, ...halving, ...conditions.flatMap(([, ...parameters]) => parameters)],
      ...[place ? null : mostRanked(request) + 1, limit, place?.after ?? 0],
    ],
  )
  const [{ newest: upTo, matches } = { newest: 0, matches: 0 }] = rows
  return { hits: rows.map((row) => hitFromMessageRow(row, namespace)), upTo: Number(upTo), matches: Number(matches) }
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
  const rows = await database.query<HitMessageRow>(
    `select e.n, ${shownColumns(limit)}, e.n as score from
       (select * from ${database.tables.searchEntries} e where ${conditions.map(([sql]) => sql).join(' and ')}
        order by e.n desc limit ?) e
     ${joinedMessage(database.tables)} order by e.n desc`,
    [...conditions.flatMap(([, ...parameters]) => parameters), limit],
  )
  const hits = rows.map((row) => hitFromMessageRow({ ...row, score: Number(row.score) }, namespace))
  return { ranking: 'newest', upTo: place?.upTo ?? hits[0]?.n ?? 0, hits }
}

/** Counted up to there: the engine has no idea of its own of how many hold a word. */
export const findCommonInPostgres: FindCommon = async (database, expressions) => {
  const { searchEntries } = database.tables
  const counts = expressions.map(
    () => `(select count(*) from (select 1 from ${searchEntries} where body @@ ?::tsquery limit ?) e)`,
  )
  const [row] = await database.query<{ counts: string[] }>(
    `select array[${counts.join(', ')}] as counts`,
    expressions.flatMap((expression) => [expression, manyMatches + 1]),
  )
  return expressions.filter((_, index) => Number(row?.counts[index]) > manyMatches)
}

/** Without what is excluded: `ts_rank` would weigh that too. */
function wanted(query: SearchQuery): SearchQuery {
  if (query.type === 'phrase') return query
  return query.type === 'not' ? wanted(query.wanted) : { ...query, parts: query.parts.map(wanted) }
}
