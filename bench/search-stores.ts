import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { Client } from 'pg'
import { namespaceCode } from '../src/domain/search/search-terms.js'
import type { Hansard, OpenHansardOptions } from '../src/index.js'

// Compiled, as its users run it.
const { openHansard } = require('../dist/index.js') as typeof import('../src/index.js')

/** A store, and beside it the bare engine on the same index. */
export interface SearchStore {
  database: string
  durability: string
  isSqlite: boolean
  hansard: Hansard
  /** The engine's own ranked query for entries with all of these words: their numbers and ranks, and nothing else. */
  ranked(words: string[], limit: number): Promise<unknown>
  /** The same with the rows that the entries stand for, texts among them: what a search has to show. */
  rankedRows(words: string[], limit: number): Promise<unknown>
  /** All rows of transcripts and of the activity that they feed, a thousand together. */
  transcriptRows(): Promise<RowsOfTable[]>
  /** Inserts them, as they are, by the bare driver: each group in a transaction. */
  insertRows(rows: RowsOfTable[]): Promise<void>
  /** Ends what the database put off. */
  settle(): Promise<void>
  close(): Promise<void>
}

export type SearchStoreOptions = Pick<OpenHansardOptions, 'search'>

const code = namespaceCode('default')

/** Rows of one table, as its driver gave them. */
export interface RowsOfTable {
  table: string
  rows: unknown[][]
}

/** As many as one statement of Postgres has parameters for. */
const rowsTogether = 1_000
/** Those that others belong to come first. */
const transcriptTables = [
  ...['transcripts', 'transcript_sources', 'transcript_links', 'transcript_bodies', 'transcript_events'],
  ...['transcript_usages', 'transcript_turns', 'transcript_amendments', 'transcript_errors', 'activity_events'],
]

function inGroups<Row>(rows: Row[]): Row[][] {
  const groups = Math.ceil(rows.length / rowsTogether)
  return Array.from({ length: groups }, (_, group) => rows.slice(group * rowsTogether, (group + 1) * rowsTogether))
}

/** Hits with the rows that they stand for. */
const withRows = (hits: string, table: (name: string) => string) =>
  `select h.n, h.rank, e.kind, m.id, m.session_id, m.sequence, m.content, m.created_at, s.actor_name
   from (${hits}) h join ${table('search_entries')} e on e.n = h.n
   join ${table('session_messages')} m on m.id = e.message_id join ${table('sessions')} s on s.id = m.session_id
   order by h.rank`

export async function sqliteSearchStore(
  durability: 'full' | 'normal',
  options: SearchStoreOptions = {},
): Promise<SearchStore> {
  const folder = mkdtempSync(join(tmpdir(), 'hansard-bench-search-'))
  const file = join(folder, 'bench.db')
  const hansard = await openHansard({ database: `sqlite:${file}`, durability, ...options })
  const raw = new Sqlite(file)
  raw.pragma(`synchronous = ${durability}`)
  const insertTogether = raw.transaction((insert: Sqlite.Statement, rows: unknown[][]) => {
    for (const row of rows) insert.run(row)
  }).immediate
  const hits = 'select rowid as n, rank from search_index where search_index match ? order by rank limit ?'
  const [ranked, rows] = [raw.prepare(hits), raw.prepare(withRows(hits, (name) => name))]
  const matching = (words: string[]) => words.map((word) => `"${code}${word}"`).join(' AND ')
  return {
    ...{ database: 'SQLite', durability: `synchronous=${durability.toUpperCase()}`, isSqlite: true, hansard },
    ranked: async (words, limit) => ranked.all(matching(words), limit),
    rankedRows: async (words, limit) => rows.all(matching(words), limit),
    async transcriptRows() {
      return transcriptTables.flatMap((table) => {
        const rows = raw.prepare(`select * from ${table}`).raw().all() as unknown[][]
        return inGroups(rows).map((group) => ({ table, rows: group }))
      })
    },
    async insertRows(all) {
      for (const { table, rows } of all) {
        const marks = Array.from(rows[0] ?? [], () => '?')
        insertTogether(raw.prepare(`insert into ${table} values (${marks.join(', ')})`), rows)
      }
    },
    settle: async () => void raw.pragma('wal_checkpoint(truncate)'),
    async close() {
      await hansard.close()
      raw.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

let schemas = 0

export async function postgresSearchStore(url: string, options: SearchStoreOptions = {}): Promise<SearchStore> {
  const schema = `hansard_bench_search_${process.pid}_${++schemas}`
  const hansard = await openHansard({ database: url, schema, migrate: 'run', ...options })
  const raw = new Client({ connectionString: url })
  await raw.connect()
  const { rows } = await raw.query<{ fsync: string; commit: string }>(
    `select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit`,
  )
  const ranked = `select n, ts_rank(body, $1::tsquery) as rank from ${schema}.search_entries
    where body @@ $1::tsquery order by rank desc limit $2`
  const rankedRows = withRows(ranked, (name) => `${schema}.${name}`)
  const matching = (words: string[]) => words.map((word) => `'${code}${word}'`).join(' & ')
  return {
    ...{
      database: 'Postgres',
      durability: `fsync ${rows[0]?.fsync}, commit ${rows[0]?.commit}`,
      isSqlite: false,
      hansard,
    },
    ranked: async (words, limit) => raw.query(ranked, [matching(words), limit]),
    rankedRows: async (words, limit) => raw.query(rankedRows, [matching(words), limit]),
    async transcriptRows() {
      const all: RowsOfTable[] = []
      for (const table of transcriptTables) {
        const { rows } = await raw.query<unknown[]>({ text: `select * from ${schema}.${table}`, rowMode: 'array' })
        for (const group of inGroups(rows)) all.push({ table, rows: group })
      }
      return all
    },
    async insertRows(all) {
      for (const { table, rows } of all) {
        let parameters = 0
        const values = rows.map((row) => `(${row.map(() => `$${++parameters}`).join(', ')})`)
        await raw.query(`insert into ${schema}.${table} values ${values.join(', ')}`, rows.flat())
      }
    },
    settle: async () => void (await raw.query('vacuum analyze')),
    async close() {
      await hansard.close()
      await raw.query(`drop schema ${schema} cascade`)
      await raw.end()
    },
  }
}
