import type { SearchHit, SearchPlace, SearchRequest } from '../../../domain/search/search-index.js'
import type { SearchQuery } from '../../../domain/search/search-query.js'
import { namespaceCode } from '../../../domain/search/search-terms.js'
import type { Database, Find } from '../database.js'
import type { Condition } from '../keyset.js'
import { fts5Expression } from './match-expressions.js'
import { manyMatches, recencyFactor, recordedWithin } from './search-statements.js'

const probeHits = 200

/**
 * BM25 over the words that tell documents apart. The engine counts, for every word that it weighs, all
 * the documents that hold it: a word that stands almost everywhere costs most and weighs nothing, and
 * is only looked for.
 */
export const findInSqlite: Find = async (database, namespace, request, limit, place) => {
  const code = namespaceCode(namespace)
  const { upTo, after } = place ?? { upTo: await newestEntry(database), after: undefined }
  const weighed = await telling(database, code, request.query, upTo)
  const ranking = place?.ranking ?? (weighed ? 'relevance' : 'newest')
  if (ranking === 'newest') {
    return { ranking, upTo, hits: await newest(database, code, request, limit, after ?? upTo + 1) }
  }
  const page = { weighed: weighed ?? request.query, upTo, limit, after: after ?? 0 }
  return { ranking, upTo, hits: await ranked(database, code, request, page) }
}

async function newestEntry(database: Database): Promise<number> {
  const [row] = await database.query<{ n: number | null }>(`select max(n) as n from ${database.tables.searchEntries}`)
  return row?.n ?? 0
}

/** The query without its common words; undefined when nothing else would be left to weigh. */
async function telling(
  database: Database,
  code: string,
  query: SearchQuery,
  upTo: number,
): Promise<SearchQuery | undefined> {
  if (query.type === 'phrase') return (await isCommon(database, fts5Expression(query, code), upTo)) ? undefined : query
  if (query.type === 'not') return telling(database, code, query.wanted, upTo)
  const parts: SearchQuery[] = []
  for (const part of query.parts) {
    const kept = await telling(database, code, part, upTo)
    if (kept) parts.push(kept)
    else if (query.type === 'or') return undefined
  }
  if (parts.length === query.parts.length && parts.every((part, index) => part === query.parts[index])) return query
  return parts.length > 1 ? { type: query.type, parts } : parts[0]
}

/**
 * Whether about 20,000 entries match, judged by how close together hits stand at the end, the beginning
 * and the middle of where they are: to count them would take longer than most searches.
 */
async function isCommon(database: Database, expression: string, upTo: number): Promise<boolean> {
  if (upTo <= manyMatches) return false
  const newest = await probe(database, expression, ['<=', upTo, 'desc'])
  // Most words end here.
  if (newest.hits < probeHits || estimate(newest.last - newest.first, upTo) <= manyMatches) return false
  const oldest = await probe(database, expression, ['>=', 0, 'asc'])
  const range = newest.last - oldest.first
  const middle = oldest.first + Math.floor(range / 2)
  const central = await probe(database, expression, ['<=', middle, 'desc'])
  const spans = [newest.last - newest.first, oldest.last - oldest.first, middle - central.first]
  return central.hits === probeHits && spans.every((span) => estimate(span, range) > manyMatches)
}

const estimate = (span: number, range: number) => (probeHits / (span + 1)) * (range + 1)

/** The first hits from an entry on, in one direction. */
async function probe(
  database: Database,
  expression: string,
  [sign, from, direction]: ['<=' | '>=', number, 'asc' | 'desc'],
): Promise<{ first: number; last: number; hits: number }> {
  const { searchIndex } = database.tables
  const [row] = await database.query<{ first: number | null; last: number | null; hits: number }>(
    `select min(n) as first, max(n) as last, count(*) as hits from (select rowid as n from ${searchIndex}
     where ${searchIndex} match ? and rowid ${sign} ? order by rowid ${direction} limit ?)`,
    [expression, from, probeHits],
  )
  return { first: row?.first ?? 0, last: row?.last ?? 0, hits: row?.hits ?? 0 }
}

interface Ranked extends Pick<SearchPlace, 'upTo' | 'after'> {
  weighed: SearchQuery
  limit: number
}

async function ranked(database: Database, code: string, request: SearchRequest, page: Ranked): Promise<SearchHit[]> {
  const { searchIndex, searchEntries } = database.tables
  const conditions: Condition[] = [
    [`${searchIndex} match ?`, fts5Expression(page.weighed, code)],
    [`${searchIndex}.rowid <= ?`, page.upTo],
    ...recordedWithin(request),
  ]
  if (page.weighed !== request.query || Object.values(request.scopes).some((values) => values !== undefined)) {
    const filter = fts5Expression(request.query, code, request.scopes)
    // The plus keeps the engine from looking each one up by itself.
    conditions.push([
      `+${searchIndex}.rowid in (select rowid from ${searchIndex} where ${searchIndex} match ?)`,
      filter,
    ])
  }
  const factor = recencyFactor(request)
  const isJoined = factor !== undefined || (conditions.length > 2 && recordedWithin(request).length > 0)
  const join = isJoined ? ` cross join ${searchEntries} e on e.n = ${searchIndex}.rowid` : ''
  const [decay, ...decayParameters] = factor ?? ['']
  const rows = await database.query<{ n: number; rank: number }>(
    `select ${searchIndex}.rowid as n, rank${decay} as rank from ${searchIndex}${join}
     where ${conditions.map(([sql]) => sql).join(' and ')} order by 2, 1 desc limit ? offset ?`,
    [...decayParameters, ...conditions.flatMap(([, ...parameters]) => parameters), page.limit, page.after],
  )
  return rows.map(({ n, rank }) => ({ n, score: -rank }))
}

async function newest(
  database: Database,
  code: string,
  request: SearchRequest,
  limit: number,
  before: number,
): Promise<SearchHit[]> {
  const { searchIndex, searchEntries } = database.tables
  const within = recordedWithin(request)
  const join = within.length > 0 ? ` cross join ${searchEntries} e on e.n = ${searchIndex}.rowid` : ''
  const conditions: Condition[] = [
    [`${searchIndex} match ?`, fts5Expression(request.query, code, request.scopes)],
    [`${searchIndex}.rowid < ?`, before],
    ...within,
  ]
  const rows = await database.query<{ n: number }>(
    `select ${searchIndex}.rowid as n from ${searchIndex}${join}
     where ${conditions.map(([sql]) => sql).join(' and ')} order by ${searchIndex}.rowid desc limit ?`,
    [...conditions.flatMap(([, ...parameters]) => parameters), limit],
  )
  return rows.map(({ n }) => ({ n, score: n }))
}
