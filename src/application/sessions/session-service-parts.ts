import { hashJson } from '../../domain/canonical-json.js'
import type { Clock } from '../../domain/clock.js'
import { InvalidInputError, NotFoundError } from '../../domain/errors.js'
import type { IdFactory } from '../../domain/ids.js'
import type { SessionMessageRepository } from '../../domain/sessions/session-message-repository.js'
import type { IdempotencyKey, SessionRepository } from '../../domain/sessions/session-repository.js'
import type { UsageLedger } from '../../domain/sessions/usage-ledger.js'
import type { UnitOfWork } from '../../domain/unit-of-work.js'
import type { OpenCalls } from '../open-calls.js'
import type { MessageFollower } from './message-follower.js'
import type { MessageContext, SessionLimits } from './new-messages.js'

export interface SessionRepositories {
  sessions: SessionRepository
  messages: SessionMessageRepository
  ledger: UsageLedger
}

/** What the pieces of the service are made of. */
export interface SessionServiceParts extends SessionRepositories {
  unitOfWork: UnitOfWork<SessionRepositories>
  namespace: string
  clock: Clock
  newId: IdFactory
  limits: SessionLimits
  follower: MessageFollower
  calls: OpenCalls
}

export function messageContext(parts: SessionServiceParts, sessionId: string): MessageContext {
  const { namespace, newId, limits, clock } = parts
  return { sessionId, namespace, newId, limits, at: clock() }
}

/** An idempotency key with the hash of what came with it; an empty scope is the whole namespace. */
export function idempotencyKey(scope: string, key: string | undefined, payload: object): IdempotencyKey | undefined {
  if (key === undefined) return undefined
  // Through JSON first: what was left out and what was undefined are the same input.
  return { scope, key, payloadHash: hashJson(JSON.parse(JSON.stringify(payload))) }
}

export function sessionNotFound(parts: SessionServiceParts, id: string): NotFoundError {
  const namespace = JSON.stringify(parts.namespace)
  const message = `No session ${JSON.stringify(id)} in namespace ${namespace}. List them with "hansard sessions list".`
  return new NotFoundError('SESSION_NOT_FOUND', 'session', id, message)
}

/** Ids and external ids must be text that a database can compare; anything else names nothing. */
export function requireText(value: unknown, path: string): string {
  if (typeof value === 'string' && value !== '' && value.isWellFormed() && !value.includes('\u0000')) return value
  throw new InvalidInputError([{ path, message: `${JSON.stringify(value) ?? 'undefined'} is not an id` }])
}
