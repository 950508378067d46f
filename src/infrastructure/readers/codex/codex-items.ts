import type { DraftEvent } from '../../../domain/transcripts/transcript-event.js'
import type { DraftEvents } from '../draft-events.js'
import { contentText, optionalText, plainText, textOf } from '../event-text.js'
import { isObject, type JsonRecord } from '../json-line.js'
import { type ToolOutput, toolOutput } from '../tool-output.js'
import { isInjected, requestIn } from './codex-prompts.js'

const stoppedByHand = /^(aborted by user|.{0,80}rejected by user)/
const lifecycle = new Set('agent_message compaction context_compaction compaction_summary'.split(' '))
const silent = new Set('ghost_snapshot additional_tools other'.split(' '))

/** Adds what an item of the history that the model sees tells; false when its type is unknown. */
export function addItem(item: JsonRecord, events: DraftEvents, isTwinned: boolean): boolean {
  const type = plainText(item.type) || (item.role === undefined ? '' : 'message')
  if (type === 'message') addMessage(item, events, isTwinned)
  else if (type === 'reasoning') addReasoning(item, events)
  else if (type.endsWith('_call')) addCall(type, item, events)
  else if (/_(output|result)$/.test(type)) addOutput(item, events)
  else if (lifecycle.has(type)) events.add({ kind: 'lifecycle', role: 'system', body: contentText(item.content) })
  else return silent.has(type)
  return true
}

/** The same words often stand in an event too: of a prompt the event is the better voice, of an answer the item. */
function addMessage(item: JsonRecord, events: DraftEvents, isTwinned: boolean): void {
  const body = contentText(item.content ?? item.message)
  const voice = (of: 'prompt' | 'answer', rank: number): DraftEvent['voice'] => (isTwinned ? { of, rank } : undefined)
  if (item.role === 'assistant') {
    events.add({ kind: 'assistant_msg', role: 'assistant', body, voice: voice('answer', 2) })
  } else if (item.role === 'user' && !isInjected(body)) {
    events.add({ kind: 'user_msg', role: 'user', body: requestIn(body), voice: voice('prompt', 1) })
  } else events.add({ kind: 'lifecycle', role: 'system', body })
}

/** Most of it is encrypted, and dropped. */
function addReasoning(item: JsonRecord, events: DraftEvents): void {
  const body = [contentText(item.summary ?? []), contentText(item.content ?? [])].filter(Boolean).join('\n')
  if (body !== '') events.add({ kind: 'thinking', role: 'assistant', body, voice: { of: 'thought', rank: 2 } })
}

function addCall(type: string, item: JsonRecord, events: DraftEvents): void {
  const called = isObject(item.function) ? item.function : item
  const tool = optionalText(called.name) ?? type.slice(0, -'_call'.length)
  const body = textOf(item.arguments ?? item.input ?? item.action ?? called.arguments)
  events.addCall({ body, tool, toolCallId: optionalText(item.call_id) ?? optionalText(item.id) })
}

function addOutput(item: JsonRecord, events: DraftEvents): void {
  const { text, status } = outputOf(item.output ?? item.result ?? item.tools)
  const isError = status !== undefined && status !== 0
  const body = text === '' && isError ? `Exit code: ${status}` : text
  const kind = stoppedByHand.test(body) ? 'human_intervention' : isError ? 'error' : 'tool_result'
  const toolCallId = optionalText(item.call_id)
  events.add({ kind, role: 'tool', body, toolCallId, isError, joinKey: toolCallId && `result:${toolCallId}` })
}

function outputOf(output: unknown): ToolOutput {
  if (typeof output !== 'object') return toolOutput(textOf(output))
  const told = toolOutput(contentText(output) || textOf(output))
  return isObject(output) ? { ...told, status: statusOf(output) } : told
}

function statusOf(output: JsonRecord): number | undefined {
  const { exitCode, exit_code, success } = output
  const status = exitCode ?? exit_code
  if (typeof status === 'number') return status
  return success === false ? 1 : toolOutput(contentText(output)).status
}
