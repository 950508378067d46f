import type { DiscoveredSource, IngestOptions } from '../../domain/transcripts/transcript-ingest.js'
import type { TranscriptReader, TranscriptSource } from '../../domain/transcripts/transcript-reader.js'
import { isUnchanged, seenOf, unchangedAt } from './seen-files.js'
import type { TranscriptServiceParts } from './transcript-service-parts.js'

type Places = Pick<IngestOptions, 'paths' | 'flavors'>

/** What an ingest would find, each once, and what it would do with it; one that is as it was is not opened. */
export async function* discoverSources(
  parts: TranscriptServiceParts,
  { paths, flavors }: Places,
): AsyncGenerator<DiscoveredSource> {
  for (const reader of parts.readers.filter(({ flavor }) => flavors?.includes(flavor) ?? true)) {
    const found = new Set<string>()
    for await (const source of sourcesOf(parts, reader, paths)) {
      if (found.has(source.id)) continue
      found.add(source.id)
      yield await parts.calls.accept(() => withState(parts, source, paths))
    }
  }
}

function sourcesOf(
  { surroundings, calls, ingest }: TranscriptServiceParts,
  reader: TranscriptReader,
  paths: Places['paths'],
): AsyncIterable<TranscriptSource> {
  const known = (path: string) => calls.accept(() => unchangedAt(ingest, path))
  return reader.discover({ ...surroundings(), ...(paths && { paths }), known })
}

async function withState(
  { ingest }: TranscriptServiceParts,
  source: TranscriptSource,
  paths: Places['paths'],
): Promise<DiscoveredSource> {
  const seen = await seenOf(source).catch(() => undefined)
  const known = await ingest.findSource(source.flavor, source.id)
  const isRefused = source.refusal !== undefined && !(source.isReadIfNamed && paths?.includes(source.path))
  const state = isRefused ? 'refused' : !known ? 'new' : seen && isUnchanged(known, seen) ? 'unchanged' : 'changed'
  return { ...source, state, bytes: seen?.size ?? null }
}
