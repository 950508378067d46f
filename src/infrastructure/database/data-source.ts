import { existsSync, mkdirSync, realpathSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type * as pg from 'pg'
import { DataSource, type DataSourceOptions, type EntitySchema, type MigrationInterface } from 'typeorm'
import { InvalidInputError, NotFoundError, StorageError } from '../../domain/errors.js'
import { retrying } from './database-retry.js'
import { hansardMigrations } from './migrations.js'
import { sessionSchemas } from './sessions/session-schemas.js'
import type { TableOptions } from './tables.js'

/** The entities that a host adds to its DataSource's `entities`; its `synchronize` leaves them alone. */
export function hansardEntities(options: TableOptions = {}): EntitySchema[] {
  return sessionSchemas({ ...options, synchronize: false })
}

export interface DataSourceSettings extends TableOptions {
  /** `sqlite:./file.db`, `sqlite::memory:`, a bare path ending in `.db` or `.sqlite`, or `postgres://…`. */
  database: string
  /** SQLite: `full` (the default) survives power loss, `normal` may lose the last commits to it. */
  durability?: 'full' | 'normal'
  /** Postgres: most connections held. Defaults to 10. */
  poolSize?: number
  /** SQLite: refuse a file that does not exist instead of creating it. */
  mustExist?: boolean
  /** SQLite: which driver. Defaults to the one that is installed. */
  sqliteDriver?: 'better-sqlite3' | 'sqlite3'
  /** Our entities under a host's tools; tests compare them with the tables. */
  entities?: EntitySchema[]
}

interface Opened {
  dataSource: DataSource
  /** Gives up this opener's share; the last one closes the connection. */
  close(): Promise<void>
}

interface SharedFile {
  opening: Promise<DataSource>
  openers: number
  tablePrefix: string | undefined
}

const sharedFiles = new Map<string, SharedFile>()

/** A DataSource for `ormconfig.ts` and tools: made, not connected. */
export function createDataSource(settings: DataSourceSettings): DataSource {
  return new DataSource(dataSourceOptions(settings))
}

/**
 * Connects. One SQLite file opened twice in this process shares one connection: a second one would
 * stall the event loop waiting for the first.
 */
export async function openDataSource(settings: DataSourceSettings): Promise<Opened> {
  const file = sqliteFile(settings.database)
  if (file === undefined || file === ':memory:') {
    const dataSource = await connect(settings)
    return { dataSource, close: () => dataSource.destroy() }
  }
  if (settings.mustExist && !existsSync(file)) throw databaseNotFound(file)
  mkdirSync(dirname(resolve(file)), { recursive: true })
  const key = `${realpathSync(dirname(resolve(file)))}/${file.split('/').at(-1)}`
  const { tablePrefix } = settings
  const shared = sharedFiles.get(key) ?? { opening: connect(settings), openers: 0, tablePrefix }
  if (shared.tablePrefix !== tablePrefix) throw otherPrefix(file)
  sharedFiles.set(key, shared)
  shared.openers++
  let isClosed = false
  const close = async () => {
    if (isClosed) return
    isClosed = true
    if (--shared.openers > 0) return
    sharedFiles.delete(key)
    await (await shared.opening).destroy()
  }
  try {
    return { dataSource: await shared.opening, close }
  } catch (error) {
    sharedFiles.delete(key)
    throw error
  }
}

async function connect(settings: DataSourceSettings): Promise<DataSource> {
  const dataSource = createDataSource(settings)
  // Also when a server is still starting, or another process is just making the same file.
  return retrying('open', ignoreTelemetry, async () => {
    if (!dataSource.isInitialized) await dataSource.initialize()
    if (sqliteFile(settings.database) !== undefined) await preparePragmas(dataSource, settings)
    return dataSource
  })
}

const ignoreTelemetry = () => undefined

async function preparePragmas(dataSource: DataSource, settings: DataSourceSettings): Promise<void> {
  await dataSource.query('PRAGMA busy_timeout = 5000')
  await dataSource.query('PRAGMA journal_mode = WAL')
  await dataSource.query(`PRAGMA synchronous = ${settings.durability ?? 'full'}`)
  await dataSource.query('PRAGMA foreign_keys = ON')
}

function dataSourceOptions(settings: DataSourceSettings): DataSourceOptions {
  const file = sqliteFile(settings.database)
  const common = {
    entities: settings.entities ?? hansardEntities(settings),
    migrations: hansardMigrations(settings) as (new () => MigrationInterface)[],
    migrationsTableName: `${settings.tablePrefix ?? ''}hansard_migrations`,
    // Domain classes are made by us, never by the ORM at start-up.
    entitySkipConstructor: true,
  }
  if (file === undefined) return { ...common, ...postgresOptions(settings) }
  const type = settings.sqliteDriver ? driverType[settings.sqliteDriver] : installedSqliteDriver()
  return { ...common, type, database: file } as DataSourceOptions
}

const driverType = { 'better-sqlite3': 'better-sqlite3', sqlite3: 'sqlite' } as const

function installedSqliteDriver(): 'better-sqlite3' | 'sqlite' {
  if (isInstalled('better-sqlite3')) return 'better-sqlite3'
  if (isInstalled('sqlite3')) return 'sqlite'
  throw driverMissing('SQLite', 'better-sqlite3@12')
}

function postgresOptions(settings: DataSourceSettings) {
  if (!isInstalled('pg')) throw driverMissing('Postgres', 'pg')
  const { Client } = require('pg') as typeof pg
  // A backend that is killed while its client is idle emits 'error' late; unheard, it would end the process.
  class SurvivingClient extends Client {
    constructor(...args: ConstructorParameters<typeof Client>) {
      super(...args)
      this.on('error', () => undefined)
    }
  }
  return {
    type: 'postgres' as const,
    url: settings.database,
    schema: settings.schema,
    poolErrorHandler: () => undefined,
    extra: {
      Client: SurvivingClient,
      max: settings.poolSize ?? 10,
      connectionTimeoutMillis: 10_000,
      query_timeout: 60_000,
    },
  }
}

/** The file of a SQLite URL; undefined for Postgres. @throws {InvalidInputError} for anything else */
export function sqliteFile(database: string): string | undefined {
  if (/^postgres(ql)?:\/\//.test(database)) return undefined
  if (database.startsWith('sqlite:')) return database.slice('sqlite:'.length).replace(/^\/\/(?=\/)/, '') || ':memory:'
  if (/\.(db|sqlite3?)$/.test(database)) return database
  // Never the whole: it may hold a password.
  const message = `${JSON.stringify(database.split('://')[0])} is not a database; write sqlite:./file.db or postgres://user@host/name`
  throw new InvalidInputError([{ path: 'database', message }])
}

export function databaseNotFound(file: string): NotFoundError {
  const makers = '"hansard sessions create", "hansard sessions import" and "hansard migrate up"'
  const message = `No database file ${JSON.stringify(file)}. Check the path; ${makers} make one, and openHansard without mustExist.`
  return new NotFoundError('DATABASE_NOT_FOUND', 'database', file, message)
}

function otherPrefix(file: string): InvalidInputError {
  const message = `${JSON.stringify(file)} is open in this process with another prefix; close that store first`
  return new InvalidInputError([{ path: 'tablePrefix', message }])
}

function isInstalled(name: string): boolean {
  try {
    require.resolve(name)
    return true
  } catch {
    return false
  }
}

function driverMissing(database: string, name: string): StorageError {
  return new StorageError(
    'DRIVER_MISSING',
    `${database} needs a driver that is not installed. Run: npm install ${name}`,
  )
}
