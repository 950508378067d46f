/** What a purge did, or as a dry run would do at the same instant: the figures are the same. */
export interface PurgeReport {
  dryRun: boolean
  /** Contexts that were past their lifetime and still marked open. */
  expiredMarked: number
  /** Contexts closed or expired for longer than the retention. */
  contextDeleted: number
  /** Steps of those contexts. */
  stepOrphanDeleted: number
  /** Steps older than the retention, of contexts that stay; only with `agedSteps`. */
  stepAgedDeleted: number
  /** Contexts that can be used at that instant. */
  aliveRemaining: number
}

/** What the purge goes by: the one set of predicates of the run and the dry run. */
export interface PurgeTerms {
  now: Date
  /** Contexts that ended before this instant go, and with `agedSteps` steps recorded before it. */
  endedBefore: Date
  agedSteps: boolean
}

const dayMs = 24 * 60 * 60_000

/** What a purge takes for its numbers: the edges refuse others before they look for a store. */
export const purgeBounds = {
  retentionMs: { min: 0, max: 36_600 * dayMs },
  batchSize: { min: 1, max: 10_000 },
} as const
