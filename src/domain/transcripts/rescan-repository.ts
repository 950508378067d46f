import type { RedactedText } from '../redaction.js'

/** Redacts by the present rules; what is hidden is counted, where it is to be. */
export interface TextPass {
  readonly version: string | null
  pass(text: string, counts: Record<string, number>): RedactedText
  /** Short text of which there is little variety; what is hidden in it is not counted. */
  name(text: string): RedactedText
}

export interface OutdatedTranscript {
  id: string
  uid: string
  /** Of the rules that it was stored under; null where redaction was off. */
  redactionVersion: string | null
}

export interface RescannedTexts {
  eventsChanged: number
  redactions: Record<string, number>
  /** Something was hidden, and be it in a name. */
  isChanged: boolean
}

/** Transcripts of one namespace, as they are redacted again. */
export interface TranscriptRescanRepository {
  /** Those that were stored under other rules than these. */
  outdated(version: string): Promise<OutdatedTranscript[]>
  findOutdated(uid: string): Promise<OutdatedTranscript | undefined>
  /** Redacts all that is stored of a transcript, in one transaction; looks alone where `dryRun` is true. */
  rescan(id: string, texts: TextPass, dryRun: boolean): Promise<RescannedTexts>
  /** The same for what is stored of the sources, which stand for themselves. */
  rescanSources(texts: TextPass): Promise<void>
}
