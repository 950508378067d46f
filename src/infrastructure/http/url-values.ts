import { InvalidInputError, isHansardError } from '../../domain/errors.js'

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
