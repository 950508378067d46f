import { randomBytes } from 'node:crypto'
import { sha256 } from '../canonical-json.js'
import { InvalidInputError } from '../errors.js'

/** 32 lower-case hexadecimal characters from a secure source: all that its holder needs. */
export function newStateToken(): string {
  return randomBytes(16).toString('hex')
}

/**
 * What is stored in the token's place. With 128 random bits in the token, a plain hash is as good as a slow one.
 *
 * @throws {InvalidInputError} not a state token; the text is not quoted, since it may be most of one
 */
export function hashStateToken(token: unknown): string {
  if (typeof token === 'string' && /^[0-9a-f]{32}$/.test(token)) return sha256(token)
  throw new InvalidInputError([{ path: 'stateToken', message: 'is not 32 lower-case hexadecimal characters' }])
}
