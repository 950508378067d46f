import { isAscii, isUtf8 } from 'node:buffer'

export type JsonRecord = { readonly [name: string]: unknown }

/** What one line holds. */
export interface ParsedLine {
  isBlank: boolean
  /** It is not one JSON object in valid UTF-8. */
  isMalformed: boolean
  /** The object; of a malformed line, the objects that could be saved from it. */
  objects: ObjectInLine[]
}

export interface ObjectInLine {
  value: JsonRecord
  text: string
  /** Where it begins in the line. */
  byteOffset: number
}

const byteOrderMark = '\uFEFF'
/** How a record of any agent begins: where to look for one inside a line that went wrong. */
const recordStart =
  /\{\s*"(?:parentUuid|logicalParentUuid|isSidechain|type|timestamp|uuid|sessionId|message|payload|ordinal|role|id|record_type|method)"\s*:/g
/** Bounds the search in a line made to slow it down: as many times its length is looked through. */
const maxPasses = 16

/**
 * Reads one line. From a malformed one are saved the whole records in it: two written on one line, one
 * after the torn beginning of another or after NULs, one with bytes that are not UTF-8.
 *
 * @param isRecord tells a record from an object inside of one
 */
export function parseLine(
  bytes: Buffer,
  { isFirst, isRecord }: { isFirst: boolean; isRecord: (value: JsonRecord) => boolean },
): ParsedLine {
  const isPlain = isAscii(bytes)
  const decoded = bytes.toString(isPlain ? 'latin1' : 'utf8')
  const text = isFirst && decoded.startsWith(byteOrderMark) ? decoded.replace(byteOrderMark, ' ') : decoded
  if (text.trim() === '') return { isBlank: true, isMalformed: false, objects: [] }
  const value = parseObject(text)
  const isMalformed = value === undefined || !(isPlain || isUtf8(bytes))
  if (!value) return { isBlank: false, isMalformed, objects: recordsInside(decoded, isRecord) }
  const object = { value, text: text.trim(), byteOffset: bytesBefore(decoded, decoded.indexOf('{')) }
  return { isBlank: false, isMalformed, objects: [object] }
}

const bytesBefore = (text: string, index: number) => (index === 0 ? 0 : Buffer.byteLength(text.slice(0, index)))

export function parseObject(text: string): JsonRecord | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

export function isObject(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function recordsInside(text: string, isRecord: (value: JsonRecord) => boolean): ObjectInLine[] {
  const found: ObjectInLine[] = []
  let budget = text.length * maxPasses
  recordStart.lastIndex = 0
  for (let match = recordStart.exec(text); match && budget > 0; match = recordStart.exec(text)) {
    const end = endOfObject(text, match.index)
    budget -= end - match.index
    const piece = text.slice(match.index, end)
    const value = parseObject(piece)
    if (!value || !isRecord(value)) continue
    found.push({ value, text: piece, byteOffset: bytesBefore(text, match.index) })
    recordStart.lastIndex = end
  }
  return found
}

/** Just after the brace that closes the object which opens at `start`; the end of the text when none does. */
function endOfObject(text: string, start: number): number {
  const token = /["{}]/g
  token.lastIndex = start
  let depth = 0
  for (let match = token.exec(text); match; match = token.exec(text)) {
    if (match[0] === '{') depth++
    else if (match[0] === '"') token.lastIndex = endOfString(text, match.index)
    else if (--depth === 0) return match.index + 1
  }
  return text.length
}

function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let backslashes = 0
    while (text[end - 1 - backslashes] === '\\') backslashes++
    if (backslashes % 2 === 0) return end + 1
  }
  return text.length
}
