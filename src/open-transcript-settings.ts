import { type InputProblem, InvalidInputError } from './domain/errors.js'
import { isStorableText } from './domain/stored-values.js'
import { priceBounds, tokenNames } from './domain/transcripts/cost.js'
import type { TranscriptOptions, TranscriptSettings } from './domain/transcripts/transcript-settings.js'

const maxNameLength = 255

/** @throws {InvalidInputError} naming every entry that is none */
export function checkedSettings(given: TranscriptOptions | undefined): TranscriptSettings | undefined {
  if (given === undefined) return undefined
  assertObject('transcripts', given)
  const { bodies, ...told } = given
  const { domains = {}, prices = {}, ...others } = told
  const problems = [
    ...(bodies === undefined || isFolder(bodies)
      ? []
      : [problem('transcripts.bodies', bodies, 'the path of a folder')]),
    ...Object.keys(others).map((name) => problem(`transcripts.${name}`, name, 'domains, prices or bodies')),
    ...entriesOf('transcripts.domains', domains, domainProblems),
    ...entriesOf('transcripts.prices', prices, priceProblems),
  ]
  if (problems.length > 0) throw new InvalidInputError(problems)
  // Who only says where texts go has nothing to say of what transcripts do not tell.
  if (bodies !== undefined && Object.keys(told).length === 0) return undefined
  return structuredClone({ domains, prices })
}

export function assertObject(path: string, value: unknown): void {
  if (!isPlain(value)) throw new InvalidInputError([problem(path, value, 'an object')])
}

const problem = (path: string, value: unknown, expected: string): InputProblem => ({
  path,
  message: `${value === undefined ? 'is missing' : `${JSON.stringify(value)} is not one`}; write ${expected}`,
})

const isFolder = (value: unknown) => typeof value === 'string' && /^[^\0]+$/.test(value)

function entriesOf(
  path: string,
  map: unknown,
  problemsOf: (path: string, value: unknown) => InputProblem[],
): InputProblem[] {
  if (!isPlain(map)) return [problem(path, map, 'an object')]
  return Object.entries(map).flatMap(([name, value]) =>
    name === '' ? [problem(path, name, 'names of at least one character')] : problemsOf(`${path}.${name}`, value),
  )
}

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function domainProblems(path: string, value: unknown): InputProblem[] {
  const isName = value !== '' && isStorableText(value, maxNameLength)
  return isName ? [] : [problem(path, value, `1 to ${maxNameLength} characters`)]
}

function priceProblems(path: string, value: unknown): InputProblem[] {
  if (!isPlain(value)) return [problem(path, value, `{ ${tokenNames.join(', ')} }`)]
  const unknown = Object.keys(value).filter((name) => !(tokenNames as readonly string[]).includes(name))
  const { least, most } = priceBounds
  const dollars = `US dollars for a million tokens: 0, or from ${least.toFixed(6)} to ${most}`
  const isPrice = (price: unknown) => typeof price === 'number' && (price === 0 || (price >= least && price <= most))
  return [
    ...unknown.map((name) => problem(`${path}.${name}`, name, tokenNames.join(', '))),
    ...tokenNames
      .filter((name) => !isPrice(value[name]))
      .map((name) => problem(`${path}.${name}`, value[name], dollars)),
  ]
}
