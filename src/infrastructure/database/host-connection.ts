import type { QueryRunner } from 'typeorm'
import { StorageError } from '../../domain/errors.js'

/** By the query runner, since every `withTransaction` makes another facade of it. */
const connections = new WeakMap<QueryRunner, HostConnection>()

/**
 * The one connection of a host's transaction, on which several calls, ours and the host's, may be
 * under way at once. Each of ours is several statements around a savepoint: one of somebody else's
 * between them would be rolled back with it, or end the transaction under it. So every statement
 * takes its turn, and each of our calls takes one turn for all of its own.
 */
export class HostConnection {
  /** For whoever has the turn: a statement at once. */
  readonly ask: (sql: string, parameters?: unknown[]) => Promise<unknown>
  private last: Promise<unknown> = Promise.resolve()
  private isOver = false

  private constructor(runner: QueryRunner) {
    const query = runner.query.bind(runner) as (...args: unknown[]) => Promise<unknown>
    this.ask = query
    runner.query = ((sql: string, ...more: unknown[]) => {
      this.notice(sql)
      return this.inTurn(() => query(sql, ...more))
    }) as typeof runner.query
  }

  static of(runner: QueryRunner): HostConnection {
    const connection = connections.get(runner) ?? new HostConnection(runner)
    connections.set(runner, connection)
    return connection
  }

  /** @throws {StorageError} INSIDE_TRANSACTION when the host has ended its transaction: it would run outside of any */
  turn<T>(work: () => Promise<T>): Promise<T> {
    if (!this.isOver) return this.inTurn(work)
    const message =
      'The transaction that this facade belongs to is over; nothing was written. Await its calls before the transaction ends, and take another facade with withTransaction for the next.'
    return Promise.reject(new StorageError('INSIDE_TRANSACTION', message))
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.last.then(work)
    this.last = mine.catch(() => undefined)
    return mine
  }

  /** What is asked for after the end has no transaction; what was asked for before it comes before it. */
  private notice(sql: string): void {
    if (/^\s*(commit|rollback)\s*;?\s*$/i.test(sql)) this.isOver = true
    if (/^\s*(begin|start transaction)\b/i.test(sql)) this.isOver = false
  }
}
