import type { DataSource, EntityManager, QueryRunner } from 'typeorm'
import { StorageError } from '../../domain/errors.js'
import { Session } from '../../domain/sessions/session.js'
import type { BodyFolder } from './body-folder.js'
import type { Database, HostTransactionDatabase } from './database.js'
import { Migrator } from './migrations.js'
import { PostgresDatabase } from './postgres-database.js'
import { SqliteDatabase } from './sqlite-database.js'
import { type TableOptions, Tables } from './tables.js'
import type { Telemetry } from './telemetry.js'

/** The database as the wiring needs it, whichever it is. */
export interface Store extends Database {
  readonly dataSource: DataSource
  /** The store inside a host's open transaction. */
  host(runner: QueryRunner): HostTransactionDatabase
  migrating<T>(work: (runner: QueryRunner) => Promise<T>): Promise<T>
  drained(): Promise<void>
}

export interface StoreOptions extends TableOptions {
  telemetry: Telemetry
  pendingWrites: number
  /** Which kinds search is to find. Defaults to all. */
  isSearched?: (kind: string) => boolean
  /** Where long texts of transcripts go. Defaults to the database. */
  bodyFolder?: BodyFolder
  /** Whether the DataSource is a host's. Defaults to true: nothing of it is changed. */
  isOfHost?: boolean
}

/** The one place that asks which database a DataSource is of. */
export function openStore(dataSource: DataSource, options: StoreOptions): Store {
  const { telemetry, pendingWrites, isSearched = () => true, bodyFolder, isOfHost = true } = options
  const parts = { tables: new Tables(options), telemetry, pendingWrites, isSearched, bodyFolder }
  const type: string = dataSource.options.type
  if (type === 'postgres') {
    surviveIdleClients(dataSource)
    return new PostgresDatabase(dataSource, parts)
  }
  if (type === 'better-sqlite3' || type === 'sqlite') return new SqliteDatabase(dataSource, { ...parts, isOfHost })
  throw new StorageError(
    'STORAGE_FAILED',
    `Hansard keeps sessions in SQLite and Postgres, and this DataSource is of type "${type}".`,
  )
}

export function migratorOf(store: Store, options: TableOptions): Migrator {
  return new Migrator(store.dataSource, options, (work) => store.migrating(work))
}

/** @throws {StorageError} ENTITIES_MISSING naming the line that a host's DataSource lacks */
export function assertEntities(dataSource: DataSource, { schema, tablePrefix }: TableOptions): void {
  const tableName = `${tablePrefix ?? ''}sessions`
  if (dataSource.hasMetadata(Session) && dataSource.getMetadata(Session).tableName === tableName) return
  const { schema: hostSchema } = dataSource.options as { schema?: string }
  const given = JSON.stringify({ schema: schema === hostSchema ? undefined : schema, tablePrefix })
  const message = `This DataSource does not know our entities. Add them: entities: [...yours, ...hansardEntities(${given === '{}' ? '' : given})].`
  throw new StorageError('ENTITIES_MISSING', message)
}

/** @throws {StorageError} INSIDE_TRANSACTION when no transaction is open on the manager */
export function openTransaction({ queryRunner }: EntityManager): QueryRunner {
  if (queryRunner?.isTransactionActive) return queryRunner
  const message = 'withTransaction needs the manager of an open transaction: dataSource.transaction((manager) => …).'
  throw new StorageError('INSIDE_TRANSACTION', message)
}

/** A backend that is killed while its client is idle would otherwise end the host's process. */
function surviveIdleClients(dataSource: DataSource): void {
  const { master } = dataSource.driver as unknown as {
    master?: { on(event: 'connect', listen: (client: Client) => void): void }
  }
  master?.on('connect', (client) => client.on('error', () => undefined))
}

interface Client {
  on(event: 'error', listen: () => void): void
}
