import { unnamedCallKey } from '../../../domain/native-ids.js'
import { resultSizeOf } from '../../../domain/result-size.js'
import type { DraftEvents } from '../draft-events.js'
import { contentText, optionalText, plainText, textOf } from '../event-text.js'
import { isObject, type JsonRecord } from '../json-line.js'
import { isByPerson, isDenial, whatWasSaid } from './claude-prompts.js'

export function addUserEvents(value: JsonRecord, events: DraftEvents): void {
  const content = contentOf(value)
  const blocks = Array.isArray(content) ? content.filter(isObject) : []
  const results = blocks.filter((block) => block.type === 'tool_result')
  for (const block of results) addResult(block, value, events)
  const text = contentText(Array.isArray(content) ? blocks.filter((block) => !results.includes(block)) : content)
  if (results.length > 0 && text === '') return
  const { kind, body } = whatWasSaid(text)
  // Beside results stands what the agent adds to them, unless it tells that a person stepped in.
  const isAside = isHidden(value) || (results.length > 0 && kind === 'user_msg')
  events.add(isAside ? { kind: 'lifecycle', role: 'user', body: text } : { kind, role: 'user', body })
}

const isHidden = ({ isMeta, isCompactSummary, isVisibleInTranscriptOnly }: JsonRecord) =>
  isMeta === true || isCompactSummary === true || isVisibleInTranscriptOnly === true

/** Every record of an answer gives an event: a message of which nothing is left to read was still one. */
export function addAssistantEvents(value: JsonRecord, events: DraftEvents): void {
  const content = contentOf(value)
  const blocks = Array.isArray(content) ? content.filter(isObject) : []
  for (const [index, block] of blocks.entries()) addBlock(block, index, value, events)
  if (events.list.length === 0) {
    events.add({ kind: answerKind(value), role: 'assistant', body: Array.isArray(content) ? '' : plainText(content) })
  }
}

const answerKind = (value: JsonRecord) => (value.isApiErrorMessage === true ? 'error' : 'assistant_msg')

function addBlock(block: JsonRecord, index: number, value: JsonRecord, events: DraftEvents): void {
  switch (block.type) {
    case 'tool_use':
    case 'server_tool_use':
      return addCall(block, index, events)
    case 'tool_result':
      return addResult(block, value, events)
    case 'thinking':
    case 'redacted_thinking':
      return events.add({ kind: 'thinking', role: 'assistant', body: plainText(block.thinking) })
    default:
      return addWords(contentText([block]), value, events)
  }
}

function addWords(body: string, value: JsonRecord, events: DraftEvents): void {
  if (body !== '') events.add({ kind: answerKind(value), role: 'assistant', body })
}

/** Known by the id of the call: one that is written twice is one. */
function addCall(block: JsonRecord, index: number, events: DraftEvents): void {
  const tool = plainText(block.name)
  const toolCallId = optionalText(block.id)
  const key = toolCallId ? `call:${toolCallId}` : unnamedCallKey(events.sourceKey, index)
  // What the provider ran itself was asked of no tool here.
  const role = block.type === 'tool_use' ? 'assistant' : 'system'
  events.addCall({ role, body: textOf(block.input), tool, toolCallId, key })
}

function addResult(block: JsonRecord, value: JsonRecord, events: DraftEvents): void {
  const body = contentText(block.content)
  const isError = block.is_error === true
  const isDenied = isError && ('toolDenialKind' in value || isDenial(body))
  const kind = isDenied ? 'human_intervention' : isError ? 'error' : 'tool_result'
  const toolCallId = optionalText(block.tool_use_id)
  events.add({ kind, role: 'tool', body, toolCallId, isError, resultSize: sizeBeyond(body, block.content) })
}

/** Undefined where it is that of the text, or cannot be told. */
function sizeBeyond(body: string, content: unknown): number | undefined {
  try {
    const size = resultSizeOf(content)
    return size === Buffer.byteLength(body) ? undefined : size
  } catch {
    return undefined
  }
}

export function addSystemEvents(value: JsonRecord, events: DraftEvents): void {
  const subtype = plainText(value.subtype)
  const body = plainText(value.content) || textOf(value.error) || subtype
  if (/error|refusal$/.test(subtype)) events.add({ kind: 'error', role: 'system', body })
  else events.add({ kind: subtype === 'turn_duration' ? 'completion' : 'lifecycle', role: 'system', body })
  if (value.retryAttempt !== undefined) {
    const attempts = `${textOf(value.retryAttempt)} of ${textOf(value.maxRetries)}`
    events.add({ kind: 'retry', role: 'system', body: `Retry ${attempts}` })
  }
}

export function addAttachmentEvents(value: JsonRecord, events: DraftEvents): void {
  const attachment = isObject(value.attachment) ? value.attachment : {}
  const type = plainText(attachment.type)
  if (type === 'queued_command') addQueuedCommand(attachment, events)
  else if (/^hook_.*error$/.test(type)) {
    const { blockingError, stderr, content } = attachment
    events.add({ kind: 'error', role: 'system', body: textOf(blockingError ?? stderr ?? content) || type })
  }
}

/** A person may type on while a tool runs: said into the work, and told by no other record. */
function addQueuedCommand({ prompt, commandMode = 'prompt' }: JsonRecord, events: DraftEvents): void {
  const body = contentText(prompt)
  const isTyped = commandMode === 'prompt' && isByPerson(body)
  events.add(isTyped ? { kind: 'human_intervention', role: 'user', body } : { kind: 'lifecycle', role: 'system', body })
}

function contentOf(value: JsonRecord): unknown {
  return isObject(value.message) ? value.message.content : undefined
}
