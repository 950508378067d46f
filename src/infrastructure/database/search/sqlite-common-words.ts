import type { Database, FindCommon } from '../database.js'
import { manyMatches } from './search-statements.js'

/** How many of a word's newest hits tell whether it may be common. */
const probeHits = 64

interface Probe {
  /** Of the store's entries, or of the hits that were looked at. */
  first: number | null
  last: number | null
  hits: number
}

/** Judged by how close together the newest hits of each stand, and counted only when they look like many. */
export const findCommonInSqlite: FindCommon = async (database, expressions) => {
  const { searchEntries, searchIndex } = database.tables
  const probe = (index: number) => `select ${index} as place, min(n) as first, max(n) as last, count(*) as hits from
    (select rowid as n from ${searchIndex} where ${searchIndex} match ? order by rowid desc limit ${probeHits})`
  const [all, ...probes] = await database.query<Probe>(
    `select -1 as place, 0 as first, max(n) as last, 0 as hits from ${searchEntries}
     union all ${expressions.map((_, index) => probe(index)).join(' union all ')} order by place`,
    expressions,
  )
  const common: string[] = []
  for (const [index, expression] of expressions.entries()) {
    if (isDense(probes[index], all?.last ?? 0) && (await isCommon(database, expression))) common.push(expression)
  }
  return common
}

/** Whether there would be very many, if all stood as close together as the newest. */
function isDense(probe: Probe | undefined, entries: number): boolean {
  const { first, last, hits } = probe ?? { first: 0, last: 0, hits: 0 }
  return hits === probeHits && (probeHits / ((last ?? 0) - (first ?? 0) + 1)) * entries > manyMatches
}

async function isCommon(database: Database, expression: string): Promise<boolean> {
  const { searchIndex } = database.tables
  const [counted] = await database.query<{ hits: number }>(
    `select count(*) as hits from (select rowid from ${searchIndex} where ${searchIndex} match ? limit ?)`,
    [expression, manyMatches + 1],
  )
  return (counted?.hits ?? 0) > manyMatches
}
