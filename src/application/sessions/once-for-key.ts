import { setTimeout as sleep } from 'node:timers/promises'
import { sha256 } from '../../domain/canonical-json.js'
import { ConflictError, StorageError } from '../../domain/errors.js'
import { type IdempotencyKey, replayOf } from '../../domain/idempotency.js'
import type { KeyedOutcome } from '../../domain/sessions/session-repository.js'
import type { SessionServiceParts } from './session-service-parts.js'

const pauseMs = 25
const patienceMs = 60_000

/** Scope of the keys by which a staged session belongs to one call. */
export const claimScope = 'staged'

/** Ends the claim on a staged session, so that other calls with the key know it for one of theirs. */
export const claimMark = (key: IdempotencyKey): string => `:${sha256(key.key).slice(7, 51)}`

/**
 * Does the work, unless another call with the key did it: its outcome then is this call's too. What
 * stands in the way may be that very call, under way still or ended just now; so a refusal holds only
 * when neither the key nor the claim on `sessionId` tells of one. A call that fails leaves no key.
 *
 * @throws {ConflictError} IDEMPOTENCY_CONFLICT, and what the work throws
 */
export async function onceForKey(
  parts: SessionServiceParts,
  key: IdempotencyKey | undefined,
  sessionId: string,
  work: () => Promise<KeyedOutcome | undefined>,
): Promise<KeyedOutcome | undefined> {
  if (!key) return work()
  for (const deadline = Date.now() + patienceMs; ; ) {
    const known = await parts.sessions.keyed(key.scope, key.key)
    if (known) return replayOf(known, key)
    try {
      const outcome = await work()
      return outcome && replayOf(outcome, key)
    } catch (error) {
      const standing = await standingInTheWay(parts, key, sessionId, error)
      if (standing === 'another') throw error
      if (standing === 'the key') continue
      if (Date.now() > deadline) throw stillUnderWay(key)
      await sleep(pauseMs)
    }
  }
}

async function standingInTheWay(
  { sessions }: SessionServiceParts,
  key: IdempotencyKey,
  sessionId: string,
  error: unknown,
): Promise<'another' | 'the key' | 'a call under way'> {
  if (!(error instanceof ConflictError) || !['EXTERNAL_ID_TAKEN', 'ID_TAKEN'].includes(error.code)) return 'another'
  if (await sessions.keyed(key.scope, key.key)) return 'the key'
  if (error.code !== 'ID_TAKEN') return 'another'
  const claim = await sessions.keyed(claimScope, sessionId)
  if (claim) return claim.payloadHash.endsWith(claimMark(key)) ? 'a call under way' : 'another'
  // Free again: what was in the way gave up after we met it.
  return (await sessions.isIdTaken(sessionId)) ? 'another' : 'a call under way'
}

function stillUnderWay({ key }: IdempotencyKey): StorageError {
  const message = `Another call with the idempotency key ${JSON.stringify(key)} is still under way. Try again.`
  return new StorageError('STORAGE_UNAVAILABLE', message, { retryable: true })
}
