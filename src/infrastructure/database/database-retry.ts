import { backOff } from 'exponential-backoff'
import { isLocked, isTransient, storageError } from './storage-errors.js'
import type { Telemetry } from './telemetry.js'

const pace = {
  numOfAttempts: 7,
  startingDelay: 20,
  maxDelay: 2_000,
  jitter: 'full',
  delayFirstAttempt: true,
} as const

/** Another process holds a SQLite file for milliseconds at a time: asked for often, it is not waited for in vain. */
const lockPace = { ...pace, numOfAttempts: 1_000, startingDelay: 5, maxDelay: 40 } as const
export const lockPatienceMs = 10_000

/**
 * Tries `work` again while its failure is transient, with full jitter: 8 tries, 20 ms doubling to 2 s
 * between them; for a locked file as many as 10 s hold.
 */
export async function retrying<T>(operation: string, telemetry: Telemetry, work: () => Promise<T>): Promise<T> {
  const startedAt = performance.now()
  const isWorthwhile = (error: unknown, attempt: number) => {
    if (!isTransient(error)) return false
    if (isLocked(error) && performance.now() - startedAt > lockPatienceMs) return false
    telemetry({ type: 'retry', operation, attempt, error })
    return true
  }
  let waits: typeof pace | typeof lockPace = pace
  // The first try does without the machinery, which costs a good part of a small write.
  try {
    return await work()
  } catch (error) {
    if (!isWorthwhile(error, 1)) throw storageError(error)
    if (isLocked(error)) waits = lockPace
  }
  try {
    return await backOff(work, { ...waits, retry: (error: unknown, attempt) => isWorthwhile(error, attempt + 1) })
  } catch (error) {
    throw storageError(error)
  }
}

interface Retrying {
  readonly database: { retrying<T>(operation: string, work: () => Promise<T>): Promise<T> }
}

/**
 * Puts a repository's method under the retry policy of its database. Inside an open transaction,
 * ours or a host's, the database stands aside: there only the whole transaction may be tried again.
 */
export function databaseRetry() {
  return <Args extends unknown[], Result>(
    _target: object,
    operation: string,
    descriptor: TypedPropertyDescriptor<(...args: Args) => Promise<Result>>,
  ): void => {
    const method = descriptor.value
    if (!method) throw new TypeError(`@databaseRetry() stands on a method, and ${operation} is none`)
    descriptor.value = function (this: Retrying, ...args: Args): Promise<Result> {
      return this.database.retrying(operation, () => method.apply(this, args))
    } as typeof method
  }
}
