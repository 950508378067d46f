import type { JsonObject, JsonValue } from './canonical-json.js'

/** Bytes written as text, such as an image in a message: nobody searches for words of them. */
const encodedBytes = /^(data:[^,\s]{0,200};base64,|[\w+/=-]{512})/

/** Names what a part of a message is, not what was said. */
const unsaid = 'type'

/**
 * What full-text search reads of a JSON value: its strings and numbers, line by line, in order. Keys,
 * `type` marks and encoded bytes are left out.
 *
 * @example
 * searchableText([{ type: 'text', text: 'Hello' }, { type: 'tool_use', input: { city: 'Oslo' } }]) // 'Hello\nOslo'
 */
export function searchableText(value: JsonValue): string {
  if (typeof value === 'string') return encodedBytes.test(value) ? '' : value
  return [...leaves(value)].filter((text) => !encodedBytes.test(text)).join('\n')
}

function* leaves(value: JsonValue): Generator<string> {
  if (typeof value === 'string' || typeof value === 'number') yield String(value)
  if (typeof value !== 'object' || value === null) return
  for (const key of Object.keys(value)) {
    if (key !== unsaid) yield* leaves((value as JsonObject)[key] ?? null)
  }
}
