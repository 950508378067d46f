import type { DataSource, QueryRunner } from 'typeorm'

/** The drivers wait for a locked file in the event loop's own thread: briefly, then, and retries do the rest. */
const lockWaitMs = 20

/** Of a connection of our own. */
export async function preparePragmas(dataSource: DataSource, durability: 'full' | 'normal' = 'full'): Promise<void> {
  await dataSource.query(`PRAGMA busy_timeout = ${lockWaitMs}`)
  // Of a file that has no tables yet: pages that are free later can be given back a few at a time.
  await dataSource.query('PRAGMA auto_vacuum = INCREMENTAL')
  // What is deleted is overwritten where its page is written anyway.
  await dataSource.query('PRAGMA secure_delete = FAST')
  await dataSource.query(`PRAGMA synchronous = ${durability}`)
  await dataSource.query('PRAGMA foreign_keys = ON')
}

/** On a connection of a host's: what he set is what his own statements go by, before and after. */
export async function withShortLockWait<T>(runner: QueryRunner, work: () => Promise<T>): Promise<T> {
  const [row] = (await runner.query('PRAGMA busy_timeout')) as { timeout: number }[]
  const { timeout = 0 } = row ?? {}
  if (timeout <= lockWaitMs) return work()
  await runner.query(`PRAGMA busy_timeout = ${lockWaitMs}`)
  try {
    return await work()
  } finally {
    // Only a connection that is gone refuses, and then nobody waits on it.
    await runner.query(`PRAGMA busy_timeout = ${timeout}`).catch(() => undefined)
  }
}
