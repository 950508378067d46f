/** What an eviction goes by when it is not told: the figures of a store that is looked after daily. */
export const evictionDefaults = {
  softCapBytes: 4 * 1024 ** 3,
  hardCapBytes: 6 * 1024 ** 3,
  maxAgeMs: 45 * 24 * 60 * 60_000,
} as const

/** What an eviction takes for its numbers: the edges refuse others before they look for a store. */
export const evictionBounds = {
  capBytes: { min: 0, max: Number.MAX_SAFE_INTEGER },
  maxAgeMs: { min: 0, max: 36_600 * 24 * 60 * 60_000 },
} as const

export interface EvictOptions {
  /** Reports what would go and changes nothing. Defaults to false. */
  dryRun?: boolean
  /**
   * Texts of the namespace may take so many bytes; beyond it those go that were analysed first. Defaults to
   * 4 GiB, or two thirds of the hard cap where only that is given.
   */
  softCapBytes?: number
  /**
   * Beyond it, when nothing is left that may go, transcripts that have no digest yet are given one, and go; at
   * last even those that cannot have one. Defaults to 6 GiB, or one and a half times the soft cap where only that
   * is given.
   */
  hardCapBytes?: number
  /** Texts of transcripts that were analysed longer ago go, whatever room there is. Defaults to 45 days. */
  maxAgeMs?: number
  /** Told after every batch. */
  onProgress?: (soFar: EvictionProgress) => void
}

export interface EvictionProgress {
  /** Transcripts decided on. */
  decided: number
  bytesFreed: number
  /** What texts take at this moment. */
  bytesLeft: number
}

export const evictionPasses = ['age', 'budget', 'overflow'] as const
export type EvictionPass = (typeof evictionPasses)[number]

/**
 * `evicted`: its texts went, its digest is complete. `analyzed`: it was given its digest now, so that it may go.
 * `lost`: its texts went without a digest that knows them. `held`: it would have gone, and somebody holds it.
 * `incomplete`: it would have gone, and no digest knows all of it. `changed`: it would have gone, and somebody
 * wrote to it meanwhile. Of one that stays the last word is told, after those that went.
 */
export const evictionActions = ['evicted', 'analyzed', 'lost', 'held', 'incomplete', 'changed'] as const
export type EvictionAction = (typeof evictionActions)[number]

/** What became of one transcript, and why; one that nothing asked to go is not told of. */
export interface EvictionDecision {
  uid: string
  pass: EvictionPass
  action: EvictionAction
  /** A sentence with the figures that it was decided by. */
  why: string
  /** Bytes that left the store with it: a text that others share leaves with the last of them. */
  bytesFreed: number
}

/** What an eviction did, or as a dry run would do at the same instant: the figures are the same. */
export interface EvictionReport {
  dryRun: boolean
  /** What it went by. */
  softCapBytes: number
  hardCapBytes: number
  maxAgeMs: number
  /** Bytes of texts as they are stored: short ones as they are, long ones compressed, once for all who share them. */
  bytesBefore: number
  bytesFreed: number
  bytesAfter: number
  /** Transcripts whose texts went, by what made them go; lost ones are among those of `overflow`. */
  evicted: Record<EvictionPass, number>
  /** Transcripts that were given their digest now. */
  analyzed: number
  /** Texts that went without a digest that knows them. */
  dataLoss: { transcripts: number; bytes: number }
  /** Texts that nothing referred to any more. */
  orphans: { bodies: number; bytes: number }
  decisions: EvictionDecision[]
}
