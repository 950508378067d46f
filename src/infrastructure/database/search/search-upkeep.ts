import type { ReindexOptions, ReindexReport } from '../../../domain/search/search-service.js'
import type { SearchEntry } from '../../../domain/search-entry.js'
import { type Database, holdName } from '../database.js'
import { type SearchSource, writeSearchEntries } from '../search-entries.js'

const batchRows = 200
const batchBytes = 4 * 1024 * 1024

/** What is there and cannot be found, or the other way round; empty when they agree. */
export async function findSearchDrift(database: Database, sources: SearchSource[]): Promise<string> {
  const faults: string[] = []
  for (const source of sources) {
    const missing = await countMissing(database, source)
    if (missing > 0) faults.push(`${missing} of the ${source.owner.replace('_', ' ')}s cannot be found`)
  }
  const unwanted = await countUnwanted(database)
  if (unwanted > 0) faults.push(`${unwanted} entries are of kinds that are switched off`)
  const astray = await countAstray(database)
  if (astray > 0) faults.push(`${astray} entries have lost their words, or words their entry`)
  return faults.length === 0 ? '' : `${faults.join(', ')}; run "hansard search reindex"`
}

async function countMissing(
  database: Database,
  { owner, table, kind, isFindable = 'true' }: SearchSource,
): Promise<number> {
  const rows = await database.query<{ kind: string; count: number | string }>(
    `select ${kind} as kind, count(*) as count from ${database.tables[table]} o
     where ${isFindable} and not exists (select 1 from ${database.tables.searchEntries} e where e.${owner}_id = o.id) group by 1`,
  )
  const missing = rows.filter((row) => database.dialect.isSearched(row.kind))
  return missing.reduce((sum, row) => sum + Number(row.count), 0)
}

async function countUnwanted(database: Database): Promise<number> {
  const rows = await database.query<{ kind: string; count: number | string }>(
    `select kind, count(*) as count from ${database.tables.searchEntries} group by kind`,
  )
  const unwanted = rows.filter(({ kind }) => !database.dialect.isSearched(kind))
  return unwanted.reduce((sum, row) => sum + Number(row.count), 0)
}

async function countAstray(database: Database): Promise<number> {
  const { searchEntries, searchIndexSizes: sizes } = database.tables
  if (!database.dialect.hasSearchTable) return 0
  const [row] = await database.query<{ count: number }>(
    `select (select count(*) from ${sizes} where id not in (select n from ${searchEntries}))
       + (select count(*) from ${searchEntries} where n not in (select id from ${sizes})) as count`,
  )
  return row?.count ?? 0
}

/**
 * Writes every entry anew, a batch at a time in a transaction of its own: searches and writers go on,
 * and what was written meanwhile is found already.
 */
export async function reindex(
  database: Database,
  sources: SearchSource[],
  { onProgress }: ReindexOptions,
): Promise<ReindexReport> {
  const report: ReindexReport = { entries: 0 }
  const total = await countAll(database, sources)
  let rows = 0
  for (const source of sources) {
    for (let after: string | undefined = ''; after !== undefined; ) {
      const ids = await nextBatch(database, source, after)
      if (ids.length > 0) report.entries += await rewritten(database, source, ids)
      after = ids.at(-1)
      rows += ids.length
      onProgress?.(rows, total)
    }
  }
  if (database.dialect.hasSearchTable) await deleteAstray(database)
  return report
}

/** Words whose entry is gone; an entry without words was written anew. */
async function deleteAstray(database: Database): Promise<void> {
  const { searchEntries, searchIndex, searchIndexSizes } = database.tables
  const astray = `select id from ${searchIndexSizes} where id not in (select n from ${searchEntries})`
  await database.retrying('reindex', () => database.query(`delete from ${searchIndex} where rowid in (${astray})`))
}

async function countAll(database: Database, sources: SearchSource[]): Promise<number> {
  let total = 0
  for (const { table, isFindable = 'true' } of sources) {
    const [row] = await database.query<{ count: number | string }>(
      `select count(*) as count from ${database.tables[table]} o where ${isFindable}`,
    )
    total += Number(row?.count ?? 0)
  }
  return total
}

async function nextBatch(
  database: Database,
  { table, bytes, isFindable = 'true' }: SearchSource,
  after: string,
): Promise<string[]> {
  const rows = await database.query<{ id: string; bytes: number }>(
    `select id, ${bytes} as bytes from ${database.tables[table]} o where id > ? and ${isFindable} order by id limit ?`,
    [after, batchRows],
  )
  let sum = 0
  const isOver = rows.findIndex((row, index) => (sum += row.bytes) > batchBytes && index > 0)
  return rows.slice(0, isOver < 0 ? rows.length : isOver).map(({ id }) => id)
}

function rewritten(database: Database, source: SearchSource, ids: string[]): Promise<number> {
  const { searchEntries } = database.tables
  return database.retrying('reindex', () =>
    database.transaction(async (transaction) => {
      // Two that reindex at once would hold each other's entries.
      await holdName(transaction, `reindex ${searchEntries}`)
      const rows = await source.read(transaction, ids)
      const entries = rows.filter(({ kind }) => transaction.dialect.isSearched(kind))
      await deleteUnwanted(transaction, source, ids, entries)
      for (const [namespace, group] of byNamespace(entries))
        await writeSearchEntries(transaction, namespace, group, true)
      return entries.length
    }),
  )
}

/** Entries of rows that are not to be found any more; the others are written in their place. */
async function deleteUnwanted(
  transaction: Database,
  { owner }: SearchSource,
  ids: string[],
  entries: SearchEntry[],
): Promise<void> {
  const wanted = new Set(entries.map(({ ownerId }) => ownerId))
  const others = ids.filter((id) => !wanted.has(id))
  if (others.length === 0) return
  const marks = others.map(() => '?').join(', ')
  await transaction.query(`delete from ${transaction.tables.searchEntries} where ${owner}_id in (${marks})`, others)
}

function byNamespace(entries: (SearchEntry & { namespace: string })[]): Map<string, SearchEntry[]> {
  const groups = new Map<string, SearchEntry[]>()
  for (const entry of entries) groups.set(entry.namespace, [...(groups.get(entry.namespace) ?? []), entry])
  return groups
}
