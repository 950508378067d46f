import type { TranscriptFigures } from './transcript.js'
import type { TranscriptSource } from './transcript-reader.js'

export interface IngestOptions {
  /** Files and folders to look at in place of the agents' own. */
  paths?: readonly string[]
  /** Only these agents' files. Defaults to all. */
  flavors?: readonly string[]
  /** False keeps secrets as they stand in the files. Defaults to true. */
  redact?: boolean
  /**
   * False tells activity nothing of the transcripts that the run changes, and nor do evictions and rescans. One
   * that changes later, in a run without it, is told whole. Defaults to true.
   */
  activity?: boolean
  /**
   * Reads the sources from their start, whatever was read of them before, and brings back the texts that were
   * evicted. Defaults to false: what is evicted stays so, and of what is new in its sources all is kept.
   */
  again?: boolean
  /** Told after every source, and on the way through a long one. */
  onProgress?: (soFar: IngestProgress) => void
  /** Ends the run early: what was read is stored, and the next run goes on from there. */
  signal?: AbortSignal
}

/** Its `signal` ends the iteration, also while it waits. Reading all from its start, time after time, is for no watch. */
export interface WatchOptions extends Omit<IngestOptions, 'again'> {
  /** How long files must have been still before they are read. Defaults to 200. */
  quietMs?: number
  /** All sources are looked at again this often, also those whose changes nobody was told of. Defaults to 60,000. */
  rescanMs?: number
}

export interface IngestProgress {
  /** The source that was just done, or is being read. */
  path: string
  sourcesDone: number
  /** Bytes that were read, as they lie on disk. */
  bytesDone: number
}

/** A source, and what an ingest would do with it. */
export interface DiscoveredSource extends TranscriptSource {
  /** `refused` and `unchanged` ones are not read. */
  state: 'new' | 'changed' | 'unchanged' | 'refused'
  /** As it lies on disk; null where it cannot be looked at. */
  bytes: number | null
}

export interface IngestedTranscript extends TranscriptFigures {
  uid: string
  flavor: string
}

/** What one run did. */
export interface IngestReport {
  /** Its `signal` ended it: there may be more to read, to put in order and to distil. */
  isInterrupted: boolean
  sources: {
    found: number
    read: number
    /** As they were when they were last read: not opened. */
    unchanged: number
    /** Recognised, and no transcripts: printed output, or not ours to read. */
    refused: { path: string; reason: string }[]
    failed: { path: string; reason: string }[]
  }
  /** Of an older version than this one makes: how many were made anew, and how many are left for the next runs. */
  digests: { renewed: number; outdated: number }
  /** Those that the run has changed, each as it now stands. */
  transcripts: IngestedTranscript[]
  totals: TranscriptFigures
}
