import { backOff } from 'exponential-backoff'
import { isLocked, isTransient, storageError } from './storage-errors.js'
import type { Telemetry } from './telemetry.js'

const tries = 8
/** A lock is only asked for briefly each time, so as not to stop the event loop: more often, then. */
const lockTries = 14

const pace = {
  numOfAttempts: lockTries - 1,
  startingDelay: 20,
  maxDelay: 2_000,
  jitter: 'full',
  delayFirstAttempt: true,
} as const

/** Tries `work` again while its failure is transient: full jitter, 20 ms doubling to 2 s; 8 tries, or 14 for a locked file. */
export async function retrying<T>(operation: string, telemetry: Telemetry, work: () => Promise<T>): Promise<T> {
  const isWorthwhile = (error: unknown, attempt: number) => {
    if (!isTransient(error) || attempt >= (isLocked(error) ? lockTries : tries)) return false
    telemetry({ type: 'retry', operation, attempt, error })
    return true
  }
  // The first try does without the machinery, which costs a good part of a small write.
  try {
    return await work()
  } catch (error) {
    if (!isWorthwhile(error, 1)) throw storageError(error)
  }
  try {
    return await backOff(work, { ...pace, retry: (error: unknown, attempt) => isWorthwhile(error, attempt + 1) })
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
