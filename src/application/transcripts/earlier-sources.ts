import type { KnownSource } from '../../domain/transcripts/ingest-repository.js'
import type { ReadCursor, TranscriptReader, TranscriptSource } from '../../domain/transcripts/transcript-reader.js'
import { isGone } from './seen-files.js'
import type { TranscriptServiceParts } from './transcript-service-parts.js'

interface Found {
  source: TranscriptSource
  nativeId: string
  /** Its own session's. */
  reader: TranscriptReader
  /** Found in this run, too. */
  isThere(source: TranscriptSource): boolean
}

/**
 * What a source that is new was until now. Another agent's, whose place it takes, is to be read anew; one of its own
 * session that is gone from its place, and that it begins as, was moved here and is gone on with.
 */
export async function earlierSource(parts: TranscriptServiceParts, found: Found): Promise<KnownSource | undefined> {
  const { calls, ingest } = parts
  const known = await calls.accept(() => ingest.findEarlier(found.source, found.nativeId))
  for (const each of known.filter(({ source }) => source.flavor !== found.source.flavor)) {
    if (await isNoLongerTheirs(parts, each, found)) {
      return { ...each, cursor: undefined, generation: each.generation + 1 }
    }
  }
  const bytesRead = ({ cursor }: KnownSource) => cursor?.byteOffset ?? 0
  for (const each of known.toSorted((one, other) => bytesRead(other) - bytesRead(one))) {
    if (await wasMoved(each, found)) return each
  }
  return undefined
}

/** A file may be of two agents: a piece of the one spliced into the other's. */
async function isNoLongerTheirs({ readers }: TranscriptServiceParts, known: KnownSource, { source }: Found) {
  const theirs = readers.find(({ flavor }) => flavor === known.source.flavor)
  if (!theirs) return false
  return theirs.identify(source.path).then(
    (identified) => identified === undefined,
    () => false,
  )
}

async function wasMoved({ source, cursor }: KnownSource, found: Found): Promise<boolean> {
  if (!cursor || source.flavor !== found.source.flavor || found.isThere(source)) return false
  const places = found.reader.pathsOf?.(source) ?? [source.path]
  const areGone = await Promise.all(places.map(isGone))
  return areGone.every(Boolean) && beginsAs(cursor, found)
}

async function beginsAs(cursor: ReadCursor, { reader, source }: Found): Promise<boolean> {
  try {
    const options = { batchBytes: 1, comparesAll: true }
    for await (const { isRewritten } of reader.read(source, cursor, options)) return !isRewritten
  } catch {
    // Told of when it is read.
  }
  return false
}
