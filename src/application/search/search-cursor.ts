import { InvalidInputError } from '../../domain/errors.js'
import { listingFingerprint } from '../../domain/page.js'
import type { SearchPlace } from '../../domain/search/search-index.js'
import { instantOr } from '../input-rules.js'
import type { SearchFields } from './search-inputs.js'

/** Where the next page begins, and of which query. */
export interface SearchPosition extends SearchPlace {
  relaxed: boolean
  /** When the first page was read, in epoch milliseconds: ages are counted from then on every page. */
  now: number
}

/** Ties a cursor to the search that it came from; how many it asked for may change, and how an instant is written. */
export function searchFingerprint(namespace: string, query: string, options: SearchFields): string {
  const { limit: _, cursor: __, since, until, ...filters } = options
  const span = { since: instantOr(since), until: instantOr(until) }
  return listingFingerprint(namespace, { search: query, ...filters, ...span })
}

export function encodePosition(position: SearchPosition, fingerprint: string): string {
  const { ranking, after, upTo, relaxed, now } = position
  return Buffer.from(JSON.stringify([ranking, after, upTo, relaxed, now, fingerprint])).toString('base64url')
}

/** @throws {InvalidInputError} CURSOR_INVALID: not a cursor, or of another search or namespace */
export function decodePosition(cursor: string, fingerprint: string): SearchPosition {
  const fields = parsed(cursor)
  const [ranking, after, upTo, relaxed, now, given] = Array.isArray(fields) ? (fields as unknown[]) : []
  const isPlace = (ranking === 'relevance' || ranking === 'newest') && isNumber(after) && isNumber(upTo)
  const isPosition = isPlace && typeof relaxed === 'boolean' && isInstant(now)
  if (isPosition && given === fingerprint) return { ranking, after, upTo, relaxed, now }
  const message = `${JSON.stringify(cursor)} is not a cursor of this search; pass nextCursor with the same query and filters`
  throw new InvalidInputError([{ path: 'cursor', message }], 'CURSOR_INVALID')
}

const isNumber = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

const isInstant = (value: unknown): value is number =>
  Number.isSafeInteger(value) && !Number.isNaN(new Date(value as number).getTime())

function parsed(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString())
  } catch {
    return undefined
  }
}
