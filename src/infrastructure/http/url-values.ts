import { InvalidInputError, isHansardError } from '../../domain/errors.js'

const isoInstant = /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d))?$/

/** A date, which begins in UTC, or an instant; without its offset that would be another one on each server. */
export function instant(path: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined
  const date = new Date(text)
  const [, day = ''] = isoInstant.exec(text) ?? []
  // 30 February would roll over into March.
  const isDay = !Number.isNaN(Date.parse(day)) && new Date(day).toISOString().startsWith(day)
  if (isDay && !Number.isNaN(date.getTime())) return date
  throw new InvalidInputError([
    { path, message: 'is not an ISO 8601 instant with its offset, such as 2026-01-31T09:00:00Z' },
  ])
}

/** A parameter that may be repeated, as the list of what was given. */
export const listed = (given: string | string[] | undefined) => (typeof given === 'string' ? [given] : given)

/** The same result, or the same error with paths that name parameters in place of the library's arguments. */
export function inUrl<T>(result: Promise<T>): Promise<T> {
  return result.catch((error: unknown) => {
    if (!(isHansardError(error) && error instanceof InvalidInputError)) throw error
    const problems = error.problems.map(({ path, message }) => ({ path: parameterOf(path), message }))
    throw new InvalidInputError(problems, error.code)
  })
}

const parameterOf = (path: string) =>
  path
    .replace(/^options\./, '')
    .replace(/^kinds$/, 'kind')
    .replace(/^query$/, 'q')
