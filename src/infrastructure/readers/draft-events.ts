import { callArguments } from '../../domain/transcripts/call-arguments.js'
import { callKind } from '../../domain/transcripts/call-kind.js'
import { summaryOf } from '../../domain/transcripts/summary.js'
import type { DraftEvent, TranscriptEventKind, TranscriptRole } from '../../domain/transcripts/transcript-event.js'
import { isoTime, plainText } from './event-text.js'

/** What all events of one record share. */
export interface RecordBasis {
  sourceKey: string
  ts: string | null
  isTimeInherited: boolean
  isSidechain: boolean
  parentKey?: string
  messageKey?: string
}

export interface EventParts
  extends Pick<DraftEvent, 'tool' | 'toolCallId' | 'voice' | 'joinKey' | 'messageKey' | 'resultSize'> {
  kind: TranscriptEventKind
  role: TranscriptRole
  body: string
  /** In place of the record's key and the event's number in it. */
  key?: string
  isError?: boolean
  /** In place of the record's. */
  ts?: string | null
}

/** A call of a tool, asked by the agent where no other role is told. */
type CallParts = Omit<EventParts, 'kind' | 'role'> & { tool: string; role?: TranscriptRole }

/** Collects the events of one record. */
export class DraftEvents {
  readonly list: DraftEvent[] = []

  readonly sourceKey: string
  private readonly shared: Omit<RecordBasis, 'sourceKey'>

  constructor({ sourceKey, ...shared }: RecordBasis) {
    this.sourceKey = sourceKey
    this.shared = shared
  }

  add({ body, key = `${this.sourceKey}/${this.list.length}`, ...parts }: EventParts): void {
    const text = plainText(body)
    const { kind, role, isError = false, ts = this.shared.ts } = parts
    const { isTimeInherited, isSidechain } = this.shared
    const summary = summaryOf(text)
    const event: DraftEvent = { key, kind, role, ts, isTimeInherited, summary, body: text, isSidechain, isError }
    const messageKey = parts.messageKey ?? this.shared.messageKey
    if (this.shared.parentKey !== undefined) event.parentKey = this.shared.parentKey
    if (messageKey !== undefined) event.messageKey = messageKey
    addOptional(event, parts)
    this.list.push(event)
  }

  addCall({ role = 'assistant', ...parts }: CallParts): void {
    this.add({ ...parts, role, kind: callKind(parts.tool, callArguments(parts.body).command) })
  }
}

/** Members that would be undefined are left out: two readings of one record are equal, member by member. */
function addOptional(event: DraftEvent, parts: Omit<EventParts, 'body'>): void {
  const { tool, toolCallId, voice, joinKey, resultSize } = parts
  if (tool !== undefined) event.tool = tool
  if (toolCallId !== undefined) event.toolCallId = toolCallId
  if (voice !== undefined) event.voice = voice
  if (joinKey !== undefined) event.joinKey = joinKey
  if (resultSize !== undefined) event.resultSize = resultSize
}

/** The time that a record states, or that of the one before it. */
export function recordTime(
  value: unknown,
  state: { lastTs: string | null },
): Pick<RecordBasis, 'ts' | 'isTimeInherited'> {
  const ts = isoTime(value)
  if (ts === undefined) return { ts: state.lastTs, isTimeInherited: true }
  state.lastTs = ts
  return { ts, isTimeInherited: false }
}

/** So that two readings of one record are equal, member by member. */
export function withoutUndefined<T extends object>(object: T): T {
  const defined: Partial<T> = {}
  for (const name of Object.keys(object) as (keyof T)[]) if (object[name] !== undefined) defined[name] = object[name]
  return defined as T
}
