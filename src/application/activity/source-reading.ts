import { basename, relative, sep } from 'node:path'
import type { ActivityEventInput } from '../../domain/activity/activity-service.js'
import type { EventOutcome } from '../../domain/activity/activity-source-repository.js'
import type { JsonObject, JsonValue } from '../../domain/canonical-json.js'
import { shortId } from '../../domain/native-ids.js'
import { UnreadablePiece } from './frontmatter.js'

/** What a reader of one kind of source makes of what stands there. */
export type Reading = EventReading | { outcome: EventOutcome }

export interface EventReading {
  event: ActivityEventInput & { nativeId: string }
  /** Of an issue whose file does not date its state: what begins the native id of the state if it came after another. */
  laterNativeId?: string
}

/** The file that a reading is of. */
export interface SourceFile {
  path: string
  /** The file or folder that a backfill was told to read. */
  place: string
  /** When it was last written: the time of what names none. */
  writtenAt: Date
}

export const stemOf = ({ path }: SourceFile): string => basename(path).replace(/\.[^.]+$/, '')

/** Its path below the place that it was found in, without its ending. */
export function nameBelow({ place, path }: SourceFile): string {
  const below = relative(place, path) || basename(path)
  return below.replaceAll(sep, '/').replace(/\.[^./]+$/, '')
}

/**
 * The native id itself, or, where its column does not hold it, its hash.
 *
 * @throws {UnreadablePiece} no database holds it
 */
export function fittingId(id: string, maxLength?: number): string {
  if (!id.isWellFormed() || id.includes('\u0000'))
    throw new UnreadablePiece('has an id with U+0000 or half a character')
  return shortId(id, maxLength)
}

const isoForm = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?))?\s?(Z|[+-]\d\d:?\d\d)?$/i

/**
 * A date or an instant, of UTC where it does not say otherwise.
 *
 * @throws {UnreadablePiece} it is neither
 */
export function instantOf(text: string, name: string): Date {
  const [, day = '', time = '00:00', offset = 'Z'] = isoForm.exec(text) ?? []
  const date = new Date(`${day}T${time}${offset.toUpperCase()}`)
  // A day that does not exist would roll over into the next month.
  const isDay = !Number.isNaN(Date.parse(day)) && new Date(day).toISOString().startsWith(day)
  if (isDay && !Number.isNaN(date.getTime())) return date
  throw new UnreadablePiece(`${name} is no date: ${JSON.stringify(text.slice(0, 40))}`)
}

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The first of the members that is text, or a number written as one, and not empty. */
export function textOf(object: JsonObject, ...names: string[]): string | undefined {
  const values: (JsonValue | undefined)[] = names.map((name) => object[name])
  const value = values.find((each) => (typeof each === 'string' && each !== '') || typeof each === 'number')
  return value === undefined ? undefined : String(value)
}
