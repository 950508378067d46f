import { InvalidInputError } from '../../domain/errors.js'
import { listingFingerprint } from '../../domain/page.js'
import type { SearchPlace } from '../../domain/search/search-index.js'
import type { SearchFields } from './search-inputs.js'

/** Where the next page begins, and of which query. */
export interface SearchPosition extends SearchPlace {
  relaxed: boolean
}

/** Ties a cursor to the search that it came from; how many it asked for may change. */
export function searchFingerprint(namespace: string, query: string, options: SearchFields): string {
  const { limit: _, cursor: __, ...filters } = options
  return listingFingerprint(namespace, { search: query, ...filters })
}

export function encodePosition({ ranking, after, upTo, relaxed }: SearchPosition, fingerprint: string): string {
  return Buffer.from(JSON.stringify([ranking, after, upTo, relaxed, fingerprint])).toString('base64url')
}

/** @throws {InvalidInputError} CURSOR_INVALID: not a cursor, or of another search or namespace */
export function decodePosition(cursor: string, fingerprint: string): SearchPosition {
  const fields = parsed(cursor)
  const [ranking, after, upTo, relaxed, given] = Array.isArray(fields) ? (fields as unknown[]) : []
  const isPlace = (ranking === 'relevance' || ranking === 'newest') && isNumber(after) && isNumber(upTo)
  if (isPlace && typeof relaxed === 'boolean' && given === fingerprint) return { ranking, after, upTo, relaxed }
  const message = `${JSON.stringify(cursor)} is not a cursor of this search; pass nextCursor with the same query and filters`
  throw new InvalidInputError([{ path: 'cursor', message }], 'CURSOR_INVALID')
}

const isNumber = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

function parsed(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString())
  } catch {
    return undefined
  }
}
