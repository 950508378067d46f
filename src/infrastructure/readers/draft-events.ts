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

export interface EventParts extends Pick<DraftEvent, 'tool' | 'toolCallId' | 'voice' | 'joinKey' | 'messageKey'> {
  kind: TranscriptEventKind
  role: TranscriptRole
  body: string
  /** In place of the record's key and the event's number in it. */
  key?: string
  isError?: boolean
  /** In place of the record's. */
  ts?: string | null
}

/** Collects the events of one record. */
export class DraftEvents {
  readonly list: DraftEvent[] = []

  private readonly sourceKey: string
  private readonly shared: Omit<RecordBasis, 'sourceKey'>

  constructor({ sourceKey, ...shared }: RecordBasis) {
    this.sourceKey = sourceKey
    this.shared = shared
  }

  add({ body, key = `${this.sourceKey}/${this.list.length}`, ...parts }: EventParts): void {
    const text = plainText(body)
    const event = Object.assign({ key, isError: false, summary: summaryOf(text), body: text }, this.shared)
    this.list.push(Object.assign(event, withoutUndefined(parts)))
  }
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
