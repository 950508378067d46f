import type { JsonValue } from '../domain/canonical-json.js'
import { isMarker, type Redactor } from '../domain/redaction.js'

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
  if (typeof value !== 'string' && typeof value !== 'number') return value
  const told = String(value)
  if (told.length > maxNamedLength) return value
  const escaped = JSON.stringify(told).slice(1, -1)
  const whole = redactedAfter(name, escaped, redactor)
  if (isMarker(whole)) return whole
  // What is hidden of a part must not reach over a line break that is written as a letter.
  const hidden = escaped === told ? whole : redactedAfter(name, told, redactor)
  return hidden === told ? value : hidden
}

function redactedAfter(name: string, text: string, redactor: Redactor): string {
  const before = `${JSON.stringify(name)}: "`
  const { text: redacted } = redactor.redact(`${before}${text}"`)
  return redacted.startsWith(before) && redacted.endsWith('"') ? redacted.slice(before.length, -1) : text
}
