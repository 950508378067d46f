import { ConflictError, type HansardError, NotFoundError } from '../../../domain/errors.js'
import { replayOf } from '../../../domain/idempotency.js'
import type { AppendRequest, AppendResult } from '../../../domain/sessions/session-message-repository.js'
import { type KeyedOutcome } from '../../../domain/sessions/session-repository.js'
import type { Database } from '../database.js'

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

/** Why a session's row did not advance. */
export async function appendRefusal(
  database: Database,
  namespace: string,
  request: Pick<AppendRequest, 'sessionId' | 'expectedSequence'>,
): Promise<HansardError> {
  const id = request.sessionId
  const [session] = await database.query<{ status: string; last_sequence: number }>(
    `select status, last_sequence from ${database.tables.sessions} where id = ? and namespace = ? and staged_at is null`,
    [id, namespace],
  )
  if (!session) return sessionNotFound(id, namespace)
  if (session.status !== 'active') {
    const message = `Session "${id}" is ${session.status} and takes no messages. Set its status to active first.`
    return new ConflictError(
      'SESSION_NOT_ACTIVE',
      { kind: 'session', id, expected: 'active', actual: session.status },
      message,
    )
  }
  const expected = request.expectedSequence
  const actual = session.last_sequence
  const message = `Session "${id}" is at sequence ${actual}, expected ${expected}. Read on from there and try again.`
  return new ConflictError('SEQUENCE_CONFLICT', { kind: 'session', id, expected, actual }, message)
}
