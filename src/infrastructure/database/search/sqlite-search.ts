import type { SearchHit, SearchHits, SearchPlace, SearchRequest } from '../../../domain/search/search-index.js'
import { type SearchPhrase, type SearchQuery, wantedPhrases } from '../../../domain/search/search-query.js'
import { namespaceCode } from '../../../domain/search/search-terms.js'
import type { Database, Find } from '../database.js'
import type { Condition } from '../keyset.js'
import type { Tables } from '../tables.js'
import { commonAmong } from './common-words.js'
import { fts5Expression } from './match-expressions.js'
import { joinedMessage } from './message-hits.js'
import {
  type HitMessageRow,
  hitFromMessageRow,
  recencyFactor,
  recordedWithin,
  shownColumns,
} from './search-statements.js'

/**
 * BM25 over the words that tell documents apart. The engine counts, for every word that it weighs, all
 * the documents that hold it: a word that stands almost everywhere costs most and weighs nothing, and
 * is only looked for.
 */
export const findInSqlite: Find = async (database, namespace, request, limit, place) => {
  if (place?.ranking === 'newest') {
    return { ...place, hits: await newest(database, namespace, request, limit, place.after) }
  }
  const code = namespaceCode(namespace)
  const expressionOf = (phrase: SearchPhrase) => fts5Expression(phrase, code)
  const common = await commonAmong(database, wantedPhrases(request.query).map(expressionOf))
  const weighed = telling(request.query, (phrase) => common.has(expressionOf(phrase)))
  if (!weighed && !place) {
    const hits = await newest(database, namespace, request, limit, Number.MAX_SAFE_INTEGER)
    return { ranking: 'newest', upTo: hits[0]?.n ?? 0, hits }
  }
  return ranked(database, namespace, request, { weighed: weighed ?? request.query, limit, place })
}

/** The query without its common words; undefined when nothing else would be left to weigh. */
function telling(query: SearchQuery, isCommon: (phrase: SearchPhrase) => boolean): SearchQuery | undefined {
  if (query.type === 'phrase') return isCommon(query) ? undefined : query
  if (query.type === 'not') return telling(query.wanted, isCommon)
  const parts = query.parts.map((part) => telling(part, isCommon)).filter((part) => part !== undefined)
  if (query.type === 'or' && parts.length < query.parts.length) return undefined
  if (parts.length === query.parts.length && parts.every((part, index) => part === query.parts[index])) return query
  return parts.length > 1 ? { type: query.type, parts } : parts[0]
}

interface Ranked {
  weighed: SearchQuery
  limit: number
  place?: SearchPlace
}

async function ranked(
  database: Database,
  namespace: string,
  request: SearchRequest,
  page: Ranked,
): Promise<SearchHits> {
  const { searchEntries } = database.tables
  const [best, ...parameters] = bestHits(database.tables, namespaceCode(namespace), request, page)
  const rows = await database.query<HitMessageRow & { newest: number }>(
    `select h.n, ${shownColumns(page.limit)}, -h.rank as score, (select max(n) from ${searchEntries}) as newest
     from (${best} order by 2, 1 desc limit ? offset ?) h left join ${searchEntries} e on e.n = h.n
     ${joinedMessage(database.tables)}`,
    [...parameters, page.limit, page.place?.after ?? 0],
  )
  const upTo = page.place?.upTo ?? rows[0]?.newest ?? 0
  // Here, where their texts need not be carried about.
  rows.sort((one, other) => other.score - one.score || Number(other.n) - Number(one.n))
  return { ranking: 'relevance', upTo, hits: rows.map((row) => hitFromMessageRow(row, namespace)) }
}

/** Numbers and ranks of all that match. */
function bestHits(
  { searchIndex, searchEntries }: Tables,
  code: string,
  request: SearchRequest,
  page: Ranked,
): Condition {
  const within = recordedWithin(request)
  const conditions: Condition[] = [[`${searchIndex} match ?`, fts5Expression(page.weighed, code)], ...within]
  if (page.place) conditions.push([`${searchIndex}.rowid <= ?`, page.place.upTo])
  if (page.weighed !== request.query || Object.values(request.scopes).some((values) => values !== undefined)) {
    // The plus keeps the engine from looking each one up by itself.
    const matching = `+${searchIndex}.rowid in (select rowid from ${searchIndex} where ${searchIndex} match ?)`
    conditions.push([matching, fts5Expression(request.query, code, request.scopes)])
  }
  const factor = recencyFactor(request)
  const join = factor || within.length > 0 ? ` cross join ${searchEntries} e on e.n = ${searchIndex}.rowid` : ''
  const [decay, ...decayParameters] = factor ?? ['']
  const [rank, ...phrases] = request.byCoverage ? byCoverage(searchIndex, page.weighed, code) : ['rank']
  return [
    `select ${searchIndex}.rowid as n, ${rank}${decay} as rank from ${searchIndex}${join}
     where ${conditions.map(([sql]) => sql).join(' and ')}`,
    ...[...phrases, ...decayParameters],
    ...conditions.flatMap(([, ...parameters]) => parameters),
  ]
}

/** How many of the phrases there are, and between those that have as many the rank, as a fraction; negative, as ranks are. */
function byCoverage(searchIndex: string, query: SearchQuery, code: string): Condition {
  const phrases = wantedPhrases(query).map((phrase) => fts5Expression(phrase, code))
  const has = `(+${searchIndex}.rowid in (select rowid from ${searchIndex} where ${searchIndex} match ?))`
  return [`(rank / (1.0 - rank) - (${phrases.map(() => has).join(' + ')}))`, ...phrases]
}

async function newest(
  database: Database,
  namespace: string,
  request: SearchRequest,
  limit: number,
  before: number,
): Promise<SearchHit[]> {
  const { searchIndex, searchEntries } = database.tables
  const conditions: Condition[] = [
    [`${searchIndex} match ?`, fts5Expression(request.query, namespaceCode(namespace), request.scopes)],
    [`${searchIndex}.rowid < ?`, before],
    ...recordedWithin(request),
  ]
  const rows = await database.query<HitMessageRow>(
    `select ${searchIndex}.rowid as n, ${shownColumns(limit)}, ${searchIndex}.rowid as score
     from ${searchIndex} left join ${searchEntries} e on e.n = ${searchIndex}.rowid ${joinedMessage(database.tables)}
     where ${conditions.map(([sql]) => sql).join(' and ')} order by ${searchIndex}.rowid desc limit ?`,
    [...conditions.flatMap(([, ...parameters]) => parameters), limit],
  )
  return rows.map((row) => hitFromMessageRow(row, namespace))
}
