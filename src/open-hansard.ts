import { AsyncResource } from 'node:async_hooks'
import type { EntityManager } from 'typeorm'
import { OpenCalls } from './application/open-calls.js'
import { MessageFollower } from './application/sessions/message-follower.js'
import { type Clock, systemClock } from './domain/clock.js'
import { StorageError } from './domain/errors.js'
import { ulids } from './domain/ids.js'
import { Hansard, type HansardParts, type HealthCheck } from './hansard.js'
import { unreadableEvents } from './infrastructure/database/activity/activity-health.js'
import { eventSource } from './infrastructure/database/activity/event-entries.js'
import { unreadableContexts } from './infrastructure/database/contexts/context-health.js'
import type { Database } from './infrastructure/database/database.js'
import { type Migrator, migrationSql } from './infrastructure/database/migrations.js'
import { findSearchDrift, reindex } from './infrastructure/database/search/search-upkeep.js'
import { messageSource } from './infrastructure/database/sessions/message-entries.js'
import { examine, lastSequences, sweepStaged } from './infrastructure/database/sessions/session-upkeep.js'
import { openTransaction, type Store } from './infrastructure/database/store.js'
import { digestSource, transcriptEventSource } from './infrastructure/database/transcripts/transcript-entries.js'
import {
  unreadableTranscriptSources,
  unreadableTranscripts,
} from './infrastructure/database/transcripts/transcript-health.js'
import { withUnreadable } from './infrastructure/database/unreadable-rows.js'
import { type Connection, connect, migrateUp } from './open-connection.js'
import {
  checkedClock,
  checkedLimits,
  checkedNamespace,
  checkedOptions,
  isOwnSqlite,
  kindOf,
  type OpenHansardOptions,
} from './open-options.js'
import { openServices, type Shared } from './open-services.js'
import { checkedSettings } from './open-transcript-settings.js'

const staleStagingMs = 15 * 60_000

export type { OpenHansardOptions }

/**
 * Opens a session store on SQLite or Postgres.
 *
 * @throws {StorageError} DRIVER_MISSING, SCHEMA_STALE, SCHEMA_TOO_NEW, ENTITIES_MISSING, STORAGE_UNAVAILABLE
 * @throws {NotFoundError} DATABASE_NOT_FOUND: a SQLite file with `mustExist`, a Postgres database always
 * @example
 * const hansard = await openHansard({ database: 'sqlite:./hansard.db' })
 */
export async function openHansard(given: OpenHansardOptions): Promise<Hansard<EntityManager>> {
  const options = checkedOptions(given)
  const limits = checkedLimits(options)
  const settings = checkedSettings(options.transcripts)
  const connection = await connect(options)
  const { namespace = 'default' } = options
  const clock = checkedClock(options.clock ?? systemClock)
  try {
    await prepare(options, connection, staleStaging(clock))
    const given = { clock, limits, settings, redact: options.redact ?? {} }
    return new Hansard(wired(connection, given, checkedNamespace(namespace)))
  } catch (error) {
    await connection.close()
    throw error
  }
}

/** The facade's parts for one namespace, and how to make those of another or of a host's transaction. */
function wired(
  { store, migrator, telemetry, close }: Connection,
  { clock, ...given }: Pick<Shared, 'clock' | 'limits' | 'settings' | 'redact'>,
  firstNamespace: string,
): HansardParts<EntityManager> {
  const calls = new OpenCalls()
  const follower = new MessageFollower((ids) => lastSequences(store, ids))
  const shared = { clock, newId: ulids(clock), ...given, follower, calls, outside: new AsyncResource('Hansard') }
  const shut = closing(async () => {
    follower.close()
    await calls.close()
    await store.drained()
    await close()
  })
  const partsFor = (database: Database, namespace: string): HansardParts<EntityManager> => ({
    ...openServices({ database, store, telemetry }, namespace, shared),
    reindexSearch: (options = {}) => calls.accept(() => reindex(store, searchSources, options)),
    namespace: (name) => partsFor(database, checkedNamespace(name)),
    withTransaction: (manager) => ({
      ...partsFor(store.host(openTransaction(manager)), namespace),
      close: () => Promise.reject(closeInsideTransaction()),
    }),
    doctor: (only) => calls.accept(() => diagnose(store, migrator, staleStaging(clock), only)),
    close: shut,
  })
  return partsFor(store, firstNamespace)
}

/** Whatever search finds. */
const searchSources = [messageSource, eventSource, transcriptEventSource, digestSource]

async function diagnose(
  store: Store,
  migrator: Migrator,
  staleBefore: Date,
  only: HealthCheck['name'][] | undefined,
): Promise<HealthCheck[]> {
  const findings = { staleBefore, findSearchDrift: () => findSearchDrift(store, searchSources) }
  const finders = [unreadableContexts, unreadableEvents, unreadableTranscripts, unreadableTranscriptSources]
  return withUnreadable(store, await examine(store, migrator, findings, only), finders)
}

/**
 * One closing for all who ask. Called inside a host's transaction it could only wait for itself and
 * fails; then the next call begins it again.
 */
function closing(shut: () => Promise<void>): () => Promise<void> {
  let underWay: Promise<void> | undefined
  const again = (error: unknown) => {
    underWay = undefined
    throw error
  }
  return () => (underWay ??= shut().catch(again))
}

function closeInsideTransaction(): StorageError {
  const message =
    'A store is not closed from inside a transaction. End the transaction, then close the store that openHansard gave.'
  return new StorageError('INSIDE_TRANSACTION', message)
}

const staleStaging = (clock: Clock) => new Date(clock().getTime() - staleStagingMs)

async function prepare(options: OpenHansardOptions, connection: Connection, staleBefore: Date): Promise<void> {
  const { store, migrator } = connection
  const mode = options.migrate ?? (isOwnSqlite(options) ? 'run' : 'check')
  if (mode === 'run') await migrateUp(options, connection)
  if (mode === 'check') await store.retrying('migrate', () => migrator.check())
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

/**
 * The migrations of a database, for tools; `openHansard({ migrate: 'run' })` is all that a host needs.
 * Connects when a call needs it; `sql` does not.
 */
export async function openMigrations(given: OpenHansardOptions): Promise<Migrations> {
  const options = checkedOptions(given)
  const kind = kindOf(options)
  let connection: Promise<Connection> | undefined
  const connected = () => (connection ??= connect(options))
  const migrating = async <T>(work: (migrator: Migrator) => Promise<T>) => {
    const { store, migrator } = await connected()
    return store.retrying('migrate', () => work(migrator))
  }
  return {
    up: async () => migrateUp(options, await connected()),
    down: () => migrating((migrator) => migrator.down()),
    status: () => migrating((migrator) => migrator.status()),
    sql: () => migrationSql(kind, options),
    async close() {
      const open = connection
      connection = undefined
      await open?.then(({ close }) => close()).catch(() => undefined)
    },
  }
}
