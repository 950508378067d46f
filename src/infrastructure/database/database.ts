import type { QueryRunner } from 'typeorm'
import { HansardError, StorageError } from '../../domain/errors.js'
import type { SearchHits, SearchPlace, SearchRequest } from '../../domain/search/search-index.js'
import type { SearchPhrase } from '../../domain/search/search-query.js'
import type { SearchEntry } from '../../domain/search-entry.js'
import type { AppendRequest, AppendResult } from '../../domain/sessions/session-message-repository.js'
import type { BodyFolder } from './body-folder.js'
import { HostConnection } from './host-connection.js'
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

/** Writes entries inside a transaction; anew, each in the place of the one that its row may have. */
export type SearchEntryWriter = (
  transaction: Database,
  namespace: string,
  entries: SearchEntry[],
  isAnew?: boolean,
) => Promise<void>

/** Of expressions, as the database's own search has them, those that more entries match than are ranked. */
export type FindCommon = (database: Database, expressions: string[]) => Promise<string[]>

/** Finds a namespace's entries: at most `limit` of them, from a place on. */
export type Find = (
  database: Database,
  namespace: string,
  request: SearchRequest,
  limit: number,
  place?: SearchPlace,
) => Promise<SearchHits>

/** The few places where one database's statements part from the other's. */
export interface Dialect {
  readonly append: AppendStatement
  /** Our SQL, with `?`, as the driver takes it. */
  readonly sql: (sql: string) => string
  readonly isSearched: (kind: string) => boolean
  /** Where long texts of transcripts are written; absent where they are in the database. */
  readonly bodyFolder?: BodyFolder
  readonly writeSearchEntries: SearchEntryWriter
  readonly find: Find
  readonly phraseExpression: (phrase: SearchPhrase, code: string) => string
  readonly findCommon: FindCommon
  /** A column of which no index is to be taken: SQLite chooses among them knowing nothing of the rows. */
  readonly unsought: (column: string) => string
  /**
   * Joins each `hop` of `hops` to the rows that have it in `column`, by the index of that column alone: left to
   * itself, either database goes through all rows where it takes the hops for many. It still is to be a condition.
   */
  readonly rowsOfHops: (hops: string, table: string, column: string) => string
  /** Whether the words stand in a table of their own. */
  readonly hasSearchTable: boolean
  /** Behind a select: its rows stay as they are until the transaction ends; empty where writers are alone anyway. */
  readonly heldRows: string
  /** Takes a name as its parameter; absent where writers are alone anyway. */
  readonly holdName?: string
  /** Updates rows to next to nothing, so that the room that they took is free. */
  readonly emptyRows: (transaction: Database, table: string, set: string, ids: string[]) => Promise<void>
  /** Gives free room back to the file system; absent where the database does so by itself, or the file is a host's. */
  readonly reclaim?: (database: Database) => Promise<void>
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

/** Statements on the connection of an open transaction, whatever else is under way on it. */
type Ask = (sql: string, parameters?: unknown[]) => Promise<unknown>

/** An open transaction, ours or a host's: never retried, never ended by what works inside it. */
export class TransactionDatabase implements Database {
  constructor(
    readonly tables: Tables,
    readonly dialect: Dialect,
    private readonly ask: Ask,
  ) {}

  async query<Row>(sql: string, parameters?: unknown[]): Promise<Row[]> {
    return rowsOf(await this.ask(this.dialect.sql(sql), parameters))
  }

  transaction<T>(work: (transaction: Database) => Promise<T>): Promise<T> {
    return this.savepoint(work, () => true)
  }

  groupedWrite<T>(_bytes: number, work: (transaction: Database) => Promise<T>): Promise<T> {
    // A refusal comes before the first write: there is nothing to undo.
    const mustUndo = (error: unknown) => !(error instanceof HansardError) || error instanceof StorageError
    return this.retrying('append', () => onceMoreIfOvertaken(() => this.savepoint(work, mustUndo)))
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

  protected async savepoint<T>(
    work: (transaction: Database) => Promise<T>,
    mustUndo: (error: unknown) => boolean,
  ): Promise<T> {
    const savepoint = `hansard_${++savepoints}`
    await this.ask(`SAVEPOINT ${savepoint}`)
    try {
      const result = await work(this)
      await this.ask(`RELEASE SAVEPOINT ${savepoint}`)
      return result
    } catch (error) {
      if (mustUndo(error)) await this.ask(`ROLLBACK TO SAVEPOINT ${savepoint}`)
      await this.ask(`RELEASE SAVEPOINT ${savepoint}`)
      throw error
    }
  }
}

let savepoints = 0

/** A host's open transaction: each of our calls takes its turn on the connection, from its savepoint to its end. */
export class HostTransactionDatabase extends TransactionDatabase {
  private readonly connection: HostConnection
  private readonly inside: TransactionDatabase

  constructor(tables: Tables, dialect: Dialect, runner: QueryRunner) {
    const connection = HostConnection.of(runner)
    super(tables, dialect, connection.ask)
    this.connection = connection
    this.inside = new TransactionDatabase(tables, dialect, connection.ask)
  }

  override query<Row>(sql: string, parameters?: unknown[]): Promise<Row[]> {
    return this.connection.turn(() => this.inside.query(sql, parameters))
  }

  override transaction<T>(work: (transaction: Database) => Promise<T>): Promise<T> {
    return this.connection.turn(() => this.inside.transaction(work))
  }

  override groupedWrite<T>(bytes: number, work: (transaction: Database) => Promise<T>): Promise<T> {
    return this.connection.turn(() => this.inside.groupedWrite(bytes, work))
  }
}

/** A unique violation among our own keys and ids means that a rival was quicker: now its row can be read. */
export async function onceMoreIfOvertaken<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!isUniqueViolation(error)) throw error
    return work()
  }
}
