import type { DiscoveredSource, IngestOptions } from '../../domain/transcripts/transcript-ingest.js'
import type { TranscriptSource } from '../../domain/transcripts/transcript-reader.js'
import { isUnchanged } from './ingesting.js'
import { seenOf } from './seen-files.js'
import type { TranscriptServiceParts } from './transcript-service-parts.js'

/** What an ingest would find, and what it would do with each; a source that is as it was is not opened. */
export async function* discoverSources(
  parts: TranscriptServiceParts,
  { paths, flavors }: Pick<IngestOptions, 'paths' | 'flavors'>,
): AsyncGenerator<DiscoveredSource> {
  const { readers, surroundings, calls } = parts
  const known = (path: string) => calls.accept(() => unchangedAt(parts, path))
  for (const reader of readers.filter(({ flavor }) => flavors?.includes(flavor) ?? true)) {
    const knownOfFlavor = async (path: string) => {
      const source = await known(path)
      return source?.flavor === reader.flavor ? source : undefined
    }
    for await (const source of reader.discover({ ...surroundings(), ...(paths && { paths }), known: knownOfFlavor })) {
      yield await calls.accept(() => withState(parts, source, paths))
    }
  }
}

async function unchangedAt({ ingest }: TranscriptServiceParts, path: string): Promise<TranscriptSource | undefined> {
  const known = await ingest.findSourceAt(path)
  const seen = known && (await seenOf(known.source).catch(() => undefined))
  return seen && isUnchanged(known, seen) ? known.source : undefined
}

async function withState(
  { ingest }: TranscriptServiceParts,
  source: TranscriptSource,
  paths: readonly string[] | undefined,
): Promise<DiscoveredSource> {
  const seen = await seenOf(source).catch(() => undefined)
  const known = await ingest.findSource(source.flavor, source.id)
  const isRefused = source.refusal !== undefined && !(source.isReadIfNamed && paths?.includes(source.path))
  const state = isRefused ? 'refused' : !known ? 'new' : seen && isUnchanged(known, seen) ? 'unchanged' : 'changed'
  return { ...source, state, bytes: seen?.size ?? null }
}
