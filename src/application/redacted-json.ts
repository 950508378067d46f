import type { JsonValue } from '../domain/canonical-json.js'
import type { Redactor } from '../domain/redaction.js'

/** Beyond it a value is a text, which says itself what it holds. */
const maxNamedLength = 1_024

/** Brings the redactor of a namespace; undefined where what is to be stored is not redacted. */
export type FindRedactor = () => Promise<Redactor | undefined>

/** Every text in a value; names of properties are part of its form and stay. */
export function redactedJson<Value extends JsonValue>(value: Value, redactor: Redactor): Value {
  return redacted(value, redactor) as Value
}

function redacted(value: JsonValue, redactor: Redactor): JsonValue {
  if (typeof value === 'string') return redactor.redact(value).text
  if (Array.isArray(value)) return value.map((each) => redacted(each, redactor))
  if (value === null || typeof value !== 'object') return value
  const copy: { [name: string]: JsonValue } = {}
  for (const [name, each] of Object.entries(value)) {
    const text = redacted(named(name, each, redactor), redactor)
    Object.defineProperty(copy, name, { value: text, enumerable: true, configurable: true, writable: true })
  }
  return copy
}

/** `password`, `apiKey` and their like say of a value alone what a line of text says with both. */
function named(name: string, value: JsonValue, redactor: Redactor): JsonValue {
  if (typeof value !== 'string' || value.length > maxNamedLength) return value
  const before = `"${name}": "`
  const { text } = redactor.redact(`${before}${value}"`)
  return text.startsWith(before) && text.endsWith('"') ? text.slice(before.length, -1) : value
}
