import type { JsonObject } from '../canonical-json.js'
import { NotFoundError } from '../errors.js'
import { isStorableText } from '../stored-values.js'

/** UTF-16 units that the texts of an event may have, but for its path. */
export const maxTextLength = 255
export const maxPathLength = 1_024
/** Paths stand in an index, whose rows Postgres bounds; this leaves room for a namespace of any script. */
export const maxPathBytes = 1_800

/** What no column holds is left out: an event that was found is not given up for it. */
export const fittingText = (text: string | null | undefined): string | undefined =>
  isStorableText(text, maxTextLength) ? text : undefined

export const fittingPath = (path: string | null | undefined): string | undefined =>
  isStorableText(path, maxPathLength) && Buffer.byteLength(path) <= maxPathBytes ? path : undefined

/** Something that happened around agents. Nothing changes it but a backfill or an ingest, and these only what they recorded. */
export class ActivityEvent {
  id!: string
  namespace!: string
  /** One of `eventKinds`; a kind that is none of them is kept as `custom`. */
  kind!: string
  /** When it happened. */
  ts!: Date
  /** A coding agent's own id of its session, or the id of a session of this store. */
  sessionId!: string | null
  issueId!: string | null
  projectId!: string | null
  actorName!: string | null
  path!: string | null
  /** What the event is of: a tool, a loop, a type that only its sender knows. */
  name!: string | null
  /** Where the thing stands after the event, in the sender's words. */
  state!: string | null
  retries!: number | null
  /** Whether it was a failure, by the rule of its kind when it was recorded. */
  failed!: boolean
  payload!: JsonObject
  /** When it was stored. */
  recordedAt!: Date
  /** The event's own identity where it came from; recorded once in its namespace and kind. */
  nativeId!: string | null
  /** The source that a backfill read it from, or the transcript that told it. */
  sourceId!: string | null
}

/** A file that backfills read events from, and how far. */
export class ActivitySource {
  id!: string
  namespace!: string
  /** What kind of file it is. */
  kind!: string
  path!: string
  pathHash!: string
  size!: number
  mtimeMs!: number
  /** Everything before it was read. */
  byteOffset!: number
  lineCount!: number
  /** Hash of what was read, by which a file that was written anew is known. */
  prefixHash!: string
  /** 1 at first, one more each time that the file was written anew. */
  generation!: number
  lastError!: string | null
  updatedAt!: Date
}

/** A piece of a source that gave no event, and why. */
export class ActivityReject {
  id!: string
  namespace!: string
  sourceId!: string
  /** Its line or byte. */
  place!: string
  reason!: string
  excerpt!: string | null
  createdAt!: Date
}

export function eventNotFound(id: string): NotFoundError {
  const message = `No activity event "${id}" in this namespace. It may have been deleted or purged.`
  return new NotFoundError('EVENT_NOT_FOUND', 'activity event', id, message)
}
