import type { DiscoveredSource, IngestOptions } from '../../domain/transcripts/transcript-ingest.js'
import type { TranscriptSource } from '../../domain/transcripts/transcript-reader.js'
import { isUnchanged, seenOf, UnchangedSources } from './seen-files.js'
import type { TranscriptServiceParts } from './transcript-service-parts.js'

type Places = Pick<IngestOptions, 'paths' | 'flavors'>

/** What an ingest would find, each once, and what it would do with it; one that is as it was is not opened. */
export async function* discoverSources(
  parts: TranscriptServiceParts,
  { paths, flavors }: Places,
): AsyncGenerator<DiscoveredSource> {
  const unchanged = new UnchangedSources(parts, paths)
  const surroundings = { ...parts.surroundings(), ...(paths && { paths }) }
  const failed = new Set<string>()
  for (const reader of parts.readers.filter(({ flavor }) => flavors?.includes(flavor) ?? true)) {
    const found = new Set(failed)
    for await (const source of reader.discover({ ...surroundings, known: (some) => unchanged.at(some) })) {
      if (found.has(source.id)) continue
      found.add(source.id)
      if (source.failure !== undefined) {
        failed.add(source.id)
        yield { ...source, state: 'refused', refusal: source.failure, bytes: null }
        continue
      }
      const state = await stateOf(parts, source, { isNamed: paths?.includes(source.path), unchanged })
      yield { ...source, state, bytes: (await seenOf(source).catch(() => undefined))?.size ?? null }
    }
  }
}

async function stateOf(
  { calls, ingest }: TranscriptServiceParts,
  source: TranscriptSource,
  { isNamed = false, unchanged }: { isNamed?: boolean; unchanged: UnchangedSources },
): Promise<DiscoveredSource['state']> {
  if (source.refusal !== undefined && !(source.isReadIfNamed && isNamed)) return 'refused'
  if (unchanged.has(source)) return 'unchanged'
  const known = await calls.accept(() => ingest.findSource(source.flavor, source.id))
  if (!known) return 'new'
  const seen = await seenOf(source).catch(() => undefined)
  return seen && !known.source.refusal && isUnchanged(known, seen) ? 'unchanged' : 'changed'
}
