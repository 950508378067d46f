import type { JsonObject, JsonValue } from '../canonical-json.js'
import { ConflictError, ExpiredError, NotFoundError } from '../errors.js'

export const contextStatuses = ['open', 'closed', 'expired'] as const
export type ContextStatus = (typeof contextStatuses)[number]

/** Short-lived working state behind a state token. */
export class Context {
  id!: string
  namespace!: string
  /** Whose it is, opaque to us; calls on a context with a subject must bring the same one. */
  subjectId!: string | null
  status!: ContextStatus
  savedContext!: JsonObject
  /** 1 at first, one more with every change of `savedContext`. */
  version!: number
  /** Steps ever recorded; also the index of the last one. */
  stepCount!: number
  /** The lifetime that it was opened with. */
  ttlMs!: number
  /** Whether a step or a patch begins the lifetime anew; otherwise it ends as fixed when opened. */
  sliding!: boolean
  openedAt!: Date
  /** At this instant it is over. */
  expiresAt!: Date
  lastStepAt!: Date | null
  closedAt!: Date | null
}

/** One entry of a context's log. */
export class ContextStep {
  id!: string
  namespace!: string
  contextId!: string
  /** 1, 2, 3 … in its context. */
  stepIndex!: number
  action!: string | null
  /** Null when only its hash was kept. */
  request!: JsonValue
  /** Null when there was none, or when only its hash was kept. */
  response!: JsonValue
  requestHash!: string
  /** Null when there was no response. */
  responseHash!: string | null
  /** Whether the hashes alone were kept. */
  hashOnly!: boolean
  createdAt!: Date
}

/** The one rule of expiry, for reads, listings and the purge: at `expiresAt` itself it is over. */
export function isExpired(context: Pick<Context, 'status' | 'expiresAt'>, now: Date): boolean {
  return context.status === 'expired' || (context.status === 'open' && context.expiresAt <= now)
}

/** As it is at `now`, whether or not a purge has marked it yet. */
export function asSeenAt(context: Context, now: Date): Context {
  if (isExpired(context, now)) context.status = 'expired'
  return context
}

/**
 * @throws {ConflictError} WRONG_SUBJECT when it belongs to another, or to one that was not named
 * @throws {ExpiredError} CONTEXT_CLOSED, CONTEXT_EXPIRED
 */
export function assertUsable(context: Context, { subjectId, now }: { subjectId?: string; now: Date }): void {
  const { id, status, expiresAt, closedAt } = context
  if (context.subjectId !== (subjectId ?? null)) {
    const message =
      context.subjectId === null
        ? `Context "${id}" belongs to no subject. Leave subjectId out.`
        : `Context "${id}" belongs to another subject. Pass the subjectId that it was opened with.`
    throw new ConflictError('WRONG_SUBJECT', { kind: 'context', id }, message)
  }
  if (status === 'closed') {
    const at = closedAt ?? expiresAt
    const message = `Context "${id}" was closed at ${at.toISOString()}. Open another.`
    throw new ExpiredError('CONTEXT_CLOSED', 'context', id, at, message)
  }
  if (isExpired(context, now)) {
    const message = `Context "${id}" expired at ${expiresAt.toISOString()}. Open another, with a longer ttlMs or sliding.`
    throw new ExpiredError('CONTEXT_EXPIRED', 'context', id, expiresAt, message)
  }
}

/** Says nothing of the token: it is a secret, and the text may be logged. */
export function contextNotFound(): NotFoundError {
  const message = 'No context has this state token. It may be of another namespace, or purged after it ended.'
  return new NotFoundError('CONTEXT_NOT_FOUND', 'context', '', message)
}
