import type { ToldActivity } from '../told-activity.js'
import { ActivityEvent, fittingPath, fittingText } from './activity-event.js'
import type { NewEvent } from './activity-repository.js'
import { rulesOf, searchTextOf } from './event-kinds.js'
import { contentHash } from './revised-event.js'

/** What a transcript tells, as an event. */
export function toldEvent(
  told: ToldActivity,
  { id, namespace, recordedAt }: Pick<ActivityEvent, 'id' | 'namespace' | 'recordedAt'>,
): NewEvent {
  const { transcriptId, kind, nativeId, ts, sessionId, state, payload } = told
  const projectId = fittingText(told.projectId) ?? null
  const [path, name] = [fittingPath(told.path) ?? null, fittingText(told.name) ?? null]
  const event = Object.assign(new ActivityEvent(), {
    ...{ id, namespace, kind, ts, sessionId, issueId: null, projectId, actorName: null },
    ...{ path, name, state, retries: null, failed: false, payload, recordedAt, nativeId, sourceId: transcriptId },
  })
  event.failed = rulesOf(kind).isFailure(event)
  return { event, payloadText: JSON.stringify(payload), searchText: searchTextOf(kind, event), hasOwnTs: true }
}

/** Whether an event says the same as another one. */
export const isSameEvent = (one: ActivityEvent, other: ActivityEvent): boolean =>
  one.sourceId === other.sourceId && contentHash(one) === contentHash(other)

/** Of two sessions that tell of one event it is that of the earlier; of copies of one instant, of the lesser id. */
export function isBefore(one: ActivityEvent, other: ActivityEvent): boolean {
  const ahead = one.ts.getTime() - other.ts.getTime()
  return ahead < 0 || (ahead === 0 && (one.sessionId ?? '') < (other.sessionId ?? ''))
}
