import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { TranscriptSource } from '../../domain/transcripts/transcript-reader.js'
import type { KnownSource, TranscriptIngestRepository } from '../../domain/transcripts/transcript-repository.js'

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

export const isUnchanged = (known: KnownSource, { size, mtimeMs }: SeenFile) =>
  known.size === size && known.mtimeMs === mtimeMs && known.lastError === null

/** The source at a path, where it was read before and is as it was then. */
export async function unchangedAt(
  ingest: Pick<TranscriptIngestRepository, 'findSourceAt'>,
  flavor: string,
  path: string,
): Promise<TranscriptSource | undefined> {
  const known = await ingest.findSourceAt(path)
  if (known?.source.flavor !== flavor) return undefined
  // The path that is stored may have been redacted.
  const source = { ...known.source, path }
  const seen = await seenOf(source).catch(() => undefined)
  return seen && isUnchanged(known, seen) ? source : undefined
}
