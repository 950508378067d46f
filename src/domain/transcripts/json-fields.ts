import { type InputProblem, InvalidInputError } from '../errors.js'
import { isInstantText } from '../stored-values.js'

/** What a value of JSON stands for; what is wrong with it is added to the problems. */
export type FieldReader<T> = (value: unknown, path: string, problems: InputProblem[]) => T

/** How each member is read: none is forgotten. */
export type Fields<T> = { [Name in keyof T]: FieldReader<T[Name]> }

function field<T>(expected: string, is: (value: unknown) => value is T): FieldReader<T> {
  return (value, path, problems) => {
    if (!is(value)) problems.push({ path, message: `${described(value)} is not one; write ${expected}` })
    return value as T
  }
}

const described = (value: unknown) => (JSON.stringify(value) ?? 'nothing').slice(0, 80)

export const aText = field('text', (value) => typeof value === 'string')
export const aFlag = field('true or false', (value) => typeof value === 'boolean')
export const aCount = field(
  'a whole number, 0 or more',
  (value): value is number => Number.isSafeInteger(value) && (value as number) >= 0,
)
export const aNumber = field(
  'a number, 0 or more',
  (value): value is number => Number.isFinite(value) && (value as number) >= 0,
)

export function oneOf<T extends string>(...values: readonly T[]): FieldReader<T> {
  return field(values.join(', '), (value): value is T => (values as readonly unknown[]).includes(value))
}

export const anInstant: FieldReader<Date> = (value, path, problems) => {
  const isInstant = isInstantText(value) && value.endsWith('Z')
  if (!isInstant) problems.push({ path, message: `${described(value)} is not one; write an ISO 8601 instant in UTC` })
  return new Date(isInstant ? value : Number.NaN)
}

/** What is left out is null, too. */
export function orNull<T>(read: FieldReader<T>): FieldReader<T | null> {
  return (value, path, problems) => (value == null ? null : read(value, path, problems))
}

export function listOf<T>(read: FieldReader<T>): FieldReader<T[]> {
  return (value, path, problems) => {
    if (Array.isArray(value)) return value.map((each, index) => read(each, `${path}[${index}]`, problems))
    problems.push({ path, message: `${described(value)} is not one; write a list` })
    return []
  }
}

/** Values by names, each of which is read, too. */
export function mapOf<Name extends string, T>(
  name: FieldReader<Name>,
  read: FieldReader<T>,
): FieldReader<Record<Name, T>> {
  return (value, path, problems) => {
    const entries = Object.entries(objectAt(value, path, problems))
    const known = entries.map(([key, each]) => [name(key, path, problems), read(each, `${path}.${key}`, problems)])
    return Object.fromEntries(known) as Record<Name, T>
  }
}

/** Names that are not among the fields are passed over: a later version may have added them. */
export function objectOf<T extends object>(fields: Fields<T>): FieldReader<T> {
  return (value, path, problems) => {
    const given = objectAt(value, path, problems)
    if (problems.length > 0 && Object.keys(given).length === 0) return {} as T
    const names = Object.keys(fields) as (keyof T & string)[]
    const under = path === '' ? '' : `${path}.`
    return Object.fromEntries(
      names.map((name) => [name, fields[name](own(given, name), `${under}${name}`, problems)]),
    ) as T
  }
}

const own = (given: Record<string, unknown>, name: string) => (Object.hasOwn(given, name) ? given[name] : undefined)

function objectAt(value: unknown, path: string, problems: InputProblem[]): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  problems.push({ path: path || 'json', message: `${described(value)} is not an object` })
  return {}
}

/** @throws {InvalidInputError} with everything that is wrong */
export function readJson<T>(read: FieldReader<T>, json: unknown): T {
  const problems: InputProblem[] = []
  const value = read(json, '', problems)
  if (problems.length > 0) throw new InvalidInputError(problems)
  return value
}
