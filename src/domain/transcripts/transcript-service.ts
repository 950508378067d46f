import type { Page } from '../page.js'
import type { TranscriptDigest } from './digest.js'
import type { EvictionReport, EvictOptions } from './eviction.js'
import type { RescanOptions, RescanReport } from './rescan.js'
import type { Transcript, TranscriptEvent, TranscriptOutcome } from './transcript.js'
import type { TranscriptEventKind } from './transcript-event.js'
import type { IngestOptions, IngestReport } from './transcript-ingest.js'
import type { TokenCounts, TranscriptSource } from './transcript-reader.js'

export interface ListTranscriptsOptions {
  flavor?: string
  outcome?: TranscriptOutcome
  project?: string
  /** Begun at this instant or later. */
  since?: Date | string
  until?: Date | string
  /** By when they began. Defaults to newest first. */
  order?: 'newest' | 'oldest'
  /** Defaults to 50; at most 1,000. */
  limit?: number
  cursor?: string
}

export interface TranscriptEventsOptions {
  /** Events after this one. Defaults to 0: from the first. */
  after?: number
  kinds?: readonly TranscriptEventKind[]
  /** Brings the full texts. Defaults to false. */
  withBodies?: boolean
  /** Defaults to 100; at most 1,000. */
  limit?: number
}

export interface ErrorsOptions {
  /** Seen at this instant or later. */
  since?: Date | string
  project?: string
  tool?: string
  /** Defaults to 50; at most 1,000. */
  limit?: number
}

/** One error in all transcripts that had it. */
export interface RecurringError {
  fingerprint: string
  version: number
  template: string
  sample: string
  tools: string[]
  count: number
  transcripts: number
  firstAt: Date | null
  lastAt: Date | null
  /** The first uids of the transcripts that later got past it. */
  passedIn: string[]
}

export const usageGroupings = ['day', 'project', 'model'] as const
export type UsageGrouping = (typeof usageGroupings)[number]

export interface TranscriptUsageOptions {
  since?: Date | string
  until?: Date | string
  /** Defaults to day: of UTC, as `YYYY-MM-DD`. */
  by?: UsageGrouping
}

/** Tokens of every response once, summed. */
export interface TranscriptUsage extends TokenCounts {
  /** The day, the project or the model; null where it is not known. */
  group: string | null
  responses: number
}

/** Sessions that coding agents left on disk, read, put in order and distilled. */
export abstract class TranscriptService {
  /** Every source that readers find, whether it was read or not. */
  abstract discover(options?: Pick<IngestOptions, 'paths' | 'flavors'>): AsyncIterable<TranscriptSource>

  /**
   * Reads what is new in all sources. It may be broken off and begun again at any time: what was stored
   * stays, and the next run goes on from there.
   */
  abstract ingest(options?: IngestOptions): Promise<IngestReport>

  abstract list(options?: ListTranscriptsOptions): Promise<Page<Transcript>>

  /** @throws {NotFoundError} TRANSCRIPT_NOT_FOUND */
  abstract get(uid: string): Promise<Transcript>

  /** Events in their order; `nextCursor` is the number to go on after. */
  abstract events(
    uid: string,
    options?: TranscriptEventsOptions,
  ): Promise<{ items: TranscriptEvent[]; nextCursor: number | null }>

  /** Undefined until the transcript was read to its end once. */
  abstract digest(uid: string): Promise<TranscriptDigest | undefined>

  /** Those in most transcripts first. */
  abstract errors(options?: ErrorsOptions): Promise<RecurringError[]>

  abstract usage(options?: TranscriptUsageOptions): Promise<TranscriptUsage[]>

  /**
   * Lets the texts of transcripts go, so that the store stays within its bounds: first of those analysed longer
   * ago than `maxAgeMs`, then, beyond the soft cap, of those analysed first; beyond the hard cap digests that are
   * missing are made now. What goes is the text of every event, also from search. Events keep their summaries,
   * and the digest, errors, usage and figures stay. Nothing goes that its digest does not know, but for what the
   * report calls `lost`, and nothing that is held.
   *
   * Goes batch by batch; one that was stopped is gone on with by the next.
   *
   * @throws {InvalidInputError} the hard cap is below the soft one
   * @example
   * const report = await hansard.transcripts.evict({ softCapBytes: 1024 ** 3, dryRun: true })
   */
  abstract evict(options?: EvictOptions): Promise<EvictionReport>

  /**
   * Keeps the texts of a transcript from eviction until it is released; a new reason takes the place of the old one.
   *
   * @throws {NotFoundError} TRANSCRIPT_NOT_FOUND
   */
  abstract hold(uid: string, reason: string): Promise<Transcript>

  /**
   * Ends a hold; one that is not held stays as it is.
   *
   * @throws {NotFoundError} TRANSCRIPT_NOT_FOUND
   */
  abstract release(uid: string): Promise<Transcript>

  /**
   * Redacts again, by the rules of today, what was stored under others: texts, summaries, names, titles and
   * paths, and with them search, digests and fingerprints. What is hidden once stays hidden. Goes transcript by
   * transcript; one that was stopped is gone on with by the next.
   *
   * @throws {NotFoundError} TRANSCRIPT_NOT_FOUND for a uid that is not there
   */
  abstract rescan(options?: RescanOptions): Promise<RescanReport>
}
