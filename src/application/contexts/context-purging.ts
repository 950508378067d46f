import type { PurgeReport } from '../../domain/contexts/context-purge.js'
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
  const inBatches = async (batch: () => Promise<number>) => {
    while ((await batch()) >= batchSize) onProgress?.({ ...done })
    onProgress?.({ ...done })
  }
  await inBatches(async () => {
    const marked = await contexts.markExpired(terms, batchSize)
    done.expiredMarked += marked
    return marked
  })
  await inBatches(async () => {
    const deleted = await contexts.deleteEnded(terms, batchSize)
    done.contextDeleted += deleted.contexts
    done.stepOrphanDeleted += deleted.steps
    return deleted.contexts
  })
  if (agedSteps) {
    await inBatches(async () => {
      const deleted = await contexts.deleteAgedSteps(terms, batchSize)
      done.stepAgedDeleted += deleted
      return deleted
    })
  }
  return { dryRun, ...done, aliveRemaining: await contexts.countAlive(now, Number.MAX_SAFE_INTEGER, '') }
}
