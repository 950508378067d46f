import type { DataSource } from 'typeorm'
import { InvalidInputError } from './domain/errors.js'
import { BodyFolder } from './infrastructure/database/body-folder.js'
import { openDataSource } from './infrastructure/database/data-source.js'
import type { Migrator } from './infrastructure/database/migrations.js'
import { assertEntities, migratorOf, openStore, type Store } from './infrastructure/database/store.js'
import type { Telemetry } from './infrastructure/database/telemetry.js'
import { isOwnSqlite, type OpenHansardOptions, type SearchKind } from './open-options.js'

/** A database that was connected to, by us or by the host. */
export interface Connection {
  store: Store
  migrator: Migrator
  telemetry: Telemetry
  close(): Promise<void>
}

export async function connect(options: OpenHansardOptions): Promise<Connection> {
  const telemetry = harmless(options.telemetry)
  const bodies = options.transcripts?.bodies
  const storeOptions = {
    schema: options.schema,
    tablePrefix: options.tablePrefix,
    telemetry,
    pendingWrites: options.limits?.pendingWrites ?? 10_000,
    bodyFolder: bodies === undefined ? undefined : new BodyFolder(bodies),
    isOfHost: options.dataSource !== undefined,
    isSearched: (kind: string) => options.search?.[kind as SearchKind] ?? true,
  }
  const { dataSource, close } = await sourceOf(options)
  const store = openStore(dataSource, storeOptions)
  return { store, migrator: migratorOf(store, options), telemetry, close }
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

/** Applies what is pending; only then, and never on a host's connection, is a SQLite file put into WAL mode. */
export function migrateUp(options: OpenHansardOptions, { store, migrator }: Connection): Promise<string[]> {
  return store.retrying('migrate', async () => {
    if (isOwnSqlite(options)) await store.query('PRAGMA journal_mode = WAL')
    return migrator.up()
  })
}
