import { hashJson, type JsonObject } from '../canonical-json.js'
import { ActivityEvent } from './activity-event.js'
import type { NewEvent } from './activity-repository.js'
import type { SourceStatement } from './activity-source-repository.js'
import { isEventKind, rulesOf, searchTextOf } from './event-kinds.js'

type Content = Omit<ActivityEvent, 'id' | 'namespace' | 'kind' | 'failed' | 'recordedAt' | 'nativeId' | 'sourceId'>

/**
 * The event as its source tells of it now, under the id that it has; undefined when that is nothing
 * new. What a source does not say any more stays as it was said.
 */
export function revisedEvent(first: ActivityEvent, statement: SourceStatement): NewEvent | undefined {
  const { payload, ...said } = 'event' in statement ? saidBy(statement.event) : outcomeOf(statement)
  const event = Object.assign(new ActivityEvent(), first, said, { payload: { ...first.payload, ...payload } })
  const kind = isEventKind(first.kind) ? first.kind : 'custom'
  event.failed = rulesOf(kind).isFailure(event)
  if (contentHash(event) === contentHash(first)) return undefined
  return { event, payloadText: JSON.stringify(event.payload), searchText: searchTextOf(kind, event), hasOwnTs: true }
}

const outcomeOf = ({ outcome: { state, payload } }: Extract<SourceStatement, { outcome: unknown }>) => ({
  state,
  payload,
})

function saidBy({ event, hasOwnTs }: NewEvent): Partial<Content> & { payload: JsonObject } {
  const { ts, sessionId, issueId, projectId, actorName, path, name, state, retries, payload } = event
  const said = { sessionId, issueId, projectId, actorName, path, name, state, retries, ts: hasOwnTs ? ts : null }
  const present = Object.entries(said).filter(([, value]) => value !== null)
  return { ...Object.fromEntries(present), payload }
}

export function contentHash(event: ActivityEvent): string {
  const { ts, sessionId, issueId, projectId, actorName, path, name, state, retries, payload } = event
  return hashJson([ts.getTime(), sessionId, issueId, projectId, actorName, path, name, state, retries, payload])
}
