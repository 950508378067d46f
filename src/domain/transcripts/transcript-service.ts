import type { Page } from '../page.js'
import type { TranscriptDigest } from './digest.js'
import type { EvictionReport, EvictOptions } from './eviction.js'
import type { RescanOptions, RescanReport } from './rescan.js'
import type { Transcript, TranscriptEvent, TranscriptOutcome, TranscriptWithSources } from './transcript.js'
import type { TranscriptEventKind } from './transcript-event.js'
import type { DiscoveredSource, IngestOptions, IngestReport, WatchOptions } from './transcript-ingest.js'
import type { TokenCounts } from './transcript-reader.js'

export interface ListTranscriptsOptions {
  flavor?: string
  outcome?: TranscriptOutcome
  project?: string
  repo?: string
  domain?: string
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
  domain?: string
  tool?: string
  /** Defaults to 50; at most 1,000. */
  limit?: number
}

/**
 * `new`: first seen in the last seven days; `rising`, `falling` and `steady`: more, fewer or as many in them
 * as in the seven before; `quiet`: in neither.
 */
export const errorTrends = ['new', 'rising', 'steady', 'falling', 'quiet'] as const
export type ErrorTrend = (typeof errorTrends)[number]

/** One error in all transcripts that had it. */
export interface RecurringError {
  fingerprint: string
  version: number
  template: string
  sample: string
  tools: string[]
  count: number
  transcripts: number
  trend: ErrorTrend
  /** Occurrences in the last seven days; those of a transcript stand at the last of them. */
  recentCount: number
  /** In the seven days before. */
  earlierCount: number
  firstAt: Date | null
  lastAt: Date | null
  /** Uids of transcripts that later got past it, the latest first; at most 20. */
  passedIn: string[]
}

export const usageGroupings = ['day', 'project', 'domain', 'model'] as const
export type UsageGrouping = (typeof usageGroupings)[number]

export interface TranscriptUsageOptions {
  since?: Date | string
  until?: Date | string
  project?: string
  domain?: string
  /** Defaults to day: of UTC, as `YYYY-MM-DD`. */
  by?: UsageGrouping
}

/** Tokens of every response once, summed. */
export interface TranscriptUsage extends TokenCounts {
  /** The day, the project, the domain or the model; null where it is not known. */
  group: string | null
  responses: number
  /** Of the responses whose model has a price; null where none has. */
  estimatedCostUsd: number | null
  /** Responses whose model has no price: the estimate leaves them out. */
  unpricedResponses: number
}

/** Sessions that coding agents left on disk, read, put in order and distilled. */
export abstract class TranscriptService {
  /** Every source that readers find, and whether an ingest would read it; nothing is stored. */
  abstract discover(options?: Pick<IngestOptions, 'paths' | 'flavors'>): AsyncIterable<DiscoveredSource>

  /**
   * Reads what is new in all sources. It may be broken off and begun again at any time: what was stored
   * stays, and the next run goes on from there.
   */
  abstract ingest(options?: IngestOptions): Promise<IngestReport>

  /**
   * Ingests, then goes on ingesting what agents write, until the signal or the store ends it, without an
   * error. The first report is of all sources; after that there is one for each time that something was
   * read or could not be. A line that is half written is read when it is whole.
   */
  abstract watch(options?: WatchOptions): AsyncIterableIterator<IngestReport>

  abstract list(options?: ListTranscriptsOptions): Promise<Page<Transcript>>

  /** @throws {NotFoundError} TRANSCRIPT_NOT_FOUND */
  abstract get(uid: string): Promise<TranscriptWithSources>

  /** Events in their order; `nextCursor` is the number to go on after. */
  abstract events(
    uid: string,
    options?: TranscriptEventsOptions,
  ): Promise<{ items: TranscriptEvent[]; nextCursor: number | null }>

  /** Undefined until the transcript was read to its end once. */
  abstract digest(uid: string): Promise<TranscriptDigest | undefined>

  /** Those in most transcripts first. What it tells of times and trend holds beyond `since`. */
  abstract errors(options?: ErrorsOptions): Promise<RecurringError[]>

  /** Days in their order, what nothing dates last; of others those with the most tokens of all kinds first, then by name. */
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
