import type { Page, PagePosition } from '../page.js'
import type { Digest, TranscriptDigest } from './digest.js'
import type { Transcript, TranscriptEvent, TranscriptWithSources } from './transcript.js'
import type { TranscriptEventKind } from './transcript-event.js'
import type { RecurringError, TranscriptUsage, UsageGrouping } from './transcript-service.js'

export interface NewDigest {
  digest: Digest
  /** The one that it rests on, since the texts that it knew are gone. */
  before: Digest | undefined
}

/** Transcripts of one namespace, as their digests are made. */
export interface TranscriptAnalysisRepository {
  /** Those in order whose digest is not, the first `limit`. */
  unanalyzed(limit: number): Promise<string[]>
  /** Those in order of which all texts are here, and whose digest is older than this version: the first `limit`. */
  outdated(version: number, limit: number): Promise<string[]>
  countOutdated(version: number): Promise<number>
  /** Of those of which texts were evicted, the digests that knew them. */
  evictedDigests(ids: string[]): Promise<ReadonlyMap<string, Digest>>
  /**
   * Events that count, by transcript and number, from a place on; texts that are kept apart are left out, and those
   * that were evicted once.
   */
  eventsOf(
    ids: string[],
    after: { transcriptId: string; seq: number } | undefined,
    limit: number,
  ): Promise<TranscriptEvent[]>
  /** Null where it is not there any more. */
  body(ref: string): Promise<string | null>
  /**
   * How many were stored: none of a transcript that has changed meanwhile. One that a digest of a later version is
   * made of stays analysed when it was.
   */
  saveDigests(digests: ReadonlyMap<string, NewDigest>, now: Date): Promise<number>
}

export interface TranscriptQuery {
  flavor?: string
  outcome?: string
  project?: string
  repo?: string
  domain?: string
  since?: Date
  until?: Date
  order?: 'newest' | 'oldest'
  limit: number
  position?: PagePosition
}

/** Transcripts of one namespace, as they are read. */
export interface TranscriptRepository {
  list(query: TranscriptQuery): Promise<Page<Transcript, PagePosition>>
  find(uid: string): Promise<Transcript | undefined>
  /** What tells of a transcript, and whom it was copied from. */
  sources(transcriptId: string): Promise<Pick<TranscriptWithSources, 'sources' | 'copiedFromUids'>>
  events(transcriptId: string, query: EventsQuery): Promise<TranscriptEvent[]>
  digest(transcriptId: string): Promise<TranscriptDigest | undefined>
  errors(query: ErrorsQuery): Promise<RecurringError[]>
  usage(query: UsageQuery): Promise<TranscriptUsage[]>
}

export interface ErrorsQuery {
  since?: Date
  project?: string
  domain?: string
  tool?: string
  limit: number
  /** What the trend is seen from. */
  now: Date
}

export interface UsageQuery {
  since?: Date
  until?: Date
  project?: string
  domain?: string
  by: UsageGrouping
}

export interface EventsQuery {
  after: number
  limit: number
  kinds?: readonly TranscriptEventKind[]
  withBodies: boolean
}
