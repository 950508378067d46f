import { existsSync, mkdirSync, realpathSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { DataSource, type DataSourceOptions, type EntitySchema } from 'typeorm'
import { InvalidInputError } from '../../domain/errors.js'
import { activitySchemas } from './activity/activity-schemas.js'
import { contextSchemas } from './contexts/context-schemas.js'
import { driverMissing, postgresOptions, refuseUnbuilt, sqliteType } from './database-drivers.js'
import { retrying } from './database-retry.js'
import { databaseNotFound, postgresDatabaseNotFound, sqliteFile } from './database-url.js'
import { hansardMigrations } from './migrations.js'
import { makeForOwnerAlone } from './own-file.js'
import type { SchemaOptions } from './schema-names.js'
import { sessionSchemas } from './sessions/session-schemas.js'
import { preparePragmas } from './sqlite-pragmas.js'
import { driverCode, storageError } from './storage-errors.js'
import type { TableOptions } from './tables.js'
import { transcriptSchemas } from './transcripts/transcript-schemas.js'

/** The entities that a host adds to its DataSource's `entities`; its `synchronize` leaves them alone. */
export function hansardEntities(options: TableOptions = {}): EntitySchema[] {
  return entitySchemas({ ...options, synchronize: false })
}

/** Those of every capability; `synchronize` is for the tests that compare them with the migrations. */
export function entitySchemas(options: SchemaOptions): EntitySchema[] {
  return [sessionSchemas, contextSchemas, activitySchemas, transcriptSchemas].flatMap((schemas) => schemas(options))
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
  return { ...common, type: sqliteType(settings.sqliteDriver), database: file } as DataSourceOptions
}

function otherPrefix(file: string): InvalidInputError {
  const message = `${JSON.stringify(file)} is open in this process with another prefix; close that store first`
  return new InvalidInputError([{ path: 'tablePrefix', message }])
}
