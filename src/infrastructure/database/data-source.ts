import { existsSync, mkdirSync, realpathSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import type * as pg from 'pg'
import { DataSource, type DataSourceOptions, type EntitySchema } from 'typeorm'
import { InvalidInputError, NotFoundError, StorageError } from '../../domain/errors.js'
import { activitySchemas } from './activity/activity-schemas.js'
import { contextSchemas } from './contexts/context-schemas.js'
import { retrying } from './database-retry.js'
import { hansardMigrations } from './migrations.js'
import { makeForOwnerAlone } from './own-file.js'
import type { SchemaOptions } from './schema-names.js'
import { sessionSchemas } from './sessions/session-schemas.js'
import { preparePragmas } from './sqlite-pragmas.js'
import { driverCode, storageError } from './storage-errors.js'
import type { TableOptions } from './tables.js'

/** The entities that a host adds to its DataSource's `entities`; its `synchronize` leaves them alone. */
export function hansardEntities(options: TableOptions = {}): EntitySchema[] {
  return entitySchemas({ ...options, synchronize: false })
}

/** Those of every capability; `synchronize` is for the tests that compare them with the migrations. */
export function entitySchemas(options: SchemaOptions): EntitySchema[] {
  return [...sessionSchemas(options), ...contextSchemas(options), ...activitySchemas(options)]
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
  durability: 'full' | 'normal'
}

const sharedFiles = new Map<string, SharedFile>()

/** A DataSource for `ormconfig.ts` and tools: made, not connected. */
export function createDataSource(settings: DataSourceSettings): DataSource {
  const options = dataSourceOptions(settings)
  try {
    return new DataSource(options)
  } catch (error) {
    // TypeORM 1 no longer knows the driver `sqlite3`.
    if (!(error instanceof Error) || error.name !== 'MissingDriverError') throw error
    throw driverMissing('SQLite under this TypeORM', 'better-sqlite3@12')
  }
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
  const key = realFile(file)
  const { tablePrefix, durability = 'full' } = settings
  const shared = sharedFiles.get(key) ?? { opening: connect(settings), openers: 0, tablePrefix, durability }
  if (shared.tablePrefix !== tablePrefix) throw otherPrefix(file)
  sharedFiles.set(key, shared)
  shared.openers++
  try {
    const dataSource = await shared.opening
    await harden(dataSource, shared, durability)
    return { dataSource, close: once(() => leave(key, shared)) }
  } catch (error) {
    sharedFiles.delete(key)
    throw error
  }
}

/** One name for the file, however it is reached: through links to it or to its folder. */
function realFile(file: string): string {
  try {
    mkdirSync(dirname(resolve(file)), { recursive: true })
    return existsSync(file) ? realpathSync(file) : join(realpathSync(dirname(resolve(file))), basename(file))
  } catch (error) {
    throw storageError(error)
  }
}

async function leave(key: string, shared: SharedFile): Promise<void> {
  if (--shared.openers > 0) return
  sharedFiles.delete(key)
  await (await shared.opening).destroy()
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined
  return () => (done ??= work())
}

/** Of several openers the most careful one decides: what it was promised holds for the connection. */
async function harden(dataSource: DataSource, shared: SharedFile, durability: 'full' | 'normal'): Promise<void> {
  if (shared.durability === durability || durability === 'normal') return
  shared.durability = durability
  await dataSource.query(`PRAGMA synchronous = ${durability}`)
}

async function connect(settings: DataSourceSettings): Promise<DataSource> {
  const dataSource = createDataSource(settings)
  const file = sqliteFile(settings.database)
  const isSqlite = file !== undefined
  if (isSqlite && file !== ':memory:') makeForOwnerAlone(file)
  // Also when a server is still starting, or another process is just making the same file.
  return retrying('open', ignoreTelemetry, async () => {
    if (!dataSource.isInitialized) await initialize(dataSource, settings)
    if (isSqlite) await preparePragmas(dataSource, settings.durability)
    return dataSource
  })
}

function initialize(dataSource: DataSource, { database }: DataSourceSettings): Promise<unknown> {
  return dataSource.initialize().catch((error: unknown) => {
    if (driverCode(error) === invalidCatalogName) throw postgresDatabaseNotFound(database)
    return refuseUnbuilt(error)
  })
}

const invalidCatalogName = '3D000'

const ignoreTelemetry = () => undefined

function dataSourceOptions(settings: DataSourceSettings): DataSourceOptions {
  const file = sqliteFile(settings.database)
  const common = {
    entities: settings.entities ?? hansardEntities(settings),
    migrations: hansardMigrations(settings),
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

/**
 * The file of a SQLite URL: what follows `sqlite:`, or `sqlite://` as in other URLs.
 *
 * @returns undefined for Postgres
 * @throws {InvalidInputError} for anything else
 */
export function sqliteFile(database: string): string | undefined {
  if (/^postgres(ql)?:\/\//.test(database) && URL.canParse(database)) return undefined
  const isFile = /\.(db|sqlite3?)$/.test(database) && !/^[a-z]{2,}:/i.test(database)
  const file = isFile ? database : /^sqlite:(.+)$/s.exec(database)?.[1]?.replace(/^\/\//, '')
  if (file) return file
  // Of what is before `://` alone, since the rest may hold a password.
  const scheme = /^[a-z]+(?=:\/\/)/i.exec(database)?.[0] ?? 'this'
  const message = `${JSON.stringify(scheme)} is not a database; write sqlite:./file.db or postgres://user@host/name`
  throw new InvalidInputError([{ path: 'database', message }])
}

export function databaseNotFound(file: string): NotFoundError {
  const makers =
    '"hansard sessions create", "hansard sessions import", "hansard contexts open", "hansard contexts run", "hansard activity record", "hansard activity backfill", "hansard transcripts ingest", "hansard serve" and "hansard migrate up"'
  const message = `No database file ${JSON.stringify(file)}. Check the path; ${makers} make one, and openHansard without mustExist.`
  return new NotFoundError('DATABASE_NOT_FOUND', 'database', file, message)
}

/** Names the database alone: the rest of its URL may hold a password. */
function postgresDatabaseNotFound(url: string): NotFoundError {
  const name = decodeURIComponent(new URL(url).pathname.slice(1))
  const missing = name
    ? `No database ${JSON.stringify(name)} on this Postgres server.`
    : 'The URL names no database, and there is no default one on this Postgres server.'
  const message = `${missing} Check the URL, or create it there and run "hansard migrate up".`
  return new NotFoundError('DATABASE_NOT_FOUND', 'database', name, message)
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

function refuseUnbuilt(error: unknown): never {
  if (!(error instanceof Error) || !error.message.includes('Could not locate the bindings file')) throw error
  const message =
    'better-sqlite3 is installed, but its binary was not built. Allow its install script, then run: npm rebuild better-sqlite3'
  throw new StorageError('DRIVER_MISSING', message, { cause: error })
}
