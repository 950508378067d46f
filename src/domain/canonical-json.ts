import { hash } from 'node:crypto'
import canonicalize from 'canonicalize'
import { type InputProblem, InvalidInputError } from './errors.js'

export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue }
export type JsonObject = { [key: string]: JsonValue }

/**
 * What a caller may hand in as JSON: any interface or class of plain data, such as a provider's own
 * message types. What JSON cannot carry is found when the call is made, and named by its path.
 */
export type JsonInput = null | boolean | number | string | object

/** Deeper nesting than this is refused: below it no engine and no parser of ours runs out of stack. */
export const maxJsonDepth = 1000

/**
 * The text that is stored for `value`: `JSON.stringify`, key order kept.
 *
 * @throws {InvalidInputError} naming by path what JSON cannot carry: NaN, infinities, undefined,
 *   functions, symbols, BigInt, Date and other class instances, sparse arrays, cycles
 */
export function toJsonText(value: unknown, path: string): string {
  const problem = findJsonProblem(value, path, [])
  if (problem) throw new InvalidInputError([problem])
  const text: unknown = JSON.stringify(value)
  if (typeof text === 'string') return text
  throw new InvalidInputError([{ path, message: 'has a toJSON that gives nothing' }])
}

/**
 * The stored text with the value that it stands for: what is hashed and given back is what is
 * stored, whatever the caller, a getter or a hidden `toJSON` does to the original.
 *
 * @throws {InvalidInputError} as `toJsonText`
 */
export function storedJson(value: unknown, path: string): { text: string; value: JsonValue } {
  const text = toJsonText(value, path)
  return { text, value: typeof value === 'object' ? (JSON.parse(text) as JsonValue) : (value as JsonValue) }
}

/** `sha256:<hex>` over RFC 8785 canonical JSON; lone surrogates are written as `\uXXXX`, our one extension. */
export function hashJson(value: unknown): string {
  return sha256(canonicalJson(value))
}

/** The first 16 hex digits of `hashJson`: tells values apart. */
export function shortHashJson(value: unknown): string {
  return hashJson(value).slice('sha256:'.length, 'sha256:'.length + 16)
}

/** RFC 8785 canonical JSON of a value that `toJsonText` accepts. */
export function canonicalJson(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : (canonicalize(value) as string)
}

export function sha256(text: string): string {
  return `sha256:${hash('sha256', text)}`
}

function findJsonProblem(value: unknown, path: string, ancestors: object[]): InputProblem | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return undefined
  if (typeof value === 'number') {
    return Number.isFinite(value) ? undefined : { path, message: `${value} is not a JSON number` }
  }
  if (typeof value !== 'object') return { path, message: `${typeof value} is not a JSON value` }
  if (ancestors.includes(value)) return { path, message: 'refers back to a value that contains it' }
  if (ancestors.length >= maxJsonDepth)
    return { path: path.slice(0, 80), message: `is nested deeper than ${maxJsonDepth} levels` }
  ancestors.push(value)
  const problem = Array.isArray(value)
    ? findArrayProblem(value, path, ancestors)
    : findObjectProblem(value, path, ancestors)
  ancestors.pop()
  return problem
}

function findArrayProblem(array: unknown[], path: string, ancestors: object[]): InputProblem | undefined {
  for (let index = 0; index < array.length; index++) {
    if (!(index in array)) return { path: `${path}[${index}]`, message: 'is a hole in a sparse array; write null' }
    const problem = findJsonProblem(array[index], `${path}[${index}]`, ancestors)
    if (problem) return problem
  }
  return undefined
}

function findObjectProblem(object: object, path: string, ancestors: object[]): InputProblem | undefined {
  const prototype: unknown = Object.getPrototypeOf(object)
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    return { path, message: `${object.constructor.name} is not a JSON value; write its text or a plain object` }
  }
  if (Object.getOwnPropertySymbols(object).length > 0) return { path, message: 'has a symbol key' }
  for (const key of Object.keys(object)) {
    const problem = findJsonProblem((object as Record<string, unknown>)[key], `${path}.${key}`, ancestors)
    if (problem) return problem
  }
  return undefined
}
