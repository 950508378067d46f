import type { TranscriptFigures } from './transcript.js'

export interface IngestOptions {
  /** Files and folders to look at in place of the agents' own. */
  paths?: readonly string[]
  /** Only these agents' files. Defaults to all. */
  flavors?: readonly string[]
  /** False keeps secrets as they stand in the files. Defaults to true. */
  redact?: boolean
  /**
   * False leaves activity as it is; a transcript that changes later, in a run without it, is told whole.
   * Defaults to true.
   */
  activity?: boolean
  /** Told after every source. */
  onProgress?: (soFar: IngestProgress) => void
}

export interface IngestProgress {
  /** The source that was just done. */
  path: string
  sourcesDone: number
  /** Bytes of the sources done, as they lie on disk. */
  bytesDone: number
}

export interface IngestedTranscript extends TranscriptFigures {
  uid: string
  flavor: string
}

/** What one run did. */
export interface IngestReport {
  sources: {
    found: number
    read: number
    /** As they were when they were last read: not opened. */
    unchanged: number
    /** Recognised, and no transcripts: printed output, or not ours to read. */
    refused: { path: string; reason: string }[]
    failed: { path: string; reason: string }[]
  }
  /** Those that the run has changed, each as it now stands. */
  transcripts: IngestedTranscript[]
  totals: TranscriptFigures
}
