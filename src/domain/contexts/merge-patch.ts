import type { JsonObject, JsonValue } from '../canonical-json.js'

/** RFC 7396: members of `patch` replace those of `target`, null removes, objects merge. Neither is changed. */
export function mergePatch(target: JsonObject, patch: JsonObject): JsonObject {
  const merged = new Map(Object.entries(target))
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) merged.delete(name)
    else merged.set(name, isObject(value) ? mergePatch(objectOr(merged.get(name), {}), value) : value)
  }
  // Defines members rather than assigning them, so that one called `__proto__` is just a member.
  return Object.fromEntries(merged)
}

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const objectOr = (value: JsonValue | undefined, otherwise: JsonObject): JsonObject =>
  isObject(value) ? value : otherwise
