import { DraftEvents, recordTime, withoutUndefined } from '../draft-events.js'
import { optionalText, plainText } from '../event-text.js'
import type { JsonRecord } from '../json-line.js'
import type { LineFlavor, RecordParts } from '../line-records.js'

interface OutcomeState {
  sessionId: string
  lastTs: string | null
}

const failed = new Set(['error', 'invalid_tool'])

/** `events.jsonl` of Grok Build: how calls and turns ended. */
export function outcomeLines(sessionId: string): LineFlavor<OutcomeState> {
  return {
    newState: () => ({ sessionId, lastTs: null }),
    isRecord: ({ type, ts }) => typeof type === 'string' && ts !== undefined,
    sessionId: (state) => state.sessionId,
    interpret,
  }
}

function interpret(value: JsonRecord, state: OutcomeState, ownKey: () => string): RecordParts {
  const sourceKey = ownKey()
  const time = recordTime(value.ts, state)
  const events = new DraftEvents({ sourceKey, ...time, isSidechain: false })
  if (value.type === 'turn_ended' && value.outcome === 'error') {
    events.add({ kind: 'error', role: 'system', body: plainText(value.error) || 'The turn ended with an error.' })
  }
  const id = value.type === 'tool_completed' ? optionalText(value.tool_call_id) : undefined
  const isError = failed.has(String(value.outcome)) || undefined
  const amendment = id && withoutUndefined({ joinKey: `result:${id}`, ts: time.ts ?? undefined, isError })
  const amendments = amendment ? [amendment] : undefined
  return withoutUndefined({ sourceKey, sessionId: state.sessionId, events: events.list, amendments, isAside: true })
}
