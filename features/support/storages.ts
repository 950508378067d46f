import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { DataSource, type DataSourceOptions } from 'typeorm'
import { hansardEntities, type OpenHansardOptions, openHansard } from '../../src/index.js'
import { MigratedSchemas } from './migrated-schemas.js'

/** An empty place for one store, and a way to it behind the store's back. */
export interface Storage {
  readonly options: OpenHansardOptions
  /** Gives it the tables that the migrations make, faster than they do. */
  migrate(): Promise<void>
  execute(sql: string): Promise<Record<string, unknown>[]>
  /** A connection of a host's own to the same place. */
  connectHost(): Promise<DataSource>
  remove(): Promise<void>
}

export const makeStorage = { sqlite: makeSqliteStorage, postgres: makePostgresStorage }
export type StorageName = keyof typeof makeStorage

/** The other driver, for the run on TypeORM 0.3. */
const sqliteDriver = process.env.HANSARD_TEST_SQLITE_DRIVER === 'sqlite3' ? 'sqlite3' : undefined
export const sqliteType = sqliteDriver ? 'sqlite' : 'better-sqlite3'

let migratedFile: Buffer | undefined

async function makeSqliteStorage(): Promise<Storage> {
  const folder = mkdtempSync(join(tmpdir(), 'hansard-feature-'))
  const file = join(folder, 'store.db')
  const options = { database: `sqlite:${file}`, migrate: 'run', sqliteDriver } as const
  return {
    options,
    async migrate() {
      if (migratedFile) return writeFileSync(file, migratedFile, { mode: 0o600 })
      await (await openHansard(options)).close()
      migratedFile = readFileSync(file)
    },
    async execute(sql) {
      // Through the same driver: two SQLite libraries in one process break each other's file locks.
      const connection = await new DataSource({ type: sqliteType, database: file } as DataSourceOptions).initialize()
      try {
        const rows: unknown = await connection.query(sql)
        return Array.isArray(rows) ? rows : []
      } finally {
        await connection.destroy()
      }
    },
    connectHost: () =>
      new DataSource({
        type: sqliteType,
        database: file,
        entities: hansardEntities(),
      } as DataSourceOptions).initialize(),
    remove: async () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** All that they hold, in small letters, as search has its words; SQLite's search keeps them in blobs. */
export function textOfRows(rows: Record<string, unknown>[]): string {
  const texts = rows.flatMap(Object.values).map((value: unknown) => {
    if (Buffer.isBuffer(value)) return value.toString('latin1')
    return typeof value === 'object' ? JSON.stringify(value) : String(value)
  })
  return texts.join('\n').toLowerCase()
}

/** One connection, throughout: nothing in the store may need a second one. */
const poolSize = 1
let schemas = 0
let migratedSchemas: MigratedSchemas | undefined

async function makePostgresStorage(): Promise<Storage> {
  const url = process.env.TEST_DATABASE_URL
  if (!url) throw new Error('TEST_DATABASE_URL is not set; run this through scripts/with-postgres.ts')
  const schema = `feature_${process.pid}_${++schemas}`
  const migrated = (migratedSchemas ??= new MigratedSchemas(url))
  const options = { database: url, schema, migrate: 'run', poolSize } as const
  const execute = async (sql: string) => {
    const client = new Client({ connectionString: url, options: `-c search_path=${schema}` })
    await client.connect()
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows
    } finally {
      await client.end()
    }
  }
  return {
    options,
    migrate: () => migrated.make(schema, options),
    execute,
    connectHost: () =>
      new DataSource({ type: 'postgres', url, poolSize, entities: hansardEntities({ schema }) }).initialize(),
    remove: () => migrated.remove(schema),
  }
}

/** What is kept for storages to come: to be called after the last. */
export const removeSpareStorages = async (): Promise<void> => migratedSchemas?.dropSpare()
