import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { KnownSource } from '../../domain/transcripts/ingest-repository.js'
import type { SourcesByPath, TranscriptSource } from '../../domain/transcripts/transcript-reader.js'
import type { TranscriptServiceParts } from './transcript-service-parts.js'

/** What a source is known by without opening it. */
export interface SeenFile {
  size: number
  mtimeMs: number
}

/** @throws what the file system says */
export async function seenOf({ path, form }: Pick<TranscriptSource, 'path' | 'form'>): Promise<SeenFile> {
  if (form === 'folder') return seenTogether((await readdir(path)).map((name) => join(path, name)))
  if (form === 'database') return seenTogether([path, `${path}-wal`])
  return seenAt(path)
}

async function seenAt(path: string): Promise<SeenFile> {
  const { size, mtimeMs } = await stat(path)
  return { size, mtimeMs: Math.floor(mtimeMs) }
}

/** One that is gone since it was listed counts for nothing. */
async function seenTogether(paths: string[]): Promise<SeenFile> {
  const together = { size: 0, mtimeMs: 0 }
  for (const path of paths) {
    const { size, mtimeMs } = await seenAt(path).catch(() => ({ size: 0, mtimeMs: 0 }))
    together.size += size
    together.mtimeMs = Math.max(together.mtimeMs, mtimeMs)
  }
  return together
}

/** Nothing is at a path; not where that cannot be seen. */
export const isGone = (path: string): Promise<boolean> =>
  stat(path).then(
    () => false,
    ({ code }: NodeJS.ErrnoException) => code === 'ENOENT' || code === 'ENOTDIR',
  )

export const isUnchanged = (known: KnownSource, { size, mtimeMs }: SeenFile) =>
  known.size === size && known.mtimeMs === mtimeMs && known.lastError === null

/** The sources that are as they were when they were read: asked for many paths at a time, and never opened. */
export class UnchangedSources {
  private readonly byPath = new Map<string, TranscriptSource[]>()

  /** @param named what was refused is asked again where a caller names the very file */
  constructor(
    private readonly parts: Pick<TranscriptServiceParts, 'calls' | 'ingest'>,
    private readonly named: readonly string[] = [],
  ) {}

  has(source: TranscriptSource): boolean {
    return this.byPath.get(source.path)?.includes(source) ?? false
  }

  /** Those of these paths, each looked at once, whichever readers ask; a path has all that was read there, or none. */
  async at(paths: readonly string[]): Promise<SourcesByPath> {
    const { calls, ingest } = this.parts
    const known = await calls.accept(() => ingest.findSourcesAt(paths.filter((path) => !this.byPath.has(path))))
    for (const [path, sources] of known) {
      if (this.named.includes(path) && sources.some(({ source }) => source.refusal !== undefined)) continue
      const unchanged = await Promise.all(sources.map((each) => asItWas(each, path)))
      if (unchanged.every((source) => source !== undefined)) this.byPath.set(path, unchanged)
    }
    return this.byPath
  }
}

async function asItWas(known: KnownSource, path: string): Promise<TranscriptSource | undefined> {
  // The path that is stored may have been redacted.
  const source = { ...known.source, path }
  const seen = await seenOf(source).catch(() => undefined)
  return seen && isUnchanged(known, seen) ? source : undefined
}
