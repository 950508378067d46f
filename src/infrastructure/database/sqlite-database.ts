import type { DataSource, QueryRunner } from 'typeorm'
import { HansardError, StorageError } from '../../domain/errors.js'
import { type Database, type Dialect, HostTransactionDatabase, rowsOf, TransactionDatabase } from './database.js'
import { lockPatienceMs, retrying } from './database-retry.js'
import { fts5Expression } from './search/match-expressions.js'
import { findCommonInSqlite } from './search/sqlite-common-words.js'
import { findInSqlite } from './search/sqlite-search.js'
import { writeSqliteEntries } from './search-entries.js'
import { sqliteAppend } from './sessions/sqlite-append.js'
import { SqliteGuard } from './sqlite-guard.js'
import { withShortLockWait } from './sqlite-pragmas.js'
import { emptySqliteRows, reclaimSqlite } from './sqlite-space.js'
import { isLocked, isTransient, storageError } from './storage-errors.js'
import type { Tables } from './tables.js'
import type { Telemetry } from './telemetry.js'

const sqliteDialect: Omit<Dialect, 'isSearched'> = {
  append: sqliteAppend,
  sql: (sql) => sql,
  writeSearchEntries: writeSqliteEntries,
  find: findInSqlite,
  phraseExpression: fts5Expression,
  findCommon: findCommonInSqlite,
  unsought: (column) => `+${column}`,
  rowsOfHops: (hops, table) => `${hops} cross join ${table}`,
  hasSearchTable: true,
  heldRows: '',
  emptyRows: emptySqliteRows,
}
const maxGroupCount = 256
const maxGroupBytes = 8 * 1024 * 1024
const maxWaitMs = 30_000

interface Write {
  since: number
  bytes: number
  run(transaction: Database): Promise<void>
  /** Tells the caller the outcome of the last run, once it is committed. */
  settle(): void
  reject(error: unknown): void
}

export interface SqliteDatabaseOptions {
  tables: Tables
  telemetry: Telemetry
  isSearched: Dialect['isSearched']
  bodyFolder: Dialect['bodyFolder']
  /** How many grouped writes may wait before callers get OVERLOADED. */
  pendingWrites: number
  /** Whether the connection is a host's, whose settings stay as they are. */
  isOfHost: boolean
}

/**
 * SQLite through the one connection that TypeORM keeps: everything waits its turn at the guard,
 * and all short writes that wait when a transaction opens share its commit.
 */
export class SqliteDatabase implements Database {
  readonly tables: Tables
  readonly dialect: Dialect
  private readonly guard: SqliteGuard
  private readonly inside: TransactionDatabase
  /** For long transactions: others wait for the connection, but timers and sockets do not. */
  private readonly breathing: TransactionDatabase
  private waiting: Write[] = []
  private draining: Promise<void> | undefined

  constructor(
    readonly dataSource: DataSource,
    private readonly options: SqliteDatabaseOptions,
  ) {
    this.tables = options.tables
    const { isSearched, bodyFolder, isOfHost } = options
    this.dialect = { ...sqliteDialect, isSearched, bodyFolder, reclaim: isOfHost ? undefined : reclaimSqlite }
    this.guard = SqliteGuard.of(dataSource, maxWaitMs)
    const { runner } = this.guard
    this.inside = new TransactionDatabase(this.tables, this.dialect, runner.query.bind(runner))
    this.breathing = new TransactionDatabase(this.tables, this.dialect, async (sql, parameters) => {
      await this.guard.breathe()
      return runner.query(sql, parameters)
    })
  }

  host(runner: QueryRunner): HostTransactionDatabase {
    return new HostTransactionDatabase(this.tables, this.dialect, runner)
  }

  query<Row>(sql: string, parameters?: unknown[]): Promise<Row[]> {
    return this.alone(async () => rowsOf<Row>(await this.guard.runner.query(sql, parameters)))
  }

  transaction<T>(work: (transaction: Database) => Promise<T>): Promise<T> {
    return this.alone(() => this.immediately(() => work(this.breathing)))
  }

  /** For migrations: one transaction on the bare runner, foreign keys off while tables are rebuilt. */
  migrating<T>(work: (runner: QueryRunner) => Promise<T>): Promise<T> {
    const { runner } = this.guard
    return this.alone(async () => {
      await runner.query('PRAGMA foreign_keys = OFF')
      try {
        return await this.immediately(async () => {
          const result = await work(runner)
          const broken = rowsOf(await runner.query('PRAGMA foreign_key_check'))
          if (broken.length === 0) return result
          throw new StorageError(
            'STORAGE_FAILED',
            `The migration would leave ${broken.length} rows without their parent.`,
          )
        })
      } finally {
        await runner.query('PRAGMA foreign_keys = ON')
      }
    })
  }

  groupedWrite<T>(bytes: number, work: (transaction: Database) => Promise<T>): Promise<T> {
    const outside = this.guard.outside()
    if (outside) return outside.then(() => this.groupedWrite(bytes, work))
    if (this.waiting.length >= this.options.pendingWrites) {
      this.options.telemetry({ type: 'overloaded', pending: this.waiting.length })
      const message = `${this.waiting.length} writes wait already. Slow down and try again.`
      return Promise.reject(new StorageError('OVERLOADED', message, { retryable: true }))
    }
    return new Promise<T>((resolve, reject) => {
      let settle: () => void = () => undefined
      const run = async (transaction: Database) => {
        try {
          const result = await work(transaction)
          settle = () => resolve(result)
        } catch (error) {
          // An expected refusal came before any write of its own: its neighbours go on.
          if (!(error instanceof HansardError)) throw error
          settle = () => reject(error)
        }
      }
      this.waiting.push({ since: performance.now(), bytes, run, settle: () => settle(), reject })
      this.draining ??= this.guard.inNoTransaction(() => this.drain())
    })
  }

  retrying<T>(operation: string, work: () => Promise<T>): Promise<T> {
    return retrying(operation, this.options.telemetry, work)
  }

  async foreignKeysAreOn(): Promise<boolean> {
    const [row] = await this.query<{ foreign_keys: number }>('PRAGMA foreign_keys')
    return row?.foreign_keys === 1
  }

  /** Resolves when every accepted write has settled. */
  async drained(): Promise<void> {
    await this.draining
    await this.guard.exclusively(() => Promise.resolve())
  }

  private async drain(): Promise<void> {
    while (this.waiting.length > 0) await this.commitGroup()
    // In the same breath as the last look: a write that comes after it starts another drain.
    this.draining = undefined
  }

  private async commitGroup(): Promise<void> {
    let group: Write[] = []
    const startedAt = performance.now()
    try {
      await this.commit(() => (group.length > 0 ? group : (group = this.takeGroup())))
      this.options.telemetry({ type: 'commit', appends: group.length, durationMs: performance.now() - startedAt })
    } catch (error) {
      // Nothing was begun: the guard itself refused, or the file stayed locked.
      if (group.length === 0) group = this.takePatient(isLocked(error) ? lockPatienceMs : 0)
      // A file that stays locked is nobody's fault either, and each alone would wait as long again.
      else if (!isTransient(error)) return this.commitEachAlone(group)
      for (const write of group) write.reject(storageError(error))
    }
  }

  /** One of them, or the commit, failed: so that only the guilty fail. */
  private async commitEachAlone(group: Write[]): Promise<void> {
    for (const write of group) await this.commit(() => [write]).catch((error) => write.reject(storageError(error)))
  }

  /** Others get at the connection between two tries. */
  private async commit(take: () => Write[]): Promise<void> {
    const group = await this.retrying('append', () =>
      this.alone(() =>
        this.immediately(async () => {
          const taken = take()
          for (const write of taken) await write.run(this.inside)
          return taken
        }),
      ),
    )
    for (const write of group) write.settle()
  }

  private takeGroup(): Write[] {
    let count = 0
    for (let bytes = 0; count < this.waiting.length && count < maxGroupCount; count++) {
      bytes += this.waiting[count]?.bytes ?? 0
      if (bytes > maxGroupBytes && count > 0) break
    }
    return this.waiting.splice(0, count)
  }

  /** Those that have waited for so long; who came later waits on. */
  private takePatient(waitedMs: number): Write[] {
    const before = performance.now() - waitedMs
    const patient = this.waiting.filter(({ since }) => since <= before)
    this.waiting = this.waiting.filter(({ since }) => since > before)
    return patient
  }

  private alone<T>(work: () => Promise<T>): Promise<T> {
    const { guard, options } = this
    return guard.exclusively(options.isOfHost ? () => withShortLockWait(guard.runner, work) : work)
  }

  private async immediately<T>(work: () => Promise<T>): Promise<T> {
    const { runner } = this.guard
    await runner.query('BEGIN IMMEDIATE')
    try {
      const result = await work()
      await runner.query('COMMIT')
      return result
    } catch (error) {
      // SQLite may have rolled back by itself already (a full disk); the first error is the news.
      await runner.query('ROLLBACK').catch(() => undefined)
      throw error
    }
  }
}
