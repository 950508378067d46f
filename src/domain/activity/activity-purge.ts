/** What a purge did, or as a dry run would do at the same instant: the figures are the same. */
export interface ActivityPurgeReport {
  dryRun: boolean
  eventsDeleted: number
  /** The same by kind; a kind of which there was none is left out. */
  byKind: Record<string, number>
  /** Events of the namespace that stay. */
  remaining: number
}

/** What the purge goes by: the one set of predicates of the run and the dry run. */
export interface ActivityPurgeTerms {
  /** Events that happened before this instant go. */
  before: Date
  kinds?: string[]
}

const dayMs = 24 * 60 * 60_000

/** What a purge takes for its numbers: the edges refuse others before they look for a store. */
export const activityPurgeBounds = {
  olderThanMs: { min: 0, max: 36_600 * dayMs },
  batchSize: { min: 1, max: 10_000 },
} as const
