import type { IngestReport, WatchOptions } from '../../domain/transcripts/transcript-ingest.js'
import { validated } from '../validated.js'
import { FolderChanges } from './folder-changes.js'
import { ingestTranscripts } from './ingesting.js'
import { SourceFolders } from './source-folders.js'
import { WatchFields, withWholePaths } from './transcript-inputs.js'
import type { TranscriptServiceParts } from './transcript-service-parts.js'

const defaultQuietMs = 200
const defaultRescanMs = 60_000

/** Reports until the signal or the store ends it. Leaving it ends it at once, also while it waits. */
export function watchTranscripts(
  parts: TranscriptServiceParts,
  plain: WatchOptions,
): AsyncIterableIterator<IngestReport> {
  const left = new AbortController()
  const reports = ended(parts, plain, left.signal)
  return {
    next: () => reports.next(),
    return(value?: unknown) {
      left.abort()
      return reports.return(value)
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

async function* ended(
  parts: TranscriptServiceParts,
  plain: WatchOptions,
  left: AbortSignal,
): AsyncGenerator<IngestReport> {
  const { closing } = parts.calls
  parts.calls.assertOpen()
  const options = withWholePaths(validated(WatchFields, plain, 'options'))
  const signal = AbortSignal.any([left, closing, ...(options.signal ? [options.signal] : [])])
  try {
    yield* new TranscriptWatch(parts, { ...options, signal }).reports()
  } catch (error) {
    // A store that closes under a watch is an end that was asked for.
    if (!closing.aborted) throw error
  }
}

type Watching = WatchFields & { signal: AbortSignal }

class TranscriptWatch {
  private readonly changes: FolderChanges
  private readonly folders: SourceFolders

  constructor(
    private readonly parts: TranscriptServiceParts,
    private readonly options: Watching,
  ) {
    this.changes = new FolderChanges(options.quietMs ?? defaultQuietMs, options.signal)
    this.folders = new SourceFolders(parts.watchFolder, (folder) => this.changes.tell(folder))
  }

  async *reports(): AsyncGenerator<IngestReport> {
    const { signal, rescanMs = defaultRescanMs } = this.options
    let isFirst = true
    try {
      while (!signal.aborted) {
        const rescanAt = performance.now() + rescanMs
        const report = await this.scanAll()
        if (!signal.aborted && (isFirst || isTelling(report))) yield report
        isFirst = false
        yield* this.changedUntil(rescanAt)
      }
    } finally {
      this.folders.close()
    }
  }

  private async *changedUntil(rescanAt: number): AsyncGenerator<IngestReport> {
    const { signal } = this.options
    for (;;) {
      const changed = await this.changes.quietUntil(rescanAt)
      if (!changed) return
      for (const [flavor, paths] of this.folders.placesIn(changed, this.options.paths)) {
        const report = await this.scan({ flavors: [flavor], paths })
        if (signal.aborted) return
        if (isTelling(report)) yield report
      }
      await this.folders.watchNew()
    }
  }

  private async scanAll(): Promise<IngestReport> {
    const { paths, flavors = this.parts.readers.map(({ flavor }) => flavor) } = this.options
    this.folders.forget()
    for (const path of paths ?? []) for (const flavor of flavors) this.folders.addNamed(path, flavor)
    const report = await this.scan({})
    await this.folders.watchNewest()
    return report
  }

  private scan(among: Pick<WatchOptions, 'flavors' | 'paths'>): Promise<IngestReport> {
    const { quietMs: _, rescanMs: __, ...options } = this.options
    return ingestTranscripts(this.parts, { ...options, ...among }, (source) => this.folders.add(source))
  }
}

const isTelling = ({ sources, transcripts }: IngestReport) =>
  sources.read > 0 || sources.failed.length > 0 || transcripts.length > 0
