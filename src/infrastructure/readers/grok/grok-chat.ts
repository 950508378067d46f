import type { DraftEvent } from '../../../domain/transcripts/transcript-event.js'
import { DraftEvents, recordTime, withoutUndefined } from '../draft-events.js'
import { contentText, optionalText, plainText, textOf } from '../event-text.js'
import { isObject, type JsonRecord } from '../json-line.js'
import type { LineFlavor, RecordParts } from '../line-records.js'

interface ChatState {
  sessionId: string
  lastTs: null
  records: number
  /** As many of the first records are the parent's. */
  inherited: number
  prompts: number
}

/** Put before or after a prompt by the agent. */
const context = ['user_info', 'system-reminder', 'git_status']
const query = /^\s*<user_query>([\s\S]*?)<\/user_query>\s*$/

/** `chat_history.jsonl` of Grok Build: what was said and done, without times. Both formats of it. */
export function chatLines(sessionId: string, inherited: number): LineFlavor<ChatState> {
  return {
    newState: () => ({ sessionId, lastTs: null, records: 0, inherited, prompts: 0 }),
    isRecord: isChatRecord,
    sessionId: (state) => state.sessionId,
    interpret,
  }
}

export function isChatRecord(value: JsonRecord): boolean {
  const { type, role, message } = value
  return (
    message === undefined &&
    Object.hasOwn(adding, String(type ?? role)) &&
    ['content', 'kind', 'summary'].some((name) => name in value)
  )
}

function interpret(value: JsonRecord, state: ChatState, ownKey: () => string): RecordParts {
  const sourceKey = ownKey()
  const type = plainText(value.type) || plainText(value.role)
  const isKnown = Object.hasOwn(adding, type)
  const messageKey = type === 'assistant' ? sourceKey : undefined
  const time = recordTime(undefined, state)
  const events = new DraftEvents(withoutUndefined({ sourceKey, ...time, isSidechain: false, messageKey }))
  if (isKnown) adding[type]?.(value, events, state)
  const model = type === 'assistant' ? optionalText(value.model_id) : undefined
  state.records++
  return withoutUndefined({
    sourceKey,
    sessionId: state.sessionId,
    events: events.list,
    session: model ? { model } : undefined,
    isInherited: state.records <= state.inherited || undefined,
    isUnknown: !isKnown,
  })
}

type Adding = (value: JsonRecord, events: DraftEvents, state: ChatState) => void

const adding: Readonly<Record<string, Adding>> = {
  system: ({ content }, events) => events.add({ kind: 'lifecycle', role: 'system', body: contentText(content) }),
  user: addUser,
  assistant: addAssistant,
  tool_result: addResult,
  tool: addResult,
  reasoning: ({ summary, content }, events) => addThought(contentText([summary, content].flat()), events),
  backend_tool_call: addBackendCall,
}

/** A person is behind a record without a reason of the agent's, and behind an interjection into its work. */
function addUser(value: JsonRecord, events: DraftEvents, state: ChatState): void {
  const text = contentText(value.content)
  const body = wordsIn(text)
  const reason = optionalText(value.synthetic_reason)
  const interrupt = optionalText(value.prior_turn_interrupt)
  if (interrupt) events.add({ kind: 'human_intervention', role: 'user', body: interrupt })
  if (reason === 'interjection') events.add({ kind: 'human_intervention', role: 'user', body })
  else if (reason !== undefined || body === '') events.add({ kind: 'lifecycle', role: 'system', body: text })
  else events.add({ kind: 'user_msg', role: 'user', body, joinKey: `prompt:${promptIndex(value, state)}` })
}

/** What a person wrote, of what the agent sent in their name. */
export function wordsIn(text: string): string {
  const said = context.reduce(withoutBlocks, text).trim()
  return query.exec(said)?.[1]?.trim() ?? said
}

/** Without what stands between the tags; in one pass, however many are opened and never closed. */
function withoutBlocks(text: string, tag: string): string {
  const close = `</${tag}>`
  const kept: string[] = []
  let from = 0
  for (let start = text.indexOf(`<${tag}>`); start !== -1; start = text.indexOf(`<${tag}>`, from)) {
    const end = text.indexOf(close, start)
    if (end === -1) break
    kept.push(text.slice(from, start))
    from = end + close.length
  }
  return kept.join('') + text.slice(from)
}

function promptIndex({ prompt_index }: JsonRecord, state: ChatState): number {
  const index = typeof prompt_index === 'number' ? prompt_index : state.prompts
  state.prompts = index + 1
  return index
}

function addAssistant(value: JsonRecord, events: DraftEvents): void {
  addThought(plainText(value.reasoning_content), events)
  const calls = Array.isArray(value.tool_calls) ? value.tool_calls.filter(isObject) : []
  const body = contentText(value.content ?? '')
  if (body !== '' || calls.length === 0) events.add({ kind: 'assistant_msg', role: 'assistant', body })
  for (const call of calls) addCall(call, events)
}

function addThought(body: string, events: DraftEvents): void {
  if (body !== '') events.add({ kind: 'thinking', role: 'assistant', body })
}

function addCall(call: JsonRecord, events: DraftEvents): void {
  const called = isObject(call.function) ? call.function : call
  const tool = plainText(called.name)
  events.addCall({ body: textOf(called.arguments), tool, ...idsOf('call', call.id) })
}

function addResult(value: JsonRecord, events: DraftEvents): void {
  const body = contentText(value.content)
  events.add({ kind: 'tool_result', role: 'tool', body, ...idsOf('result', value.tool_call_id) })
}

/** Run by the provider: asked of no tool here, and answered nowhere. */
function addBackendCall(value: JsonRecord, events: DraftEvents): void {
  const kind = isObject(value.kind) ? value.kind : {}
  const tool = plainText(kind.tool_type)
  events.add({ kind: 'tool_call', role: 'system', body: textOf(kind.action), tool, toolCallId: optionalText(kind.id) })
}

function idsOf(what: 'call' | 'result', id: unknown): Pick<DraftEvent, 'toolCallId' | 'joinKey'> {
  const toolCallId = optionalText(id)
  return toolCallId ? { toolCallId, joinKey: `${what}:${toolCallId}` } : {}
}
