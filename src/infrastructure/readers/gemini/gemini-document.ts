import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import type {
  ReadBatch,
  ReadCursor,
  ReadOptions,
  TranscriptRecord,
} from '../../../domain/transcripts/transcript-reader.js'
import { isObject, type JsonRecord, parseObject } from '../json-line.js'
import { countsOf } from '../line-records.js'
import { type GeminiState, interpretGemini } from './gemini-records.js'

const defaultMaxBytes = 16 * 1024 * 1024
/** In place of a hash: it is told once that a document is over the cap. */
const oversized = 'oversized'
/** Some editors begin a file with a byte order mark; decoding leaves it out. */
const withoutMark = new TextDecoder()

/**
 * One session as one JSON document, as Gemini CLI wrote it before 0.40: written anew with every message, so
 * that it is read whole or, over the cap, not at all. While it is half written what was read before stays.
 */
export async function* readDocument(
  path: string,
  sessionId: string,
  cursor?: ReadCursor,
  { maxLineBytes = defaultMaxBytes }: ReadOptions = {},
): AsyncGenerator<ReadBatch> {
  const { bytes, content } = await contentOf(path, maxLineBytes)
  const unread = cursor ?? cursorOf(0, '', 0)
  if (!content) return yield tooLarge(sessionId, unread, bytes)
  const prefixHash = createHash('sha256').update(content).digest('hex')
  if (cursor?.prefixHash === prefixHash) return yield { records: [], cursor }
  const session = parseObject(withoutMark.decode(content))
  if (!session) return yield { records: [], cursor: unread, ...(bytes > 0 && { pending: { byteOffset: 0, bytes } }) }
  if (unread.prefixHash !== '') return yield { records: [], cursor: unread, isRewritten: true }
  const records = recordsOf(session, sessionId)
  yield { records, cursor: cursorOf(bytes, prefixHash, records.length) }
}

const cursorOf = (byteOffset: number, prefixHash: string, lineCount: number): ReadCursor => ({
  ...{ byteOffset, lineCount, prefixHash, state: null },
})

async function contentOf(path: string, maxBytes: number): Promise<{ bytes: number; content?: Buffer }> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    return size > maxBytes ? { bytes: size } : { bytes: size, content: await file.readFile() }
  } finally {
    await file.close()
  }
}

function tooLarge(sessionId: string, cursor: ReadCursor, bytes: number): ReadBatch {
  const counts = countsOf({ oversizedLines: 1, oversizedBytes: bytes })
  const record = { place: { byteOffset: 0, line: 1 }, sourceKey: 'document', sessionId, events: [], counts }
  return { records: cursor.prefixHash === oversized ? [] : [record], cursor: { ...cursor, prefixHash: oversized } }
}

/** The session's own facts, then its messages: each a record, at its place in the list. */
function recordsOf({ messages, ...head }: JsonRecord, sessionId: string): TranscriptRecord[] {
  const state: GeminiState = { sessionId, lastTs: null }
  const values = [head, ...(Array.isArray(messages) ? messages.filter(isObject) : [])]
  return values.map((value, index) => {
    const { isUnknown, ...parts } = interpretGemini(value, state, () => `record@${index}`)
    const counts = countsOf({ records: 1, unknownTypes: isUnknown ? 1 : 0 })
    return { ...parts, place: { byteOffset: index, line: index + 1 }, counts }
  })
}
