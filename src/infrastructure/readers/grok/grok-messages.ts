import type { DraftEvent } from '../../../domain/transcripts/transcript-event.js'
import { DraftEvents, type RecordBasis } from '../draft-events.js'
import { contentText, optionalText, plainText, textOf } from '../event-text.js'
import { isObject, type JsonRecord } from '../json-line.js'

/** The events of a message as the AI SDK keeps it: a role, and text or parts; undefined when it is no JSON object. */
export function messageEvents(json: string, basis: RecordBasis): DraftEvent[] | undefined {
  const message = parsed(json)
  if (!message) return undefined
  const isAnswer = message.role === 'assistant'
  const events = new DraftEvents(isAnswer ? { ...basis, messageKey: basis.sourceKey } : basis)
  if (message.role === 'user') events.add({ kind: 'user_msg', role: 'user', body: contentText(message.content) })
  else if (message.role === 'system')
    events.add({ kind: 'lifecycle', role: 'system', body: contentText(message.content) })
  else for (const part of partsOf(message.content)) addPart(part, events)
  if (isAnswer && events.list.length === 0) events.add({ kind: 'assistant_msg', role: 'assistant', body: '' })
  return events.list
}

function parsed(json: string): JsonRecord | undefined {
  try {
    const value: unknown = JSON.parse(json)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function partsOf(content: unknown): JsonRecord[] {
  return Array.isArray(content) ? content.filter(isObject) : [{ type: 'text', text: content }]
}

function addPart(part: JsonRecord, events: DraftEvents): void {
  const { type } = part
  if (type === 'tool-call') return addCall(part, events)
  if (type === 'tool-result') return addResult(part, events)
  const kind = type === 'reasoning' ? 'thinking' : 'assistant_msg'
  const body = contentText([part])
  if (body !== '') events.add({ kind, role: 'assistant', body })
}

function addCall({ toolName, toolCallId, input, args }: JsonRecord, events: DraftEvents): void {
  events.addCall({ body: textOf(input ?? args), tool: plainText(toolName), toolCallId: optionalText(toolCallId) })
}

function addResult(part: JsonRecord, events: DraftEvents): void {
  const output = part.output ?? part.result
  const { type, value } = isObject(output) && 'value' in output ? output : { type: undefined, value: output }
  const isError = plainText(type).startsWith('error') || (isObject(value) && value.success === false)
  const body = isObject(value) ? resultText(value, isError) : textOf(value)
  const toolCallId = optionalText(part.toolCallId)
  events.add({ kind: isError ? 'error' : 'tool_result', role: 'tool', body, toolCallId, isError })
}

function resultText(value: JsonRecord, isError: boolean): string {
  const { error, output } = value
  return textOf(isError ? (error ?? output) : output) || textOf(value)
}
