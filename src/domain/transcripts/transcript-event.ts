/** What an event of a transcript can be. */
export const transcriptEventKinds = [
  'user_msg',
  'assistant_msg',
  'thinking',
  'tool_call',
  'tool_result',
  'error',
  'test_run',
  'edit',
  'retry',
  'human_intervention',
  'decision',
  'lifecycle',
  'completion',
] as const
export type TranscriptEventKind = (typeof transcriptEventKinds)[number]

export const transcriptRoles = ['user', 'assistant', 'system', 'tool'] as const
export type TranscriptRole = (typeof transcriptRoles)[number]

/** What an event's summary is cut to, in UTF-16 units. */
export const maxSummaryLength = 200

/**
 * An event as its reader gives it: not yet numbered, its full text still with it. All text is
 * well-formed and without U+0000.
 */
export interface DraftEvent {
  /** Its identity within the transcript: read again, it is the same. */
  key: string
  /**
   * A call of a tool has the kind of what it does (`edit`, `test_run`, `decision`, else `tool_call`) and
   * the role `assistant`; what came back has the role `tool` and is a `tool_result` or an `error`.
   */
  kind: TranscriptEventKind
  role: TranscriptRole
  /** ISO 8601. When the record has none it is that of the record before it, and null before the first one. */
  ts: string | null
  isTimeInherited: boolean
  /** `sourceKey` of the record that it answers; undefined: that of the event before it. */
  parentKey?: string
  tool?: string
  toolCallId?: string
  /** One line, at most 200 characters. */
  summary: string
  /** The full text. */
  body: string
  /** Spoken in a side conversation: by, or to, an agent that the agent itself started. */
  isSidechain: boolean
  /** Counted among the errors of tools. */
  isError: boolean
  /** The assistant's message that it is a part of: several events, in several records, are one message. */
  messageKey?: string
  /**
   * The file tells this twice, in two voices: of all events of the transcript with the same `of`, only
   * those of the highest rank that occurs are real, the others are their echo.
   */
  voice?: { of: 'prompt' | 'answer' | 'thought'; rank: number }
  /** What an {EventAmendment} names it by. */
  joinKey?: string
  /** Bytes of what came back, where that was more than its text. */
  resultSize?: number
}

/** What another record knows of an event: holds for every event of the transcript with this `joinKey`. */
export interface EventAmendment {
  joinKey: string
  /** The earliest of several wins over an inherited time. */
  ts?: string
  /** Makes an `error` of a `tool_result`. */
  isError?: boolean
}
