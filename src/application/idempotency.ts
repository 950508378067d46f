import { hashJson } from '../domain/canonical-json.js'
import type { IdempotencyKey } from '../domain/idempotency.js'

/** An idempotency key with the hash of what came with it; an empty scope is the whole namespace. */
export function idempotencyKey(scope: string, key: string | undefined, payload: object): IdempotencyKey | undefined {
  if (key === undefined) return undefined
  // Through JSON first: what was left out and what was undefined are the same input.
  return { scope, key, payloadHash: hashJson(JSON.parse(JSON.stringify(payload))) }
}
