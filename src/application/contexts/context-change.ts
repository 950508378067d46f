import { assertUsable, type Context, contextNotFound } from '../../domain/contexts/context.js'
import type { ContextRepository } from '../../domain/contexts/context-repository.js'
import type { ContextServiceParts } from './context-service-parts.js'

export interface ChangingCall {
  tokenHash: string
  subjectId: string | undefined
  /** Made before the first try: how a repeated one knows its own. */
  changeId: string
  /**
   * Asked on a later try, when another call has changed the context since: whether an earlier try of
   * this one came through before it. Without it, a repeat is known only while it was the last change.
   */
  wasDone?: (contexts: ContextRepository, context: Context) => Promise<boolean>
}

export interface Change {
  /** Held against other writers, and usable. */
  context: Context
  contexts: ContextRepository
  now: Date
  /** An earlier try of this very call came through, and only its answer was lost. */
  isRepeat: boolean
}

/** Runs `work` on the held context and writes what it made of it, in one transaction. */
export function changeContext<T>(
  parts: ContextServiceParts,
  { tokenHash, subjectId, changeId, wasDone }: ChangingCall,
  work: (change: Change) => Promise<T>,
): Promise<T> {
  const now = parts.clock()
  let tries = 0
  return parts.unitOfWork.inTransaction(async (contexts) => {
    tries += 1
    const held = await contexts.holdByToken(tokenHash)
    if (!held) throw contextNotFound()
    const { context } = held
    const isRepeat =
      held.changeId === changeId || (tries > 1 && wasDone !== undefined && (await wasDone(contexts, context)))
    if (!isRepeat) assertUsable(context, { subjectId, now })
    const result = await work({ context, contexts, now, isRepeat })
    if (!isRepeat) await contexts.update(context, changeId)
    return result
  })
}

/** Begins a sliding lifetime anew; a clock that went back does not shorten it. */
export function slide(context: Context, now: Date): void {
  const anew = now.getTime() + context.ttlMs
  if (context.sliding && anew > context.expiresAt.getTime()) context.expiresAt = new Date(anew)
}
