import { fittingPath, fittingText } from '../../domain/activity/activity-event.js'
import type { JsonObject } from '../../domain/canonical-json.js'
import { callIdentity, keyHash, recordKeyAt, unnamedCallIdentity, unnamedCallKey } from '../../domain/native-ids.js'
import { resultSizeOf } from '../../domain/result-size.js'
import { UnreadablePiece } from './frontmatter.js'
import { fittingId, instantOf, isObject, type Reading, type SourceFile, stemOf, textOf } from './source-reading.js'

/**
 * Whether a line is one of Claude Code's, of whatever kind. Other tools write JSON lines too, and their
 * lines have none of what its own have.
 */
export const isClaudeRecord = (record: JsonObject): boolean =>
  typeof record.type === 'string' &&
  (isObject(record.message) ||
    ['sessionId', 'session_id', 'uuid', 'leafUuid', 'messageId'].some((name) => name in record))

/**
 * The tool calls, and the outcomes of tool calls, in one record of a Claude Code transcript. Each call
 * and each outcome is read, or found unreadable, by itself.
 */
export function readClaudeRecord(record: JsonObject, line: RecordLine, file: SourceFile): (() => Reading)[] {
  const { message, type } = record
  const content = isObject(message) && Array.isArray(message.content) ? message.content : []
  const sessionId = textOf(record, 'sessionId', 'session_id') ?? stemOf(file)
  const blocks = content.filter(isObject)
  if (type === 'assistant') {
    const callAt = (block: JsonObject, index: number) => () => {
      const id = textOf(block, 'id')
      const nativeId = id === undefined ? placeIdentity(sessionId, record, line, index) : identityOf(sessionId, id)
      return callOf(block, record, { sessionId, nativeId })
    }
    return blocks.flatMap((block, index) => (block.type === 'tool_use' ? [callAt(block, index)] : []))
  }
  const results = type === 'user' ? blocks.filter((block) => block.type === 'tool_result') : []
  return results.flatMap((block) => {
    const id = textOf(block, 'tool_use_id')
    return id === undefined ? [] : [() => outcomeOf(block, identityOf(sessionId, id))]
  })
}

/** The line that a record is alone in. */
interface RecordLine {
  text: string
  byteOffset: number
}

const identityOf = (sessionId: string, id: string) => fittingId(callIdentity('claude', sessionId, id))

/** A call without an id is known by where it stands. */
function placeIdentity(sessionId: string, record: JsonObject, { text, byteOffset }: RecordLine, block: number): string {
  const before = Buffer.byteLength(text.slice(0, text.indexOf('{')))
  const recordKey = textOf(record, 'uuid') ?? recordKeyAt(text.trim(), byteOffset + before)
  return fittingId(unnamedCallIdentity('claude', sessionId, keyHash(unnamedCallKey(recordKey, block))))
}

function callOf(
  block: JsonObject,
  record: JsonObject,
  { sessionId, nativeId }: { sessionId: string; nativeId: string },
): Reading {
  const name = textOf(block, 'name')
  if (name === undefined) throw new UnreadablePiece('has a tool call without a name')
  const { input = null } = block
  const at = textOf(record, 'timestamp')
  return {
    event: {
      kind: 'tool',
      name,
      sessionId,
      projectId: fittingText(textOf(record, 'cwd')),
      path: isObject(input) ? fittingPath(textOf(input, 'file_path', 'notebook_path', 'path')) : undefined,
      ts: at === undefined ? undefined : instantOf(at, 'timestamp'),
      // Its members alone: `null` as arguments would say that there were some.
      ...(input === null ? {} : { args: input }),
      nativeId,
    },
  }
}

function outcomeOf({ is_error: isError, content = null }: JsonObject, nativeId: string): Reading {
  const isFailure = isError === true
  const payload = { success: !isFailure, resultSize: resultSizeOf(content) }
  return { outcome: { kind: 'tool', nativeId, state: isFailure ? 'failed' : null, payload } }
}
