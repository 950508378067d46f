import { AsyncLocalStorage } from 'node:async_hooks'
import { setImmediate } from 'node:timers/promises'
import type { DataSource, EntityManager, QueryRunner } from 'typeorm'
import { StorageError } from '../../domain/errors.js'

interface Waiter {
  enter: () => void
  timer: NodeJS.Timeout
}

/** A transaction of a host's, as the calls made inside it see it. */
class Holder {
  state: 'new' | 'active' | 'over' = 'new'
  private resolveEnded: () => void = () => undefined
  readonly ended = new Promise<void>((resolve) => {
    this.resolveEnded = resolve
  })

  /** Whether whoever sees it is inside it for certain; otherwise he may be beside it. */
  constructor(readonly isCertain: boolean) {}

  end(): void {
    this.state = 'over'
    this.resolveEnded()
  }
}

/** A query runner's transaction is seen, too, by who started it and went on; so it is given time to end. */
const graceMs = 1_000
/** How long work on this synchronous driver may keep timers and sockets waiting. */
const breathMs = 10

interface SqliteDriver {
  queryRunner?: QueryRunner
  createQueryRunner(mode: string): QueryRunner
}

const guards = new WeakMap<object, SqliteGuard>()

/**
 * One at a time on the one connection that TypeORM's SQLite drivers share.
 *
 * Unguarded, a second transaction becomes a savepoint of the first, and both are lost when the
 * first rolls back, acknowledged or not. The guard gives every caller a query runner of its own
 * whose transaction holds the connection from BEGIN to COMMIT, the host's transactions included.
 */
export class SqliteGuard {
  /** For work inside `exclusively`: a runner that does not wait for the guard. */
  readonly runner: QueryRunner
  private readonly transaction = new AsyncLocalStorage<Holder>()
  private readonly waiters: Waiter[] = []
  private isHeld = false
  private heldAt = 0
  private breathAt = 0

  private constructor(
    dataSource: DataSource,
    private readonly maxWaitMs: number,
  ) {
    const driver = dataSource.driver as unknown as SqliteDriver
    const createQueryRunner = driver.createQueryRunner.bind(driver)
    const freshRunner = (mode: string) => {
      // The driver caches its one runner in this field; emptied, it makes another.
      driver.queryRunner = undefined
      const runner = createQueryRunner(mode)
      driver.queryRunner = undefined
      return runner
    }
    this.runner = freshRunner('master')
    // What DataSource.createQueryRunner does for those that it makes.
    Object.assign(this.runner, { manager: dataSource.createEntityManager(this.runner) })
    driver.createQueryRunner = (mode) => this.guarded(freshRunner(mode))
    this.scopeTransactions(dataSource.manager)
  }

  static of(dataSource: DataSource, maxWaitMs: number): SqliteGuard {
    const guard = guards.get(dataSource.driver) ?? new SqliteGuard(dataSource, maxWaitMs)
    guards.set(dataSource.driver, guard)
    return guard
  }

  async exclusively<T>(work: () => Promise<T>): Promise<T> {
    await this.outside()
    await this.enter()
    try {
      await this.breathe()
      return await work()
    } finally {
      this.leave()
    }
  }

  /**
   * Nothing when the caller is outside of any transaction; otherwise a promise that rejects, because
   * he would wait for himself.
   *
   * @throws {StorageError} INSIDE_TRANSACTION
   */
  outside(): Promise<void> | undefined {
    const holder = this.transaction.getStore()
    if (holder?.state !== 'active') return undefined
    return holder.isCertain ? Promise.reject(insideTransaction()) : endWithin(holder)
  }

  /** For work that serves many callers: it is inside none of their transactions. */
  inNoTransaction<T>(work: () => T): T {
    return this.transaction.exit(work)
  }

  /** What runs beside a transaction, and not inside it, must not take it for its own. */
  private scopeTransactions(manager: EntityManager): void {
    const transaction = manager.transaction.bind(manager) as (...args: unknown[]) => Promise<unknown>
    const scoped = async (...args: unknown[]) => {
      await this.outside()
      return this.transaction.run(new Holder(true), () => transaction(...args))
    }
    Object.assign(manager, { transaction: scoped })
  }

  /** Awaited work of a synchronous driver never leaves the microtasks by itself: for whoever holds the connection. */
  async breathe(): Promise<void> {
    if (performance.now() < this.breathAt) return
    await setImmediate()
    this.breathAt = performance.now() + breathMs
  }

  private enter(): Promise<void> {
    if (!this.isHeld) {
      this.isHeld = true
      this.heldAt = performance.now()
      return Promise.resolve()
    }
    return new Promise((resolve, reject) => {
      const since = performance.now()
      const giveUp = () => {
        const left = this.patienceLeft(since)
        if (left > 0) {
          waiter.timer = setTimeout(giveUp, left)
          return
        }
        this.waiters.splice(this.waiters.indexOf(waiter), 1)
        const message = `The SQLite connection stayed in use for ${this.maxWaitMs} ms; a transaction may have been left open. Try again later.`
        reject(new StorageError('OVERLOADED', message, { retryable: true }))
      }
      const waiter: Waiter = { enter: resolve, timer: setTimeout(giveUp, this.maxWaitMs) }
      this.waiters.push(waiter)
    })
  }

  /** A long transaction that is still at work was not left open, and ends by itself. */
  private patienceLeft(since: number): number {
    const stillFor = performance.now() - this.breathAt
    return Math.ceil(this.maxWaitMs - Math.max(this.heldAt - since, stillFor))
  }

  private leave(): void {
    const next = this.waiters.shift()
    if (!next) {
      this.isHeld = false
      return
    }
    clearTimeout(next.timer)
    this.heldAt = performance.now()
    next.enter()
  }

  /** A runner for others: its transactions, and its statements outside of any, wait their turn. */
  private guarded(runner: QueryRunner): QueryRunner {
    const query = runner.query.bind(runner) as (...args: unknown[]) => Promise<unknown>
    const start = runner.startTransaction.bind(runner)
    let holder: Holder | undefined
    const leave = () => {
      holder?.end()
      holder = undefined
      this.leave()
    }
    const thenLeave = (end: () => Promise<void>) => async () => {
      await end().finally(() => holder && !runner.isTransactionActive && leave())
    }
    // Not async: the caller's own context must see the transaction that it is about to hold.
    runner.startTransaction = (isolation) => {
      if (holder) return start(isolation)
      const outside = this.outside()
      const scope = this.transaction.getStore()
      const mine = scope?.state === 'new' ? scope : new Holder(false)
      this.transaction.enterWith(mine)
      return Promise.resolve(outside)
        .then(() => this.enter())
        .then(() => {
          mine.state = 'active'
          holder = mine
          return start(isolation).catch((error: unknown) => {
            leave()
            throw error
          })
        })
    }
    runner.commitTransaction = thenLeave(runner.commitTransaction.bind(runner))
    runner.rollbackTransaction = thenLeave(runner.rollbackTransaction.bind(runner))
    runner.query = ((...args: unknown[]) =>
      holder ? query(...args) : this.exclusively(() => query(...args))) as typeof runner.query
    return runner
  }
}

async function endWithin(holder: Holder): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const grace = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(insideTransaction()), graceMs)
  })
  await Promise.race([holder.ended, grace]).finally(() => clearTimeout(timer))
}

function insideTransaction(): StorageError {
  return new StorageError(
    'INSIDE_TRANSACTION',
    'A transaction is open on this SQLite connection, which this call would wait for without end. Use hansard.withTransaction(manager) inside it.',
  )
}
