import { IsOptional, type ValidationError, validateSync } from 'class-validator'
import { type InputProblem, InvalidInputError } from '../domain/errors.js'

/** By class, what it has accepted of input that is nothing but numbers: `{}` and `{ limit: 20 }` come with call after call. */
const acceptedNumbers = new WeakMap<object, Set<string>>()
const maxAccepted = 100

/** By prototype, the properties for which null says no more than leaving them out. */
const absentWhenNull = new WeakMap<object, Set<string>>()

/** May be left out, and null is the same as left out. */
export function Optional(): PropertyDecorator {
  return (prototype, name) => {
    IsOptional()(prototype, name)
    absentWhenNull.set(prototype, (absentWhenNull.get(prototype) ?? new Set()).add(String(name)))
  }
}

/** May be left out, and may be null, which means that there is none. */
export const Nullable = IsOptional

/**
 * `plain` as a checked instance of `InputClass`.
 *
 * @throws {InvalidInputError} listing every problem, each under `path`; unknown properties are problems
 */
export function validated<T extends object>(InputClass: new () => T, plain: unknown, path = ''): T {
  if (typeof plain !== 'object' || plain === null || Array.isArray(plain)) {
    throw new InvalidInputError([{ path: path || 'input', message: `${describe(plain)} is not an object` }])
  }
  const input = assigned(new InputClass(), plain as Record<string, unknown>, path)
  const numbers = numbersOf(input, Object.keys(plain))
  if (numbers === undefined) assertValid(input, path)
  else if (!acceptedNumbers.get(InputClass)?.has(numbers)) {
    assertValid(input, path)
    remember(InputClass, numbers)
  }
  return input
}

function assertValid(input: object, path: string): void {
  const errors = validateSync(input, {
    whitelist: true,
    forbidNonWhitelisted: true,
    validationError: { target: false },
  })
  if (errors.length > 0) throw new InvalidInputError(errors.map((error) => problemOf(error, path)))
}

function remember(InputClass: object, numbers: string): void {
  const accepted = acceptedNumbers.get(InputClass) ?? new Set()
  if (accepted.size < maxAccepted) acceptedNumbers.set(InputClass, accepted.add(numbers))
}

/** All that an input says, as text, where it says it in numbers alone. */
function numbersOf(input: object, names: string[]): string | undefined {
  let text = ''
  for (const name of names) {
    const value = (input as Record<string, unknown>)[name]
    if (typeof value !== 'number') return undefined
    text += `${JSON.stringify(name)}${value},`
  }
  return text
}

/** A name that all objects have would change the instance itself, and not one of its properties. */
function assigned<T extends object>(input: T, plain: Record<string, unknown>, path: string): T {
  const target = input as Record<string, unknown>
  for (const name of Object.keys(plain)) {
    if (name in Object.prototype) {
      const message = `property ${name} should not exist`
      throw new InvalidInputError([{ path: path ? `${path}.${name}` : name, message }])
    }
    const value = plain[name]
    if (value !== null || !isAbsentWhenNull(input, name)) target[name] = value
  }
  return input
}

function isAbsentWhenNull(input: object, name: string): boolean {
  for (let prototype: unknown = input; prototype; prototype = Object.getPrototypeOf(prototype)) {
    if (absentWhenNull.get(prototype as object)?.has(name)) return true
  }
  return false
}

function problemOf(error: ValidationError, path: string): InputProblem {
  const [message] = Object.values(error.constraints ?? {})
  const given = error.constraints?.whitelistValidation ? '' : ` (it is ${describe(error.value)})`
  return {
    path: path ? `${path}.${error.property}` : error.property,
    message: withoutName(message ?? 'is not valid', error.property) + given,
  }
}

/** The path names it already. */
function withoutName(message: string, name: string): string {
  const start = [`each value in ${name} `, `${name} `].find((each) => message.startsWith(each)) ?? ''
  return message.slice(start.length)
}

function describe(value: unknown): string {
  if (value === undefined) return 'missing'
  const text = typeof value === 'object' ? safeJson(value) : String(value)
  return text.length > 80 ? `${text.slice(0, 80)}…` : typeof value === 'string' ? JSON.stringify(value) : text
}

function safeJson(value: object | null): string {
  try {
    return JSON.stringify(value)
  } catch {
    return 'an object that JSON cannot carry'
  }
}

/** Ids and external ids must be text that a database can compare; anything else names nothing. */
export function requireText(value: unknown, path: string): string {
  if (typeof value === 'string' && value !== '' && value.isWellFormed() && !value.includes('\u0000')) return value
  throw new InvalidInputError([{ path, message: `${JSON.stringify(value) ?? 'undefined'} is not an id` }])
}
