export interface RescanOptions {
  /** Only these transcripts. Defaults to all that were stored under other rules than the present ones. */
  uids?: readonly string[]
  /** Reports what would be hidden and changes nothing. Defaults to false. */
  dryRun?: boolean
  /** Told after every batch. */
  onProgress?: (soFar: RescanProgress) => void
}

export interface RescanProgress {
  transcriptsDone: number
  transcriptsTotal: number
  /** Secrets hidden so far. */
  redactions: number
}

export interface RescannedTranscript {
  uid: string
  /** The rules that it was stored under; null where redaction was off. */
  from: string | null
  /** Events of which a text, a summary or a name has changed. */
  eventsChanged: number
  /** Secrets that were hidden now, by kind. */
  redactions: Record<string, number>
}

/** What one run did, or as a dry run would do: the figures are the same. */
export interface RescanReport {
  dryRun: boolean
  /** The present rules. */
  redactionVersion: string
  /** Transcripts that were looked through. */
  scanned: number
  /** Transcripts in which something was hidden, each with what it was. */
  transcripts: RescannedTranscript[]
  /** Secrets that were hidden, by kind. */
  redactions: Record<string, number>
}
