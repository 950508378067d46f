import type { PurgeReport, PurgeTerms } from '../../domain/contexts/context-purge.js'
import type { ContextRepository } from '../../domain/contexts/context-repository.js'
import type { PurgeOptions } from '../../domain/contexts/context-service.js'
import { validated } from '../validated.js'
import { defaultRetentionMs, PurgeFields } from './context-inputs.js'
import type { ContextServiceParts } from './context-service-parts.js'

/**
 * Marks, deletes, and deletes aged steps, batch by batch. Every batch is whole by itself and leaves
 * the rest to be found again: a purge that was stopped is gone on with by the next.
 */
export async function purgeContexts(parts: ContextServiceParts, plain: PurgeOptions): Promise<PurgeReport> {
  const input = validated(PurgeFields, plain)
  const { dryRun = false, retentionMs = defaultRetentionMs, agedSteps = false, batchSize = 500, onProgress } = input
  const now = parts.clock()
  const terms = { now, endedBefore: new Date(now.getTime() - retentionMs), agedSteps }
  const { contexts } = parts
  if (dryRun) return { dryRun, ...(await contexts.countPurge(terms)) }
  const done = { expiredMarked: 0, contextDeleted: 0, stepOrphanDeleted: 0, stepAgedDeleted: 0 }
  const work = batches(contexts, terms, batchSize, done)
  for (;;) {
    await inTurn(work, batchSize, () => onProgress?.({ ...done }))
    // A batch is also short when others took of it what was theirs to take: only a count tells the end.
    const { aliveRemaining, ...left } = await contexts.countPurge(terms)
    if (isNothing(left)) return { dryRun, ...done, aliveRemaining }
  }
}

async function inTurn(work: (() => Promise<number>)[], batchSize: number, onBatch: () => void): Promise<void> {
  for (const batch of work) {
    while ((await batch()) >= batchSize) onBatch()
    onBatch()
  }
}

const isNothing = (left: Done) => Object.values(left).every((count) => count === 0)

type Done = Omit<PurgeReport, 'dryRun' | 'aliveRemaining'>

/** One batch of each kind of work: adds to `done` and tells how many rows it found. */
function batches(
  contexts: ContextRepository,
  terms: PurgeTerms,
  batchSize: number,
  done: Done,
): (() => Promise<number>)[] {
  const mark = async () => {
    const marked = await contexts.markExpired(terms, batchSize)
    done.expiredMarked += marked
    return marked
  }
  const deleteEnded = async () => {
    const deleted = await contexts.deleteEnded(terms, batchSize)
    done.contextDeleted += deleted.contexts
    done.stepOrphanDeleted += deleted.steps
    return Math.max(deleted.contexts, deleted.steps)
  }
  const deleteAgedSteps = async () => {
    const deleted = await contexts.deleteAgedSteps(terms, batchSize)
    done.stepAgedDeleted += deleted
    return deleted
  }
  return terms.agedSteps ? [mark, deleteEnded, deleteAgedSteps] : [mark, deleteEnded]
}
