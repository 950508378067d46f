import { type Context, isExpired } from '../../domain/contexts/context.js'
import type { ContextRepository } from '../../domain/contexts/context-repository.js'
import type { OpenContextInput, OpenedContext } from '../../domain/contexts/context-service.js'
import { hashStateToken, newStateToken } from '../../domain/contexts/state-token.js'
import { ConflictError } from '../../domain/errors.js'
import { type IdempotencyKey, replayOf } from '../../domain/idempotency.js'
import { idempotencyKey } from '../idempotency.js'
import { validated } from '../validated.js'
import { OpenContextFields } from './context-inputs.js'
import type { ContextServiceParts } from './context-service-parts.js'
import { newContext } from './new-contexts.js'

/** Opens a context, or gives the one that the key opened before a new token. */
export async function openContext(parts: ContextServiceParts, plain: OpenContextInput): Promise<OpenedContext> {
  const input = validated(OpenContextFields, plain)
  const context = newContext(input, parts)
  const { savedContext, subjectId, ttlMs, sliding } = context
  // As they were stored, defaults filled in: what means the same is the same input.
  const key = idempotencyKey('', input.idempotencyKey, { call: 'open', savedContext, subjectId, ttlMs, sliding })
  const stateToken = newStateToken()
  const tokenHash = hashStateToken(stateToken)
  const opened = await parts.unitOfWork.inTransaction(async (contexts) => {
    // One opening at a time: so the capacity is exact, and of two with one key the later sees the earlier.
    await contexts.holdOpening()
    const known = key && (await contexts.keyed(key.key))
    if (key && known && known.context.id !== context.id)
      return reopen(contexts, known, key, tokenHash, context.openedAt)
    const { openContexts } = parts.limits
    const alive = await contexts.countAlive(context.openedAt, openContexts, context.id)
    if (alive >= openContexts) throw capacityReached(parts.namespace, openContexts)
    await contexts.insert(context, tokenHash, key)
    return context
  })
  return Object.assign(opened, { stateToken })
}

/**
 * The token itself is stored nowhere, so a repeat cannot tell it again: it gets a new one, and the
 * one in the lost answer dies. Not once the context was used, for then somebody holds that token.
 */
async function reopen(
  contexts: ContextRepository,
  known: { context: Context; payloadHash: string },
  key: IdempotencyKey,
  tokenHash: string,
  now: Date,
): Promise<Context> {
  const { context } = replayOf(known, key)
  const { id, status, version, stepCount } = context
  if (status !== 'open' || version > 1 || stepCount > 0 || isExpired(context, now)) {
    const message = `Context "${id}" was opened with this idempotency key and used since; its state token is told once. Take a new key.`
    throw new ConflictError('IDEMPOTENCY_CONFLICT', { kind: 'idempotency key', id: key.key }, message)
  }
  await contexts.replaceToken(id, tokenHash)
  return context
}

function capacityReached(namespace: string, capacity: number): ConflictError {
  const message = `Namespace ${JSON.stringify(namespace)} has ${capacity} open contexts, the most it takes. Close some, or wait until some expire.`
  const details = { kind: 'namespace', id: namespace, expected: capacity, actual: capacity }
  return new ConflictError('CONTEXT_CAPACITY_REACHED', details, message)
}
