import type { RedactedText } from '../redaction.js'
import type { ActivityFacts } from './activity-facts.js'
import type { KnownFacts } from './session-facts.js'
import type { TranscriptFigures } from './transcript.js'
import type { TranscriptEventKind, TranscriptRole } from './transcript-event.js'
import type { ReadCursor, RecordCounts, TokenCounts, TranscriptSource } from './transcript-reader.js'

/** A source as the store knows it. */
export interface KnownSource {
  id: string
  source: TranscriptSource
  size: number
  mtimeMs: number
  /** Undefined until something of it was read. */
  cursor: ReadCursor | undefined
  /** 1 at first, one more each time that it was rewritten. */
  generation: number
  /** Its last line is not whole. */
  isPending: boolean
  lastError: string | null
  /** Names the batch that was stored last: what a reader goes on from. */
  batchId: string
}

/** What a source told of one session, up to a cursor. */
export interface SourceLink {
  nativeId: string
  counts: RecordCounts
  /** Over the keys of its records, one after the other: a copy has the same. */
  recordsHash: string
  redactions: Record<string, number>
  facts: KnownFacts
  copiedFromUid: string | null
}

/** Keys are hashes: what they are made of may hold secrets. */
export interface ToldEvent {
  id: string
  nativeId: string
  eventKey: string
  recordKey: string
  parentKey: string | null
  file: number
  place: number
  isCopied: boolean
  ts: number | null
  isTimeInherited: boolean
  kind: TranscriptEventKind
  role: TranscriptRole
  tool: RedactedText | null
  toolCallId: RedactedText | null
  messageKey: string | null
  voice: { of: string; rank: number } | null
  joinKey: string | null
  summary: RedactedText
  body: RedactedText
  /** What activity takes of it, beside the rest. */
  activity: ActivityFacts | undefined
  isSidechain: boolean
  isError: boolean
}

export interface ToldUsage {
  nativeId: string
  usageKey: string
  place: number
  isCopied: boolean
  /** Compared from the left. */
  weight: [number, number]
  tokens: TokenCounts
  model: RedactedText | null
  at: number | null
  messageKey: string | null
  isReplay: boolean
  voice: { of: string; rank: number } | null
}

export interface ToldTurn {
  nativeId: string
  turn: string
  isCopied: boolean
  /** Where it begins. */
  place: number
}

export interface ToldAmendment {
  nativeId: string
  joinKey: string
  ts: number | null
  isError: boolean
}

export interface SourceNames {
  id: RedactedText
  path: RedactedText
  /** Of the session whose own source it is. */
  nativeId: string
  refusal: RedactedText | null
  lastError: RedactedText | null
}

/** What was read of one source since its last batch; one event, usage, turn or amendment of each key. */
export interface TranscriptBatch {
  /** As it stands once the batch is stored. */
  source: KnownSource
  /** What is stored of where it lies; it is found again by the hashes of what stands in `source`. */
  names: SourceNames
  /** The batch that it goes on from; undefined for a source that is new. */
  after: string | undefined
  /** It is stored under another name yet, or as another agent's: from this batch on it has this one. */
  isMoved: boolean
  /** The source is read anew: what it told before is forgotten. */
  isFromStart: boolean
  /** The texts that were evicted come back with it. */
  bringsBack: boolean
  /** Something of it has changed, and be it a count. */
  isTelling: boolean
  /** Of every session that the source told of so far. */
  links: SourceLink[]
  events: ToldEvent[]
  usages: ToldUsage[]
  turns: ToldTurn[]
  amendments: ToldAmendment[]
}

/** Its rows have changed since it was put in order. */
export interface UnsettledTranscript {
  id: string
  /** How many were told, those that do not count among them. */
  events: number
}

export interface SettledTranscript {
  id: string
  uid: string
  figures: TranscriptFigures
  /** It is not one of those that were to be put in order: its responses count elsewhere since, or elsewhere no more. */
  isOther?: boolean
}

/** Transcripts of one namespace, as the ingest writes them. */
export interface TranscriptIngestRepository {
  /** Made once for the namespace; the same ever after. */
  redactionKey(fresh: string): Promise<string>
  findSource(flavor: string, sourceId: string): Promise<KnownSource | undefined>
  /** Those that lie at these paths, by path. */
  findSourcesAt(paths: readonly string[]): Promise<ReadonlyMap<string, KnownSource[]>>
  /** What a source that is new may have been until now: other agents' at its path, and its agent's of the same session. */
  findEarlier(source: TranscriptSource, nativeId: string): Promise<KnownSource[]>
  findLinks(sourceId: string): Promise<SourceLink[]>
  /**
   * Stores all batches, and how far their sources were read, in one transaction; and whether activity is to be told
   * of them, unless said otherwise.
   *
   * @returns ids of the batches whose sources somebody else has read on meanwhile; nothing of them was stored
   */
  save(batches: TranscriptBatch[], now: Date, redactionVersion: string | null, isFed?: boolean): Promise<string[]>
  unsettled(limit: number): Promise<UnsettledTranscript[]>
  /**
   * Decides what counts of what was told of these transcripts, and numbers it; activity is told of it where it is to
   * be. Where not, a rescan still hides in activity what it hid in them.
   */
  settle(ids: string[], now: Date, isRescan?: boolean): Promise<SettledTranscript[]>
  /** Transcripts whose domain and cost come from other settings than the present ones. */
  unvalued(limit: number): Promise<string[]>
  /** Gives them those of the present ones. */
  revalue(ids: string[]): Promise<void>
}
