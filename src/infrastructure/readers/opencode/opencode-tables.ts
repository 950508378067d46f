import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import type { AgentDatabase } from '../agent-database.js'

export interface Table {
  name: string
  /** What of a row is compared, as an expression. */
  content: string
}

/**
 * How a table was when it was last read. Its rows are added, written over and deleted, with `time_updated` of each
 * in milliseconds.
 */
export interface TableMark {
  rows: number
  /** The greatest rowid, and the row that had it. */
  last: number
  lastRow: string
  /** What is written from here on is looked at. */
  since: number
  /** Of the rows that were written since then already, what they hold, by their rowid. */
  recent: Record<string, string>
}

export const noMark: TableMark = { rows: 0, last: 0, lastRow: '', since: 0, recent: {} }

/** So many are looked at before others have their turn. */
const pageRows = 20_000
/** A row is dated a moment before it is there: others may be, that are dated later. */
const momentMs = 5_000
/** More in one moment were written by an import, all at once. */
const mostRecent = 200

interface Page {
  from: number
  rows: number
  last: number
  updated: number
  /** Of those that were there before. */
  kept: number
}

export interface Survey {
  mark: TableMark
  /** No row is gone that was there before. A row that took a rowid over was added when the last one was gone. */
  isKept: boolean
}

/** How a table is now, and against how it was. */
export async function survey(database: AgentDatabase, table: Table, before = noMark): Promise<Survey> {
  const pages: Page[] = []
  for await (const page of pagesOf(database, table, { upTo: Number.MAX_SAFE_INTEGER, before })) pages.push(page)
  const sum = (of: (page: Page) => number) => pages.reduce((total, page) => total + of(page), 0)
  const last = pages.at(-1)?.last ?? 0
  const lastRow = idAt(database, table, last)
  const mark = { rows: sum(({ rows }) => rows), last, lastRow, ...recentIn(database, table, pages) }
  const isKept = sum(({ kept }) => kept) === before.rows && idAt(database, table, before.last) === before.lastRow
  return { mark, isKept }
}

/** The rowids up to one that were written since, some thousand rows at a time. */
export async function* writtenSince(
  database: AgentDatabase,
  table: Table,
  before: TableMark,
  upTo: number,
): AsyncGenerator<number[]> {
  for await (const page of pagesOf(database, table, { upTo, before })) {
    const rows = writtenIn(database, table, page, before.since)
    yield Array.from(rows, ([rowid, hash]) => (before.recent[rowid] === hash ? [] : [rowid])).flat()
  }
}

/** What the rows of a page hold that were written from some time on. */
function* writtenIn(
  database: AgentDatabase,
  { name, content }: Table,
  page: Page,
  since: number,
): Generator<[rowid: number, hash: string]> {
  if (page.updated < since) return
  const sql = `select rowid, ${content} from ${name} where rowid between ? and ? and ${updated} >= ?`
  const rows = database
    .prepare(sql)
    .raw()
    .iterate(page.from + 1, page.last, since)
  for (const [rowid, held] of rows as Iterable<[number, unknown]>) yield [rowid, shortHash(held)]
}

/** Whatever stands there, in a file that may be damaged. */
const updated = 'cast(time_updated as integer)'

async function* pagesOf(
  database: AgentDatabase,
  table: Table,
  { upTo, before }: { upTo: number; before: TableMark },
): AsyncGenerator<Page> {
  const page = database.prepare(
    `select count(*) as rows, max(id) as last, coalesce(max(updated), 0) as updated, sum(id <= ?) as kept
     from (select rowid as id, ${updated} as updated from ${table.name} where rowid > ? and rowid <= ? order by rowid limit ${pageRows})`,
  )
  for (let from = 0; ; ) {
    const found = page.get(before.last, from, upTo) as Omit<Page, 'from'>
    if (found.rows === 0) return
    if (found.last <= from) throw new Error(`the rows of ${table.name} are out of order`)
    yield { from, ...found }
    from = found.last
    await setImmediate()
  }
}

function recentIn(database: AgentDatabase, table: Table, pages: readonly Page[]): Pick<TableMark, 'since' | 'recent'> {
  const latest = Math.max(0, ...pages.map((page) => page.updated))
  const since = Math.max(0, latest - momentMs)
  const recent: TableMark['recent'] = {}
  let left = mostRecent
  for (const page of pages) {
    for (const [rowid, hash] of writtenIn(database, table, page, since)) {
      if (left-- === 0) return { since: latest + 1, recent: {} }
      recent[rowid] = hash
    }
  }
  return { since, recent }
}

function idAt(database: AgentDatabase, table: Table, rowid: number): string {
  const id = database.prepare(`select id from ${table.name} where rowid = ?`).pluck().get(rowid)
  return id === undefined ? '' : shortHash(id)
}

const shortHash = (value: unknown) => createHash('sha256').update(String(value)).digest('hex').slice(0, 16)
