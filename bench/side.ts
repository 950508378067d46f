import type { SessionArchive } from '../src/index.js'

export type MaybePromise<T> = T | Promise<T>

/** What is measured: our library and the raw driver each do these on the same tables. */
export interface Side {
  create(): MaybePromise<string>
  get(id: string): MaybePromise<unknown>
  /** A page of 50 out of all in the namespace `listed`. */
  list(): MaybePromise<unknown>
  append(id: string, count: number): MaybePromise<unknown>
  /** Adds one entry to the ledger and to the totals. */
  spend(id: string): MaybePromise<unknown>
  /** The first 1,000 messages, contents parsed. */
  read(id: string): MaybePromise<unknown[]>
  exportSession(id: string): MaybePromise<unknown>
  importSession(archive: SessionArchive): MaybePromise<unknown>
  /** Ends what the database put off, so that neither side pays for the other. */
  settle?(): void
  close(): MaybePromise<void>
}

/** 500 bytes as stored JSON. */
export const content = 'The build fails in step 3: '.padEnd(498, 'a plain sentence, as people write them. ')
export const spent = { inputTokens: 1200, outputTokens: 340, estimatedCostUsd: 0.0042 }
