import type { EntityManager } from 'typeorm'
import type { AppendRequest, AppendResult } from '../../domain/sessions/session-message-repository.js'
import { isUniqueViolation, storageError } from './storage-errors.js'
import type { Tables } from './tables.js'

/**
 * What a repository works on: the store outside any transaction, or one open transaction. SQL is
 * written once, with `?` for parameters and in lower case (one driver reads the result's form off
 * the case of the first word).
 */
export interface Database {
  readonly tables: Tables
  readonly dialect: Dialect
  query<Row>(sql: string, parameters?: unknown[]): Promise<Row[]>
  /** One transaction of ours, or a savepoint where one is open. */
  transaction<T>(work: (transaction: Database) => Promise<T>): Promise<T>
  /** A short write that may share its commit with others; it throws before its first write, or not at all. */
  groupedWrite<T>(bytes: number, work: (transaction: Database) => Promise<T>): Promise<T>
  retrying<T>(operation: string, work: () => Promise<T>): Promise<T>
  /** Postgres cannot do without; SQLite must be told on every connection. */
  foreignKeysAreOn(): Promise<boolean>
}

/**
 * Appends in the manner of one database; see `sqlite-append.ts` and `postgres-append.ts`. A repeat is a
 * try after another whose answer may have been lost.
 */
export type AppendStatement = (
  database: Database,
  namespace: string,
  request: AppendRequest,
  isRepeat: boolean,
) => Promise<AppendResult>

/** The few places where one database's statements part from the other's. */
export interface Dialect {
  readonly append: AppendStatement
  /** Our SQL, with `?`, as the driver takes it. */
  readonly sql: (sql: string) => string
  /** Takes a name as its parameter; absent where writers are alone anyway. */
  readonly holdName?: string
}

/** `?` becomes `$1`, `$2` … for Postgres; remembered, since each text is a constant of ours. */
const numbered = new Map<string, string>()
export const postgresSql: Dialect['sql'] = (sql) => {
  const known = numbered.get(sql)
  if (known) return known
  let count = 0
  const text = sql.replace(/\?/g, () => `$${++count}`)
  if (numbered.size < 1_000) numbered.set(sql, text)
  return text
}

/** Inside a transaction: waits for every other one that held `name`, and keeps the later ones waiting. */
export async function holdName(transaction: Database, name: string): Promise<void> {
  const { holdName: sql } = transaction.dialect
  if (sql) await transaction.query(sql, [name])
}

/** Drivers differ in what a raw query returns; ours is always the rows. */
export function rowsOf<Row>(result: unknown): Row[] {
  if (!Array.isArray(result)) return []
  const isRowsAndCount = result.length === 2 && Array.isArray(result[0]) && typeof result[1] === 'number'
  return (isRowsAndCount ? result[0] : result) as Row[]
}

/** An open transaction, ours or a host's: never retried, never ended by what works inside it. */
export class TransactionDatabase implements Database {
  constructor(
    readonly tables: Tables,
    readonly dialect: Dialect,
    private readonly manager: EntityManager,
  ) {}

  async query<Row>(sql: string, parameters?: unknown[]): Promise<Row[]> {
    return rowsOf(await this.manager.query(this.dialect.sql(sql), parameters))
  }

  async transaction<T>(work: (transaction: Database) => Promise<T>): Promise<T> {
    const savepoint = `hansard_${++savepoints}`
    await this.manager.query(`SAVEPOINT ${savepoint}`)
    try {
      const result = await work(this)
      await this.manager.query(`RELEASE SAVEPOINT ${savepoint}`)
      return result
    } catch (error) {
      await this.manager.query(`ROLLBACK TO SAVEPOINT ${savepoint}`)
      await this.manager.query(`RELEASE SAVEPOINT ${savepoint}`)
      throw error
    }
  }

  groupedWrite<T>(_bytes: number, work: (transaction: Database) => Promise<T>): Promise<T> {
    return this.retrying('append', () => onceMoreIfOvertaken(() => this.transaction(work)))
  }

  foreignKeysAreOn(): Promise<boolean> {
    return Promise.resolve(true)
  }

  async retrying<T>(_operation: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw storageError(error)
    }
  }
}

let savepoints = 0

/**
 * A host's open transaction, on whose one connection several calls may be under way: each takes its
 * turn, or the savepoint of one would be rolled back with the acknowledged rows of another.
 */
export class HostTransactionDatabase extends TransactionDatabase {
  private readonly turns: Turns
  private readonly inside: TransactionDatabase

  constructor(tables: Tables, dialect: Dialect, manager: EntityManager) {
    super(tables, dialect, manager)
    const connection = manager.queryRunner ?? manager
    this.turns = turnsOf.get(connection) ?? new Turns()
    turnsOf.set(connection, this.turns)
    this.inside = new TransactionDatabase(tables, dialect, manager)
  }

  override query<Row>(sql: string, parameters?: unknown[]): Promise<Row[]> {
    return this.turns.take(() => this.inside.query(sql, parameters))
  }

  override transaction<T>(work: (transaction: Database) => Promise<T>): Promise<T> {
    return this.turns.take(() => this.inside.transaction(work))
  }
}

class Turns {
  private last: Promise<unknown> = Promise.resolve()

  take<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.last.then(work)
    this.last = mine.catch(() => undefined)
    return mine
  }
}

/** By connection, since every `withTransaction` makes another database of it. */
const turnsOf = new WeakMap<object, Turns>()

/** A unique violation among our own keys and ids means that a rival was quicker: now its row can be read. */
export async function onceMoreIfOvertaken<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!isUniqueViolation(error)) throw error
    return work()
  }
}
