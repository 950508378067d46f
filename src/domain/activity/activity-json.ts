import type { JsonObject } from '../canonical-json.js'
import type { RejectedPiece } from './activity-backfill.js'
import type { ActivityEvent } from './activity-event.js'
import type { EventRelation, FailedLoop, FailingTool, RecordedEvent, RelatedEvent } from './activity-service.js'

/** An event as the surfaces write it: instants as ISO 8601, members always in the same order. */
export interface ActivityEventJson {
  id: string
  namespace: string
  kind: string
  ts: string
  sessionId: string | null
  issueId: string | null
  projectId: string | null
  actorName: string | null
  path: string | null
  name: string | null
  state: string | null
  retries: number | null
  failed: boolean
  payload: JsonObject
  nativeId: string | null
  sourceId: string | null
  recordedAt: string
}

export type RecordedEventJson = ActivityEventJson & { replayed: boolean }
export type RelatedEventJson = ActivityEventJson & { relation: EventRelation }
export type RejectedPieceJson = Omit<RejectedPiece, 'createdAt'> & { createdAt: string }
export type FailedLoopJson = Omit<FailedLoop, 'lastAt'> & { lastAt: string }
export type FailingToolJson = Omit<FailingTool, 'lastFailureAt'> & { lastFailureAt: string }

export function activityEventJson(event: ActivityEvent): ActivityEventJson {
  return {
    id: event.id,
    namespace: event.namespace,
    kind: event.kind,
    ts: event.ts.toISOString(),
    sessionId: event.sessionId,
    issueId: event.issueId,
    projectId: event.projectId,
    actorName: event.actorName,
    path: event.path,
    name: event.name,
    state: event.state,
    retries: event.retries,
    failed: event.failed,
    payload: event.payload,
    nativeId: event.nativeId,
    sourceId: event.sourceId,
    recordedAt: event.recordedAt.toISOString(),
  }
}

export function recordedEventJson(event: RecordedEvent): RecordedEventJson {
  return { ...activityEventJson(event), replayed: event.replayed }
}

export function relatedEventJson(event: RelatedEvent): RelatedEventJson {
  return { ...activityEventJson(event), relation: event.relation }
}

export function failedLoopJson({ lastAt, ...loop }: FailedLoop): FailedLoopJson {
  return { ...loop, lastAt: lastAt.toISOString() }
}

export function failingToolJson({ lastFailureAt, ...tool }: FailingTool): FailingToolJson {
  return { ...tool, lastFailureAt: lastFailureAt.toISOString() }
}

export function rejectedPieceJson(piece: RejectedPiece): RejectedPieceJson {
  const { id, namespace, sourceId, source, path, place, reason, excerpt, createdAt } = piece
  return { id, namespace, sourceId, source, path, place, reason, excerpt, createdAt: createdAt.toISOString() }
}
