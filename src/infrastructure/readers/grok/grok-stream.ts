import type { TranscriptEventKind, TranscriptRole } from '../../../domain/transcripts/transcript-event.js'
import { DraftEvents } from '../draft-events.js'
import { contentText, isoTime, optionalText, plainText, textOf } from '../event-text.js'
import { isObject, type JsonRecord } from '../json-line.js'
import type { LineFlavor, RecordParts } from '../line-records.js'
import { wordsIn } from './grok-chat.js'
import { type UpdateState, updateLines, updateOf } from './grok-updates.js'

interface StreamState extends UpdateState {
  /** A message that comes piece by piece: told once something else follows. */
  open: Message | null
}

interface Message {
  spokenAs: string
  key: string
  ts: string | null
  text: string
}

const voices: Readonly<Record<string, { kind: TranscriptEventKind; role: TranscriptRole }>> = {
  user_message_chunk: { kind: 'user_msg', role: 'user' },
  agent_message_chunk: { kind: 'assistant_msg', role: 'assistant' },
  agent_thought_chunk: { kind: 'thinking', role: 'assistant' },
}
const maxMessageLength = 1024 * 1024

/** `updates.jsonl` of a session without a chat history: all there is of what was said and done. */
export function streamLines(sessionId: string): LineFlavor<StreamState> {
  const { isRecord, newState, interpret } = updateLines(sessionId)
  return {
    newState: () => ({ ...newState(), open: null }),
    isRecord,
    sessionId: (state) => state.sessionId,
    interpret: (value, state, ownKey) => withWords(interpret(value, state, ownKey), value, state),
  }
}

function withWords({ isAside: _, ...parts }: RecordParts, value: JsonRecord, state: StreamState): RecordParts {
  const { told, meta } = updateOf(value)
  const kind = plainText(told.sessionUpdate)
  const ts = isoTime(meta.agentTimestampMs ?? value.timestamp) ?? state.lastTs
  const before = new DraftEvents({
    sourceKey: `${parts.sourceKey}/said`,
    ts,
    isTimeInherited: false,
    isSidechain: false,
  })
  if (Object.hasOwn(voices, kind)) addPiece(kind, contentText(told.content), { parts, ts, state, events: before })
  else if (!isRunning(told)) {
    tell(state, before)
    addTool(kind, told, before)
  }
  return { ...parts, events: [...before.list, ...parts.events] }
}

interface Telling {
  parts: Pick<RecordParts, 'sourceKey'>
  ts: string | null
  state: StreamState
  events: DraftEvents
}

function addPiece(spokenAs: string, text: string, { parts, ts, state, events }: Telling): void {
  const { open } = state
  if (open?.spokenAs === spokenAs && open.text.length < maxMessageLength) {
    open.text += text
    return
  }
  tell(state, events)
  state.open = { spokenAs, key: `${parts.sourceKey}/message`, ts, text }
}

/** Adds the message that was open, now that it is whole. */
function tell(state: StreamState, events: DraftEvents): void {
  const { open } = state
  const voice = open && voices[open.spokenAs]
  if (!open || !voice) return
  state.open = null
  const body = voice.role === 'user' ? wordsIn(open.text) : open.text
  const { ts, key, text } = open
  const messageKey = voice.kind === 'assistant_msg' ? key : undefined
  events.add(
    body === '' ? { kind: 'lifecycle', role: 'system', body: text, key, ts } : { ...voice, body, key, ts, messageKey },
  )
}

const isRunning = ({ sessionUpdate, status }: JsonRecord) =>
  sessionUpdate === 'tool_call_update' && status !== 'completed' && status !== 'failed'

function addTool(kind: string, told: JsonRecord, events: DraftEvents): void {
  const toolCallId = optionalText(told.toolCallId)
  if (kind === 'tool_call') {
    events.addCall({ body: textOf(told.rawInput), tool: toolName(told), toolCallId })
  } else if (kind === 'tool_call_update') {
    const isError = told.status === 'failed'
    const pieces = Array.isArray(told.content) ? told.content.map((each) => (isObject(each) ? each.content : each)) : []
    const body = contentText(pieces) || textOf(told.rawOutput)
    events.add({ kind: isError ? 'error' : 'tool_result', role: 'tool', body, toolCallId, isError })
  }
}

function toolName({ _meta: meta, title, kind }: JsonRecord): string {
  const tool = isObject(meta) ? meta['x.ai/tool'] : undefined
  const name = isObject(tool) ? optionalText(tool.name) : undefined
  return name ?? optionalText(title) ?? optionalText(kind) ?? 'tool'
}
