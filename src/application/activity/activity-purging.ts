import type { ActivityPurgeReport } from '../../domain/activity/activity-purge.js'
import type { PurgeEventsOptions } from '../../domain/activity/activity-service.js'
import { validated } from '../validated.js'
import { PurgeEventsFields } from './activity-inputs.js'
import type { ActivityServiceParts } from './activity-service-parts.js'

/** Deletes batch by batch; a purge that was stopped is gone on with by the next. */
export async function purgeEvents(
  { activity, clock }: ActivityServiceParts,
  plain: PurgeEventsOptions,
): Promise<ActivityPurgeReport> {
  const { olderThanMs, kinds, dryRun = false, batchSize = 500, onProgress } = validated(PurgeEventsFields, plain)
  const terms = { before: new Date(clock().getTime() - olderThanMs), kinds }
  if (dryRun) return { dryRun, ...(await activity.countPurge(terms)) }
  const byKind: Record<string, number> = {}
  let eventsDeleted = 0
  for (;;) {
    const batch = await activity.deleteDue(terms, batchSize, clock())
    for (const [kind, count] of Object.entries(batch)) byKind[kind] = (byKind[kind] ?? 0) + count
    const deleted = Object.values(batch).reduce((sum, count) => sum + count, 0)
    eventsDeleted += deleted
    onProgress?.({ eventsDeleted, byKind: { ...byKind } })
    if (deleted >= batchSize) continue
    // A batch is also short when others took of it what was theirs to take: only a count tells the end.
    const left = await activity.countPurge(terms)
    if (left.eventsDeleted === 0) return { dryRun, eventsDeleted, byKind, remaining: left.remaining }
  }
}
