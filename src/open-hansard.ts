import type { DataSource, EntityManager } from 'typeorm'
import { MessageFollower } from './application/sessions/message-follower.js'
import { defaultLimits, type SessionLimits } from './application/sessions/new-messages.js'
import { PersistentSessionService } from './application/sessions/persistent-session-service.js'
import type { SessionRepositories, SessionServiceParts } from './application/sessions/session-service-parts.js'
import { type Clock, systemClock } from './domain/clock.js'
import { InvalidInputError, StorageError } from './domain/errors.js'
import { ulids } from './domain/ids.js'
import { Hansard, type HansardParts } from './hansard.js'
import { type DataSourceSettings, openDataSource } from './infrastructure/database/data-source.js'
import type { Database } from './infrastructure/database/database.js'
import type { Migrator } from './infrastructure/database/migrations.js'
import { examine, lastSequences, sweepStaged } from './infrastructure/database/sessions/session-upkeep.js'
import { TypeOrmSessionMessageRepository } from './infrastructure/database/sessions/typeorm-session-message-repository.js'
import { TypeOrmSessionRepository } from './infrastructure/database/sessions/typeorm-session-repository.js'
import { TypeOrmUsageLedger } from './infrastructure/database/sessions/typeorm-usage-ledger.js'
import { assertEntities, migratorOf, openStore, openTransaction, type Store } from './infrastructure/database/store.js'
import type { TableOptions } from './infrastructure/database/tables.js'
import type { Telemetry } from './infrastructure/database/telemetry.js'

export interface OpenHansardOptions extends TableOptions, Partial<Omit<DataSourceSettings, 'entities'>> {
  /** A host's initialised DataSource instead of `database`; it needs `hansardEntities()` among its entities. */
  dataSource?: DataSource
  /** The tenant wall that the facade stands behind. Defaults to `default`. */
  namespace?: string
  /**
   * `run` applies pending migrations (the default for SQLite files that we open), `check` refuses a
   * stale schema by name (the default for Postgres and for a host's DataSource), `off` does neither.
   */
  migrate?: 'run' | 'check' | 'off'
  /** Source of every instant. Defaults to the system's. */
  clock?: Clock
  limits?: Partial<SessionLimits> & {
    /** Writes that may wait before callers get OVERLOADED. Defaults to 10,000. */
    pendingWrites?: number
  }
  /** Told of retries, commits and refusals; the library itself never writes to the console. */
  telemetry?: Telemetry
}

const schemaCeilingBytes = 64 * 1024 * 1024
const staleStagingMs = 15 * 60_000

/**
 * Opens a session store on SQLite or Postgres.
 *
 * @throws {StorageError} DRIVER_MISSING, SCHEMA_STALE, SCHEMA_TOO_NEW, ENTITIES_MISSING, STORAGE_UNAVAILABLE
 * @throws {NotFoundError} DATABASE_NOT_FOUND with `mustExist`
 * @example
 * const hansard = await openHansard({ database: 'sqlite:./hansard.db' })
 */
export async function openHansard(options: OpenHansardOptions): Promise<Hansard<EntityManager>> {
  const limits = checkedLimits(options)
  const connection = await connect(options)
  const { clock = systemClock, namespace = 'default' } = options
  try {
    await prepare(options, connection, staleStaging(clock))
    return new Hansard(wired(connection, { clock, limits }, checkedNamespace(namespace)))
  } catch (error) {
    await connection.close()
    throw error
  }
}

/** The facade's parts for one namespace, and how to make those of another or of a host's transaction. */
function wired(
  { store, migrator, close }: Connection,
  { clock, limits }: { clock: Clock; limits: SessionLimits },
  firstNamespace: string,
): HansardParts<EntityManager> {
  let isClosed = false
  const assertOpen = () => {
    if (isClosed) throw new StorageError('STORE_CLOSED', 'This store was closed. Open another with openHansard.')
  }
  const follower = new MessageFollower((ids) => lastSequences(store, ids))
  const shared = { clock, newId: ulids(clock), limits, follower, assertOpen }
  const partsFor = (database: Database, namespace: string): HansardParts<EntityManager> => ({
    sessions: sessionService(database, namespace, shared),
    namespace: (name) => partsFor(database, checkedNamespace(name)),
    withTransaction: (manager) => partsFor(store.bound(openTransaction(manager)), namespace),
    doctor: (only) => examine(store, migrator, staleStaging(clock), only),
    async close() {
      if (isClosed) return
      isClosed = true
      follower.close()
      await store.drained()
      await close()
    },
  })
  return partsFor(store, firstNamespace)
}

const staleStaging = (clock: Clock) => new Date(clock().getTime() - staleStagingMs)

async function prepare(options: OpenHansardOptions, { store, migrator }: Connection, staleBefore: Date): Promise<void> {
  await migrate(options, store, migrator)
  const areKeysOn = await store.foreignKeysAreOn()
  if (!areKeysOn) throw new StorageError('STORAGE_FAILED', 'Foreign keys are off on this SQLite connection.')
  if (options.migrate !== 'off') await sweepStaged(store, staleBefore)
}

export interface Migrations {
  /** Applies what is pending; the names applied. */
  up(): Promise<string[]>
  /** Reverts the newest step, children of its tables kept; its name, or null. */
  down(): Promise<string | null>
  status(): Promise<{ name: string; applied: boolean }[]>
  /** The statements of every step for this database, without running them. */
  sql(): string[]
  close(): Promise<void>
}

/** The migrations of a database, for tools; `openHansard({ migrate: 'run' })` is all that a host needs. */
export async function openMigrations(options: OpenHansardOptions): Promise<Migrations> {
  const { migrator, close } = await connect(options)
  return {
    up: () => migrator.up(),
    down: () => migrator.down(),
    status: () => migrator.status(),
    sql: () => migrator.sql(),
    close,
  }
}

interface Connection {
  store: Store
  migrator: Migrator
  close(): Promise<void>
}

async function connect(options: OpenHansardOptions): Promise<Connection> {
  const storeOptions = {
    schema: options.schema,
    tablePrefix: options.tablePrefix,
    telemetry: harmless(options.telemetry),
    pendingWrites: options.limits?.pendingWrites ?? 10_000,
  }
  const { dataSource, close } = await sourceOf(options)
  const store = openStore(dataSource, storeOptions)
  return { store, migrator: migratorOf(store, options), close }
}

/** A listener that throws must not turn a stored message into a failed call. */
function harmless(telemetry: Telemetry | undefined): Telemetry {
  return (event) => {
    try {
      telemetry?.(event)
    } catch {
      // Telemetry is the host's; it has its own means to learn of its own faults.
    }
  }
}

async function sourceOf(options: OpenHansardOptions): Promise<{ dataSource: DataSource; close(): Promise<void> }> {
  const { dataSource, database } = options
  if ((dataSource === undefined) === (database === undefined)) {
    const message = "needs exactly one of database ('sqlite:./hansard.db', 'postgres://…') and dataSource"
    throw new InvalidInputError([{ path: 'options', message }])
  }
  if (database !== undefined) return openDataSource({ ...options, database })
  const host = dataSource as DataSource
  if (!host.isInitialized) await host.initialize()
  assertEntities(host, options)
  return { dataSource: host, close: () => Promise.resolve() }
}

async function migrate(options: OpenHansardOptions, store: Store, migrator: Migrator): Promise<void> {
  const isOwnSqlite = options.dataSource === undefined && store.dataSource.options.type !== 'postgres'
  const mode = options.migrate ?? (isOwnSqlite ? 'run' : 'check')
  if (mode === 'run') await store.retrying('migrate', () => migrator.up())
  if (mode === 'check') await migrator.check()
}

type Shared = Pick<SessionServiceParts, 'clock' | 'newId' | 'limits' | 'follower' | 'assertOpen'>

function sessionService(database: Database, namespace: string, shared: Shared): PersistentSessionService {
  const repositories = (on: Database): SessionRepositories => ({
    sessions: new TypeOrmSessionRepository(on, namespace),
    messages: new TypeOrmSessionMessageRepository(on, namespace),
    ledger: new TypeOrmUsageLedger(on, namespace),
  })
  const unitOfWork = {
    inTransaction: <T>(work: (inside: SessionRepositories) => Promise<T>) =>
      database.retrying('transaction', () => database.transaction((transaction) => work(repositories(transaction)))),
  }
  return new PersistentSessionService({ ...shared, ...repositories(database), unitOfWork, namespace })
}

function checkedLimits(options: OpenHansardOptions): SessionLimits {
  const limits = { ...defaultLimits, ...options.limits }
  for (const name of ['messageBytes', 'metadataBytes'] as const) {
    const bytes = limits[name]
    if (Number.isSafeInteger(bytes) && bytes > 0 && bytes <= schemaCeilingBytes) continue
    const message = `${bytes} is not a limit; write bytes from 1 to ${schemaCeilingBytes}, the schema's ceiling`
    throw new InvalidInputError([{ path: `limits.${name}`, message }])
  }
  return limits
}

function checkedNamespace(name: string): string {
  const isName =
    typeof name === 'string' && name.length > 0 && name.length <= 255 && !name.includes('\u0000') && name.isWellFormed()
  if (isName) return name
  throw new InvalidInputError([
    { path: 'namespace', message: `${JSON.stringify(name)} is not a namespace; write 1 to 255 characters` },
  ])
}
