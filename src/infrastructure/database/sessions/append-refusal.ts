import {
  ConflictError,
  type HansardError,
  InvalidInputError,
  NotFoundError,
  StorageError,
} from '../../../domain/errors.js'
import { replayOf } from '../../../domain/idempotency.js'
import type { AppendRequest, AppendResult } from '../../../domain/sessions/session-message-repository.js'
import type { KeyedOutcome } from '../../../domain/sessions/session-repository.js'
import {
  addUsage,
  fromNanoUsd,
  maxNanoUsd,
  TokenUsage,
  type UsageEntry,
  unkeptTotal,
} from '../../../domain/sessions/token-usage.js'
import type { Database } from '../database.js'
import { readTokens, sumOf, type TokenRow, tokenColumns } from './usage-rows.js'

export function sessionNotFound(id: string, namespace?: string): NotFoundError {
  const place = namespace === undefined ? 'this namespace' : `namespace ${JSON.stringify(namespace)}`
  const message = `No session ${JSON.stringify(id)} in ${place}. List them with "hansard sessions list".`
  return new NotFoundError('SESSION_NOT_FOUND', 'session', id, message)
}

/** The first call's outcome, or a conflict when the key came with another payload. */
export function replayed(known: KeyedOutcome, key: { key: string; payloadHash: string }): AppendResult {
  const { firstSequence, lastSequence } = replayOf(known, key)
  return { firstSequence: firstSequence ?? 0, lastSequence: lastSequence ?? 0, isReplay: true }
}

interface RefusedRow extends TokenRow {
  status: string
  last_sequence: number
}

/** Why a session's row did not advance. */
export async function appendRefusal(
  database: Database,
  namespace: string,
  request: Pick<AppendRequest, 'sessionId' | 'expectedSequence'> & { usage?: UsageEntry[] },
): Promise<HansardError> {
  const { sessionId: id, expectedSequence: expected, usage = [] } = request
  const [session] = await database.query<RefusedRow>(
    `select status, last_sequence, ${tokenColumns} from ${database.tables.sessions}
     where id = ? and namespace = ? and staged_at is null`,
    [id, namespace],
  )
  if (!session) return sessionNotFound(id, namespace)
  if (session.status !== 'active') return notActive(id, session.status)
  const actual = session.last_sequence
  if (expected !== undefined && expected !== actual) {
    const message = `Session "${id}" is at sequence ${actual}, expected ${expected}. Read on from there and try again.`
    return new ConflictError('SEQUENCE_CONFLICT', { kind: 'session', id, expected, actual }, message)
  }
  return usageRefusal(session, usage) ?? movedMeanwhile(id)
}

/** Names the total that would not hold what is spent; undefined if all would. */
export function usageRefusal(session: TokenRow, usage: UsageEntry[]): InvalidInputError | undefined {
  const total = addUsage(readTokens(new TokenUsage(), session), sumOf(usage))
  const unkept = unkeptTotal(total)
  if (!unkept) return undefined
  const isCost = unkept.name === 'estimatedCostUsd'
  const figure = isCost ? unkept.total.toFixed(9) : String(BigInt(unkept.total))
  const most = isCost ? fromNanoUsd(maxNanoUsd).toFixed(9) : String(Number.MAX_SAFE_INTEGER)
  const message = `would bring the session's total to ${figure}; at most ${most} is kept exactly. Go on in another session.`
  return new InvalidInputError([{ path: `usage.${unkept.name}`, message }])
}

/** What stood in the way is gone: the whole may be tried again. */
export function movedMeanwhile(id: string): StorageError {
  const message = `Session "${id}" changed while it was being written. Try again.`
  return new StorageError('STORAGE_UNAVAILABLE', message, { retryable: true })
}

function notActive(id: string, actual: string): ConflictError {
  const message = `Session "${id}" is ${actual} and takes no messages. Set its status to active first.`
  return new ConflictError('SESSION_NOT_ACTIVE', { kind: 'session', id, expected: 'active', actual }, message)
}
