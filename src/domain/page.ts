import { hashJson } from './canonical-json.js'
import { InvalidInputError } from './errors.js'

/** One page of a listing. A cursor is opaque and belongs to the query and namespace that gave it. */
export interface Page<T, Cursor = string> {
  items: T[]
  /** Hand it in to go on; null when nothing follows. */
  nextCursor: Cursor | null
  /** Hand it in to go back; null when nothing precedes. */
  previousCursor: Cursor | null
}

/** A place in a listing: before or after the row with this key. */
export interface PagePosition {
  direction: 'next' | 'previous'
  /** Epoch milliseconds of the row's sort instant. */
  at: number
  id: string
}

const maxIdLength = 64

/** Ties a cursor to the namespace and filters that it came from. */
export function listingFingerprint(namespace: string, query: object): string {
  return hashJson(JSON.parse(JSON.stringify([namespace, query]))).slice(7, 19)
}

/** Writes `position` as an opaque cursor that only the query with this `fingerprint` takes back. */
export function encodeCursor(position: PagePosition, fingerprint: string): string {
  const fields = [position.direction, position.at, position.id, fingerprint]
  return Buffer.from(JSON.stringify(fields)).toString('base64url')
}

/** @throws {InvalidInputError} CURSOR_INVALID: not a cursor, or of another query or namespace */
export function decodeCursor(cursor: string, fingerprint: string): PagePosition {
  const fields = parseCursor(cursor)
  if (!fields || fields[3] !== fingerprint) {
    const message = `${JSON.stringify(cursor)} is not a cursor of this listing; pass nextCursor or previousCursor with the same filters`
    throw new InvalidInputError([{ path: 'cursor', message }], 'CURSOR_INVALID')
  }
  return { direction: fields[0], at: fields[1], id: fields[2] }
}

function parseCursor(cursor: string): ['next' | 'previous', number, string, string] | undefined {
  try {
    const fields: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    if (!Array.isArray(fields) || fields.length !== 4) return undefined
    const [direction, at, id] = fields as unknown[]
    const isPosition = (direction === 'next' || direction === 'previous') && Number.isSafeInteger(at) && isRowId(id)
    return isPosition ? (fields as ['next' | 'previous', number, string, string]) : undefined
  } catch {
    return undefined
  }
}

/** Text that every database takes for comparison; what is no row's id compares all the same. */
const isRowId = (id: unknown) =>
  typeof id === 'string' && id.length <= maxIdLength && id.isWellFormed() && !id.includes('\u0000')
