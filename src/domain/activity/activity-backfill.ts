import type { ActivityReject } from './activity-event.js'

/** What a backfill reads, in this order. */
export const backfillSources = ['issues', 'loops', 'transcripts'] as const
export type BackfillSource = (typeof backfillSources)[number]

export interface BackfillOptions {
  /** Folder of issues: Markdown files with frontmatter, at any depth. */
  issuesDir?: string
  /** Folder of loops: the JSON files of their states in `.running` and `.history`. */
  loopsDir?: string
  /** Files and folders of transcripts: JSON lines of Claude Code. */
  transcripts?: readonly string[]
  /**
   * Reads the files from their start, whatever was read of them before, and brings back what was
   * deleted of it. Defaults to false.
   */
  again?: boolean
  /** Told after every file. */
  onProgress?: (soFar: BackfillProgress) => void
}

export interface EventChanges {
  inserted: number
  /** Known from an earlier reading, and now of another content. */
  updated: number
  /** Known, and left as they are. */
  skipped: number
}

export interface BackfillProgress extends EventChanges {
  source: BackfillSource
  /** The file that was just done. */
  path: string
  filesDone: number
  filesTotal: number
  failed: number
}

export interface SourceReport {
  /** `absent`: none of its places is there; `none`: it was not asked for. */
  status: 'read' | 'absent' | 'none'
  /** Those of the places that are not there. */
  absent: string[]
  /** Files found. */
  files: number
  /** Of these, those that are as they were when they were last read. */
  unchanged: number
  /** Of these, those whose last line has no end yet and waits for it. */
  pending: number
}

/** What one run did. */
export interface BackfillReport extends EventChanges {
  sources: Record<BackfillSource, SourceReport>
  /** Pieces, or whole files, that could not be read in this run. */
  failed: number
  /** Rejects of the namespace that now stand, those of earlier runs included. */
  rejects: number
  byKind: Record<string, EventChanges>
}

/** A reject and the file that it is of. */
export type RejectedPiece = ActivityReject & { source: string; path: string }
