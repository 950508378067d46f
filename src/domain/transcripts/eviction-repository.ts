import type { EvictableState, Transcript } from './transcript.js'

/** A transcript that an eviction looks at. */
export interface EvictionCandidate extends EvictableState, Pick<Transcript, 'id' | 'uid' | 'analyzedAt'> {
  /** Events have come that are not put in order yet, or that its digest is to be made anew of. */
  isUnderWay: boolean
}

/** What of the store's bytes a transcript takes. */
export interface TextWeight {
  /** Short texts, which are its own. */
  inlineBytes: number
  /** Long ones, of which others may have the same. */
  bodies: { hash: string; bytes: number }[]
}

/** Transcripts of one namespace, as their texts go. */
export interface TranscriptEvictionRepository {
  /** What all texts take, as they are stored. */
  textBytes(): Promise<number>
  /** Those that were analysed and have texts yet, the first of them first, from a place on. */
  analyzed(after: EvictionCandidate | undefined, limit: number): Promise<EvictionCandidate[]>
  /** Those whose events have no digest that knows them, in the order of their ids, from a place on. */
  unanalyzed(after: EvictionCandidate | undefined, limit: number): Promise<EvictionCandidate[]>
  weigh(id: string): Promise<TextWeight>
  /** How many transcripts have a text, by its hash. */
  holders(hashes: string[]): Promise<ReadonlyMap<string, number>>
  /**
   * Lets the texts of these go, in one transaction: of those that still may, unless `isLastResort`.
   *
   * @returns the bytes that went, by id; one that may not go any more is not among them
   */
  evict(ids: string[], now: Date, isLastResort: boolean): Promise<ReadonlyMap<string, number>>
  /** Texts that no event has. */
  orphans(): Promise<{ bodies: number; bytes: number }>
  deleteOrphans(): Promise<{ bodies: number; bytes: number }>
  /** Null ends its hold; where there is no such transcript, nothing is done. */
  setHold(uid: string, reason: string | null): Promise<void>
  /** Gives back to the file system what is free in the store's file, as far as the database does not by itself. */
  reclaim(): Promise<void>
}
