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
  /** Ends what the database put off. */
  settle(): Promise<void>
  close(): Promise<void>
}

export type SearchStoreOptions = Pick<OpenHansardOptions, 'search'>

const code = namespaceCode('default')

export async function sqliteSearchStore(
  durability: 'full' | 'normal',
  options: SearchStoreOptions = {},
): Promise<SearchStore> {
  const folder = mkdtempSync(join(tmpdir(), 'hansard-bench-search-'))
  const file = join(folder, 'bench.db')
  const hansard = await openHansard({ database: `sqlite:${file}`, durability, ...options })
  const raw = new Sqlite(file)
  const ranked = raw.prepare('select rowid, rank from search_index where search_index match ? order by rank limit ?')
  return {
    ...{ database: 'SQLite', durability: `synchronous=${durability.toUpperCase()}`, isSqlite: true, hansard },
    ranked: async (words, limit) => ranked.all(words.map((word) => `"${code}${word}"`).join(' AND '), limit),
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
  return {
    ...{
      database: 'Postgres',
      durability: `fsync ${rows[0]?.fsync}, commit ${rows[0]?.commit}`,
      isSqlite: false,
      hansard,
    },
    ranked: async (words, limit) => raw.query(ranked, [words.map((word) => `'${code}${word}'`).join(' & '), limit]),
    settle: async () => void (await raw.query('vacuum analyze')),
    async close() {
      await hansard.close()
      await raw.query(`drop schema ${schema} cascade`)
      await raw.end()
    },
  }
}
