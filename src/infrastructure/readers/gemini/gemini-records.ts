import type { ResponseUsage, SessionFacts } from '../../../domain/transcripts/transcript-reader.js'
import { DraftEvents, type RecordBasis, recordTime, withoutUndefined } from '../draft-events.js'
import { contentText, isoTime, optionalText, plainText, textOf, tokenCount } from '../event-text.js'
import { isObject, type JsonRecord } from '../json-line.js'
import type { LineFlavor, RecordParts } from '../line-records.js'

export interface GeminiState {
  sessionId: string
  lastTs: string | null
}

/** Gemini CLI's lines: what the session is, its messages, and what changes of them. */
export function geminiLines(sessionId: string): LineFlavor<GeminiState> {
  return {
    newState: () => ({ sessionId, lastTs: null }),
    isRecord: (value) => isMessage(value) || isHead(value),
    sessionId: (state) => state.sessionId,
    interpret: interpretGemini,
  }
}

const isMessage = ({ id, type, content, parts }: JsonRecord) =>
  typeof id === 'string' && typeof type === 'string' && (content !== undefined || parts !== undefined)
const isHead = ({ sessionId, projectHash }: JsonRecord) => sessionId !== undefined && projectHash !== undefined

/** A message is told again when a tool has answered: the later one stands, under its id. */
export function interpretGemini(value: JsonRecord, state: GeminiState, ownKey: () => string): RecordParts {
  const { sessionId } = state
  if (!isMessage(value)) return changed(value, sessionId, ownKey())
  const sourceKey = plainText(value.id)
  const time = recordTime(value.timestamp, state)
  const isAnswer = answering.has(plainText(value.type))
  const basis = { sourceKey, ...time, isSidechain: false, ...(isAnswer && { messageKey: sourceKey }) }
  const events = new DraftEvents(basis)
  const isKnown = addMessage(value, events)
  const model = optionalText(value.model)
  return withoutUndefined({
    sourceKey,
    sessionId,
    events: events.list,
    usage: usageOf(value, basis, sessionId),
    session: model ? { model } : undefined,
    isUnknown: !isKnown,
  })
}

/** The head of a session, or what it says anew. */
function changed(value: JsonRecord, sessionId: string, sourceKey: string): RecordParts {
  const facts = isObject(value.$set) ? value.$set : value
  const isKnown = isHead(value) || value.$set !== undefined || value.$rewindTo !== undefined
  return withoutUndefined({ sourceKey, sessionId, events: [], session: factsOf(facts), isUnknown: !isKnown })
}

function factsOf({ startTime, summary }: JsonRecord): SessionFacts | undefined {
  const title = optionalText(summary)
  const facts = withoutUndefined({ startedAt: isoTime(startTime), title: title ? { text: title, rank: 2 } : undefined })
  return Object.keys(facts).length > 0 ? facts : undefined
}

const answering = new Set(['gemini', 'model'])
const telling = new Set(['info', 'warning'])

function addMessage(value: JsonRecord, events: DraftEvents): boolean {
  const type = plainText(value.type)
  const body = contentText(value.displayContent ?? value.content ?? value.parts)
  if (type === 'user') events.add({ kind: 'user_msg', role: 'user', body })
  else if (answering.has(type)) addAnswer(value, body, events)
  else if (type === 'error') events.add({ kind: 'error', role: 'system', body, isError: true })
  else if (body === 'Request cancelled.') events.add({ kind: 'human_intervention', role: 'user', body })
  else events.add({ kind: 'lifecycle', role: 'system', body })
  return type === 'user' || type === 'error' || answering.has(type) || telling.has(type)
}

function addAnswer({ thoughts, toolCalls }: JsonRecord, text: string, events: DraftEvents): void {
  for (const thought of objectsIn(thoughts)) {
    const body = [thought.subject, thought.description].map(plainText).filter(Boolean).join('\n')
    if (body !== '') events.add({ kind: 'thinking', role: 'assistant', body })
  }
  const calls = objectsIn(toolCalls)
  if (text !== '' || calls.length === 0) events.add({ kind: 'assistant_msg', role: 'assistant', body: text })
  for (const call of calls) addCall(call, events)
}

const objectsIn = (value: unknown): JsonRecord[] => (Array.isArray(value) ? value.filter(isObject) : [])

function addCall(call: JsonRecord, events: DraftEvents): void {
  const toolCallId = optionalText(call.id)
  events.addCall({ body: textOf(call.args), tool: plainText(call.name), toolCallId })
  const status = plainText(call.status)
  if (!['success', 'error', 'cancelled'].includes(status)) return
  const ts = isoTime(call.timestamp)
  const answer = resultText(call)
  if (status === 'cancelled') events.add({ kind: 'human_intervention', role: 'tool', body: answer, toolCallId, ts })
  else {
    const isError = status === 'error' || failedExit.test(answer)
    events.add({ kind: isError ? 'error' : 'tool_result', role: 'tool', body: answer, toolCallId, isError, ts })
  }
}

/** As the shell tool ends its output: it is a success for the agent that the command was run. */
const failedExit = /^Exit Code: -?[1-9]\d{0,8}$/m

function resultText({ result, resultDisplay }: JsonRecord): string {
  const texts = objectsIn(result).map(({ functionResponse }) => {
    const response = isObject(functionResponse) && isObject(functionResponse.response) ? functionResponse.response : {}
    return textOf(response.output ?? response.error)
  })
  return texts.filter(Boolean).join('\n') || textOf(resultDisplay)
}

/** What was asked with holds what came from the cache, and not what tools added; thoughts are counted beside the answer. */
function usageOf(value: JsonRecord, { sourceKey, ts }: RecordBasis, sessionId: string): ResponseUsage | undefined {
  const { tokens } = value
  if (!isObject(tokens)) return undefined
  const [input, cached, output] = [tokens.input, tokens.cached, tokens.output].map(tokenCount) as [
    number,
    number,
    number,
  ]
  const counts = {
    inputTokens: Math.max(0, input - cached) + tokenCount(tokens.tool),
    cacheReadTokens: Math.min(input, cached),
    cacheWriteTokens: 0,
    outputTokens: output + tokenCount(tokens.thoughts),
  }
  return withoutUndefined({
    key: `gemini:${sessionId}:${sourceKey}`,
    weight: [counts.outputTokens, input],
    tokens: counts,
    model: optionalText(value.model),
    at: ts,
    messageKey: sourceKey,
  })
}
