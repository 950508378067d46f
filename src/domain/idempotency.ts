import { ConflictError } from './errors.js'

/** What makes a repeated call act once: the caller's key, with a hash of what came with it. */
export interface IdempotencyKey {
  /** The id of what the key belongs to, or empty for calls whose keys belong to the whole namespace. */
  scope: string
  key: string
  payloadHash: string
}

/**
 * What the key stands for already.
 *
 * @throws {ConflictError} IDEMPOTENCY_CONFLICT: the key came with another payload before
 */
export function replayOf<Known extends { payloadHash: string | null }>(
  known: Known,
  key: { key: string; payloadHash: string },
): Known {
  if (known.payloadHash === key.payloadHash) return known
  const message = `Idempotency key ${JSON.stringify(key.key)} was used before with another input. Use a new key for new input.`
  throw new ConflictError('IDEMPOTENCY_CONFLICT', { kind: 'idempotency key', id: key.key }, message)
}
