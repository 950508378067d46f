import type { TranscriptSource } from '../../domain/transcripts/transcript-reader.js'
import type { KnownSource } from '../../domain/transcripts/transcript-repository.js'
import type { TranscriptServiceParts } from './transcript-service-parts.js'

/** What a source that is new was until now: the one whose place it takes, to be read anew. */
export async function earlierSource(
  { calls, ingest, readers }: TranscriptServiceParts,
  found: TranscriptSource,
): Promise<KnownSource | undefined> {
  for (const known of await calls.accept(() => ingest.findEarlier(found))) {
    const reader = readers.find(({ flavor }) => flavor === known.source.flavor)
    const isStillTheirs = await reader?.identify(found.path).catch(() => undefined)
    // A file may be of two agents: a piece of the one spliced into the other's.
    if (reader && !isStillTheirs) return { ...known, cursor: undefined, generation: known.generation + 1 }
  }
  return undefined
}
