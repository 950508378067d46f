import type { Clock } from '../../domain/clock.js'
import { NotFoundError } from '../../domain/errors.js'
import type { IdFactory } from '../../domain/ids.js'
import type { SessionMessageRepository } from '../../domain/sessions/session-message-repository.js'
import type { SessionRepository } from '../../domain/sessions/session-repository.js'
import type { UsageLedger } from '../../domain/sessions/usage-ledger.js'
import type { UnitOfWork } from '../../domain/unit-of-work.js'
import type { OpenCalls } from '../open-calls.js'
import type { FindRedactor } from '../redacted-json.js'
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
  /** Absent where messages are kept as they are given. */
  findRedactor?: FindRedactor
}

export function messageContext(parts: SessionServiceParts, sessionId: string): MessageContext {
  const { namespace, newId, limits, clock } = parts
  return { sessionId, namespace, newId, limits, at: clock() }
}

export function sessionNotFound(parts: SessionServiceParts, id: string): NotFoundError {
  const namespace = JSON.stringify(parts.namespace)
  const message = `No session ${JSON.stringify(id)} in namespace ${namespace}. List them with "hansard sessions list".`
  return new NotFoundError('SESSION_NOT_FOUND', 'session', id, message)
}
