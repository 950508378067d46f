import type { JsonObject, JsonValue } from '../../domain/canonical-json.js'
import type { SessionMessage } from '../../domain/sessions/message.js'
import type { Session } from '../../domain/sessions/session.js'
import { count, dollars, instant, type Output, printable, shortened } from './output.js'

const summaryLength = 160

/** What a session is, and what it has cost so far. */
export function sessionHeader(session: Session, output: Output): string {
  const { tokenUsage: usage, forkedFrom, importedFrom } = session
  const facts = [
    `${session.actorName} · ${session.status} · ${count(session.messageCount, 'message')} · ${instant(session.createdAt)}`,
    `${count(usage.inputTokens)} tokens in · ${count(usage.cacheReadTokens)} cached · ${count(usage.outputTokens)} out · ${dollars(usage.estimatedCostUsd)}`,
    session.externalId === null ? '' : `external id ${session.externalId}`,
    Object.keys(session.metadata).length === 0
      ? ''
      : `metadata ${shortened(JSON.stringify(session.metadata), summaryLength)}`,
    forkedFrom ? `forked from ${forkedFrom.sessionId} after #${forkedFrom.sequence}` : '',
    importedFrom ? `imported from ${importedFrom.namespace}/${importedFrom.sessionId}` : '',
  ]
  const title = output.emphasise('bold', printable(session.title ?? 'Untitled session'))
  const lines = [session.id, ...facts.filter((fact) => fact !== '')]
  return `${title}\n${lines.map((line) => output.emphasise('dim', printable(line))).join('\n')}\n`
}

/** One message of a session, its content indented below who said it and when. */
export function messageEntry(message: SessionMessage, output: Output): string {
  const speaker = output.emphasise('bold', `#${message.sequence} ${message.role}`)
  const answers = message.toolCallId === null ? '' : ` · answers ${printable(message.toolCallId)}`
  const text = printable(contentText(message.content)).replaceAll('\n', '\n  ')
  return `\n${speaker}${output.emphasise('dim', ` · ${instant(message.createdAt)}${answers}`)}\n  ${text}\n`
}

/** Content as people read it: text as text, blocks one by one, tool calls and results in short. */
function contentText(content: JsonValue): string {
  if (typeof content === 'string') return content
  if (Array.isArray(content)) return content.map(blockText).join('\n')
  if (isObject(content) && typeof content.type === 'string') return blockText(content)
  return JSON.stringify(content, null, 2)
}

/** Agent frameworks name the same three things differently; each maps to one line. */
const blockForms: Record<string, (block: JsonObject) => string> = {
  thinking: (block) => `(thinking) ${inShort(block.thinking ?? block.summary ?? '')}`,
  call: (block) => `→ ${toolName(block)}(${inShort(block.input ?? block.arguments ?? block.args ?? {})})`,
  result: (block) => `← ${outcome(block)}${inShort(block.content ?? block.output ?? block.result ?? '')}`,
}
const formOfType: Record<string, keyof typeof blockForms> = {
  thinking: 'thinking',
  reasoning: 'thinking',
  tool_use: 'call',
  tool_call: 'call',
  'tool-call': 'call',
  function_call: 'call',
  tool_result: 'result',
  'tool-result': 'result',
  function_call_output: 'result',
}
const toolName = (block: JsonObject) => String(block.name ?? block.toolName ?? 'tool')
const outcome = (block: JsonObject) => (block.is_error === true ? 'failed: ' : '')

function blockText(block: JsonValue): string {
  if (typeof block === 'string') return block
  if (!isObject(block)) return JSON.stringify(block)
  if (typeof block.text === 'string') return block.text
  if (typeof block.type !== 'string') return inShort(block)
  const form = blockForms[formOfType[block.type] ?? '']
  return form ? form(block) : `[${block.type}] ${inShort(block)}`
}

function inShort(value: JsonValue): string {
  if (typeof value === 'string') return shortened(value, summaryLength)
  const texts =
    Array.isArray(value) && value.length > 0 && value.every((item) => isObject(item) && typeof item.text === 'string')
  return shortened(texts ? value.map(blockText).join(' ') : JSON.stringify(value), summaryLength)
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
