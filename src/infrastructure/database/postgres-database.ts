import type { DataSource, QueryRunner } from 'typeorm'
import { StorageError } from '../../domain/errors.js'
import {
  type Database,
  type Dialect,
  HostTransactionDatabase,
  onceMoreIfOvertaken,
  postgresSql,
  rowsOf,
  TransactionDatabase,
} from './database.js'
import { retrying } from './database-retry.js'
import { tsqueryExpression } from './search/match-expressions.js'
import { findCommonInPostgres, findInPostgres } from './search/postgres-search.js'
import { writePostgresEntries } from './search-entries.js'
import { postgresAppend } from './sessions/postgres-append.js'
import type { Tables } from './tables.js'
import type { Telemetry } from './telemetry.js'

const postgresDialect: Omit<Dialect, 'isSearched'> = {
  append: postgresAppend,
  sql: postgresSql,
  writeSearchEntries: writePostgresEntries,
  find: findInPostgres,
  phraseExpression: tsqueryExpression,
  findCommon: findCommonInPostgres,
  unsought: (column) => column,
  rowsOfHops: (hops, table, column) =>
    `${hops} cross join lateral (select * from ${table} where namespace = hop_namespace and ${column} = hop offset 0) as found`,
  hasSearchTable: false,
  heldRows: 'for key share',
  holdName: 'select pg_advisory_xact_lock(hashtextextended(?, 0))',
  emptyRows: async (transaction, table, set, ids) => {
    await transaction.query(`update ${table} set ${set} where id in (${ids.map(() => '?').join(', ')})`, ids)
  },
}

// Any constant will do, as long as every process of every release takes the same.
const migrationLock = 7_264_110_042

export interface PostgresDatabaseOptions {
  tables: Tables
  telemetry: Telemetry
  isSearched: Dialect['isSearched']
  bodyFolder: Dialect['bodyFolder']
  /** How many writes may be under way or waiting for a connection before callers get OVERLOADED. */
  pendingWrites: number
}

/** Postgres through TypeORM's pool: no session state, never a second connection inside a transaction. */
export class PostgresDatabase implements Database {
  readonly tables: Tables
  readonly dialect: Dialect
  private readonly underWay = new Set<Promise<unknown>>()
  private pendingWrites = 0

  constructor(
    readonly dataSource: DataSource,
    private readonly options: PostgresDatabaseOptions,
  ) {
    this.tables = options.tables
    this.dialect = { ...postgresDialect, isSearched: options.isSearched, bodyFolder: options.bodyFolder }
  }

  host(runner: QueryRunner): HostTransactionDatabase {
    return new HostTransactionDatabase(this.tables, this.dialect, runner)
  }

  private bound(runner: QueryRunner): TransactionDatabase {
    return new TransactionDatabase(this.tables, this.dialect, runner.query.bind(runner))
  }

  async query<Row>(sql: string, parameters?: unknown[]): Promise<Row[]> {
    return rowsOf(await this.draining(this.dataSource.query<unknown>(postgresSql(sql), parameters)))
  }

  transaction<T>(work: (transaction: Database) => Promise<T>): Promise<T> {
    return this.draining(this.onOneConnection((runner) => work(this.bound(runner))))
  }

  /** For migrations: one transaction, one connection, one process at a time. */
  migrating<T>(work: (runner: QueryRunner) => Promise<T>): Promise<T> {
    return this.onOneConnection(async (runner) => {
      await runner.query('SELECT pg_advisory_xact_lock($1)', [migrationLock])
      return work(runner)
    })
  }

  /** One statement is its own transaction here; there is no group to wait for. */
  groupedWrite<T>(_bytes: number, work: (transaction: Database) => Promise<T>): Promise<T> {
    if (this.pendingWrites >= this.options.pendingWrites) {
      this.options.telemetry({ type: 'overloaded', pending: this.pendingWrites })
      const message = `${this.pendingWrites} writes wait already. Slow down and try again.`
      return Promise.reject(new StorageError('OVERLOADED', message, { retryable: true }))
    }
    this.pendingWrites++
    const write = this.retrying('append', () => onceMoreIfOvertaken(() => work(this)))
    return this.draining(write.finally(() => this.pendingWrites--))
  }

  retrying<T>(operation: string, work: () => Promise<T>): Promise<T> {
    return retrying(operation, this.options.telemetry, work)
  }

  foreignKeysAreOn(): Promise<boolean> {
    return Promise.resolve(true)
  }

  /** Resolves when every accepted write has settled. */
  async drained(): Promise<void> {
    await Promise.allSettled(this.underWay)
  }

  private draining<T>(work: Promise<T>): Promise<T> {
    this.underWay.add(work)
    const done = () => this.underWay.delete(work)
    work.then(done, done)
    return work
  }

  private async onOneConnection<T>(work: (runner: QueryRunner) => Promise<T>): Promise<T> {
    const runner = this.dataSource.createQueryRunner()
    try {
      await runner.startTransaction()
      const result = await work(runner)
      await runner.commitTransaction()
      return result
    } catch (error) {
      // A dead connection cannot roll back, and need not: the server has.
      if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => undefined)
      throw error
    } finally {
      await runner.release().catch(() => undefined)
    }
  }
}
