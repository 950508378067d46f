import type { SearchHit, SearchPlace, SearchRequest } from '../../../domain/search/search-index.js'
import { type SearchPhrase, type SearchQuery, wantedPhrases } from '../../../domain/search/search-query.js'
import { namespaceCode } from '../../../domain/search/search-terms.js'
import type { Database, Find } from '../database.js'
import type { Condition } from '../keyset.js'
import type { Tables } from '../tables.js'
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
  if (place?.ranking === 'newest') {
    return { ...place, hits: await newest(database, code, request, limit, place.after) }
  }
  const { newest: last, common } = await overview(database, code, wantedPhrases(request.query))
  const { upTo, after } = place ?? { upTo: last, after: 0 }
  const weighed = telling(request.query, common)
  if (!weighed && !place) {
    return { ranking: 'newest', upTo, hits: await newest(database, code, request, limit, upTo + 1) }
  }
  const page = { weighed: weighed ?? request.query, upTo, limit, after }
  return { ranking: 'relevance', upTo, hits: await ranked(database, code, request, page) }
}

/** The query without its common words; undefined when nothing else would be left to weigh. */
function telling(query: SearchQuery, common: Set<SearchPhrase>): SearchQuery | undefined {
  if (query.type === 'phrase') return common.has(query) ? undefined : query
  if (query.type === 'not') return telling(query.wanted, common)
  const parts = query.parts.map((part) => telling(part, common)).filter((part) => part !== undefined)
  if (query.type === 'or' && parts.length < query.parts.length) return undefined
  if (parts.length === query.parts.length && parts.every((part, index) => part === query.parts[index])) return query
  return parts.length > 1 ? { type: query.type, parts } : parts[0]
}

/** By store: the expressions of common words, and until when that is believed. Counting takes longer than most searches. */
const commonWords = new WeakMap<Tables, Map<string, number>>()
const believedMs = 60_000

interface Overview {
  /** The number of the newest entry. */
  newest: number
  common: Set<SearchPhrase>
}

/** Judged by how close together a word's newest hits stand, and counted only when they look like many. */
async function overview(database: Database, code: string, phrases: SearchPhrase[]): Promise<Overview> {
  const { searchEntries, searchIndex } = database.tables
  const expressions = phrases.map((phrase) => fts5Expression(phrase, code))
  const probe = (index: number) => `select ${index} as phrase, min(n) as first, max(n) as last, count(*) as hits from
    (select rowid as n from ${searchIndex} where ${searchIndex} match ? order by rowid desc limit ${probeHits})`
  const [all, ...probes] = await database.query<Probe>(
    `select -1 as phrase, 0 as first, max(n) as last, 0 as hits from ${searchEntries}
     union all ${expressions.map((_, index) => probe(index)).join(' union all ')} order by phrase`,
    expressions,
  )
  const last = all?.last ?? 0
  const common = new Set<SearchPhrase>()
  for (const [index, expression] of expressions.entries()) {
    const phrase = phrases[index]
    if (phrase && isDense(probes[index], last) && (await isCommon(database, expression))) common.add(phrase)
  }
  return { newest: last, common }
}

interface Probe {
  first: number | null
  last: number | null
  hits: number
}

/** Whether there would be very many, if all stood as close together as the newest. */
function isDense(probe: Probe | undefined, entries: number): boolean {
  const { first, last, hits } = probe ?? { first: 0, last: 0, hits: 0 }
  return hits === probeHits && (probeHits / ((last ?? 0) - (first ?? 0) + 1)) * entries > manyMatches
}

async function isCommon(database: Database, expression: string): Promise<boolean> {
  const known = commonWords.get(database.tables) ?? new Map<string, number>()
  commonWords.set(database.tables, known)
  if ((known.get(expression) ?? 0) > performance.now()) return true
  const { searchIndex } = database.tables
  const [counted] = await database.query<{ hits: number }>(
    `select count(*) as hits from (select rowid from ${searchIndex} where ${searchIndex} match ? limit ?)`,
    [expression, manyMatches + 1],
  )
  if ((counted?.hits ?? 0) <= manyMatches) return false
  if (known.size > 1_000) known.clear()
  known.set(expression, performance.now() + believedMs)
  return true
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
  const isJoined = factor !== undefined || recordedWithin(request).length > 0
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
