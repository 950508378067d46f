import fc from 'fast-check'
import type { JsonObject, JsonValue } from '../src/domain/canonical-json.js'

/** Any UTF-16 text: U+0000 and lone surrogates included. */
export const anyText = fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)) })

const keys = fc.oneof(anyText, fc.constantFrom('__proto__', 'constructor', 'toJSON', 'toString', '10', '9', ''))

// No minus zero: it is stored as 0.
const numbers = fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0)

/** Own properties whatever the key: an assignment to `__proto__` would make none. */
function objectOf(entries: [string, JsonValue][]): JsonObject {
  const object: JsonObject = {}
  for (const [key, value] of entries) {
    Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true })
  }
  return object
}

const { value } = fc.letrec<{ value: JsonValue; object: JsonObject }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constant(null),
    fc.boolean(),
    numbers,
    anyText,
    fc.array(tie('value'), { maxLength: 4 }),
    tie('object'),
  ),
  object: fc.uniqueArray(fc.tuple(keys, tie('value')), { maxLength: 4, selector: ([key]) => key }).map(objectOf),
}))

export const jsonObject: fc.Arbitrary<JsonObject> = fc
  .uniqueArray(fc.tuple(keys, value), { maxLength: 4, selector: ([key]) => key })
  .map(objectOf)
export const jsonValue: fc.Arbitrary<JsonValue> = value

/** Equal, with the keys of every object the other way round. */
export function reordered(given: JsonValue): JsonValue {
  if (Array.isArray(given)) return given.map(reordered)
  if (given === null || typeof given !== 'object') return given
  return objectOf(
    Object.entries(given)
      .reverse()
      .map(([key, inner]) => [key, reordered(inner)]),
  )
}
