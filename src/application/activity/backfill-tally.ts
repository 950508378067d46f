import type {
  BackfillProgress,
  BackfillReport,
  BackfillSource,
  EventChanges,
  SourceReport,
} from '../../domain/activity/activity-backfill.js'
import type { ActivitySource } from '../../domain/activity/activity-event.js'
import type { FoundFile, FoundFiles } from './source-places.js'

type Found = Record<BackfillSource, FoundFiles>

/** Counts what a run does, file by file. */
export class BackfillTally {
  readonly pending: Record<BackfillSource, number> = { issues: 0, loops: 0, transcripts: 0 }
  private readonly unchanged: Record<BackfillSource, number> = { issues: 0, loops: 0, transcripts: 0 }
  failed = 0
  private readonly byKind: Record<string, EventChanges> = {}
  private filesDone = 0

  constructor(
    private readonly found: Found,
    private readonly filesTotal: number,
  ) {}

  add(changes: Record<string, EventChanges>): void {
    for (const [kind, { inserted, updated, skipped }] of Object.entries(changes)) {
      const sums = (this.byKind[kind] ??= { inserted: 0, updated: 0, skipped: 0 })
      sums.inserted += inserted
      sums.updated += updated
      sums.skipped += skipped
    }
  }

  fileUnchanged({ kind, byteOffset, size }: ActivitySource): void {
    const source = kind as BackfillSource
    this.unchanged[source]++
    if (source === 'transcripts' && byteOffset < size) this.pending[source]++
  }

  fileDone({ source, path }: FoundFile): BackfillProgress {
    this.filesDone++
    return { source, path, filesDone: this.filesDone, filesTotal: this.filesTotal, ...this.sums, failed: this.failed }
  }

  report(rejects: number): BackfillReport {
    const { issues, loops, transcripts } = this.found
    const sources = {
      issues: this.sourceReport('issues', issues),
      loops: this.sourceReport('loops', loops),
      transcripts: this.sourceReport('transcripts', transcripts),
    }
    return { sources, ...this.sums, failed: this.failed, rejects, byKind: this.byKind }
  }

  private sourceReport(source: BackfillSource, found: FoundFiles): SourceReport {
    const { absent, files } = found
    return {
      status: statusOf(found),
      absent,
      files: files.length,
      unchanged: this.unchanged[source],
      pending: this.pending[source],
    }
  }

  private get sums(): EventChanges {
    const sum = (name: keyof EventChanges) => Object.values(this.byKind).reduce((total, each) => total + each[name], 0)
    return { inserted: sum('inserted'), updated: sum('updated'), skipped: sum('skipped') }
  }
}

function statusOf({ present, absent }: FoundFiles): SourceReport['status'] {
  if (present.length > 0) return 'read'
  return absent.length > 0 ? 'absent' : 'none'
}
