import type { JsonObject } from '../canonical-json.js'
import { ConflictError } from '../errors.js'
import type { TokenUsage } from './token-usage.js'

export const sessionStatuses = ['active', 'closed', 'archived'] as const
export type SessionStatus = (typeof sessionStatuses)[number]

/** The greatest sequence that both databases store. */
export const maxSequence = 2_147_483_647

/** Where a fork left its parent. */
export interface ForkOrigin {
  sessionId: string
  sequence: number
}

/** Which archive a session came from. */
export interface ImportOrigin {
  sessionId: string
  namespace: string
  checksum: string
  importedAt: Date
}

/** One conversation of an actor with agents. */
export class Session {
  id!: string
  namespace!: string
  /** The caller's own name for it, unique in its namespace. */
  externalId!: string | null
  actorName!: string
  title!: string | null
  status!: SessionStatus
  metadata!: JsonObject
  /** Messages present now. */
  messageCount!: number
  /** The last sequence ever given; never goes back, truncation included. */
  lastSequence!: number
  tokenUsage!: TokenUsage
  /** Rows in the usage ledger. */
  usageCount!: number
  forkedFrom!: ForkOrigin | null
  importedFrom!: ImportOrigin | null
  createdAt!: Date
  updatedAt!: Date
  /** Set while an import or a fork is being staged; no read sees such a session. */
  stagedAt?: Date | null
}

/** A recorded removal of the messages after `afterSequence`, up to `lastSequence`. */
export class SessionTruncation {
  id!: string
  namespace!: string
  sessionId!: string
  afterSequence!: number
  lastSequence!: number
  removedCount!: number
  createdAt!: Date
}

const transitions: Record<SessionStatus, readonly SessionStatus[]> = {
  active: ['closed', 'archived'],
  closed: ['active', 'archived'],
  archived: ['closed'],
}

/** @throws {ConflictError} ILLEGAL_TRANSITION; staying as it is always passes */
export function assertTransition(session: Session, to: SessionStatus): void {
  const allowed = transitions[session.status]
  if (session.status === to || allowed.includes(to)) return
  throw new ConflictError(
    'ILLEGAL_TRANSITION',
    { kind: 'session', id: session.id, expected: allowed, actual: to },
    `Session "${session.id}" is ${session.status} and cannot become ${to}; from ${session.status} it can become ${allowed.join(' or ')}.`,
  )
}
