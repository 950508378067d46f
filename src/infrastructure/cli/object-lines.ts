import { type InputProblem, type InvalidInputCode, InvalidInputError, isHansardError } from '../../domain/errors.js'

/** Objects read from JSON lines, and the line that each stood on. */
export interface ObjectLines<T> {
  objects: T[]
  lineNumbers: number[]
}

/**
 * Reads one object per line, such as `example`; blank lines are skipped. The whole input is held at
 * once, as it becomes one atomic batch. Lines end at \n only: JSON strings may hold U+2028 as it is.
 *
 * @throws {InvalidInputError} naming every bad line by its number
 */
export async function readObjectLines<T extends object>(
  source: AsyncIterable<string | Uint8Array>,
  example: string,
): Promise<ObjectLines<T>> {
  const read: ObjectLines<T> = { objects: [], lineNumbers: [] }
  const problems: InputProblem[] = []
  for (const [index, line] of (await utf8Text(source, '--from')).split('\n').entries()) {
    if (line.trim() === '') continue
    const object = parseObject(line, example)
    if (typeof object === 'string') problems.push({ path: `line ${index + 1}`, message: object })
    else read.objects.push(object as T)
    read.lineNumbers.push(index + 1)
  }
  if (problems.length > 0) throw new InvalidInputError(problems)
  return read
}

/**
 * The same error, its paths naming lines of the input in place of places in the library's `list`; of a
 * line with a fault of its own, that.
 */
export function atLines<T>(
  error: T,
  list: string,
  lineNumbers: number[],
  faults: ReadonlyMap<number, string> = new Map(),
): T | InvalidInputError {
  if (!isHansardError(error) || !('problems' in error)) return error
  const { problems, code } = error as InvalidInputError
  const place = new RegExp(`^${list}\\[(\\d+)\\]\\.?`)
  const placed = problems.map(({ path, message }) => {
    const line = lineNumbers[Number(place.exec(path)?.[1])]
    const fault = faults.get(line ?? 0)
    return { path: path.replace(place, `line ${line} `).trim(), message: fault ?? message }
  })
  return new InvalidInputError(placed, code as InvalidInputCode)
}

/** @throws {InvalidInputError} at `path`, when the bytes are not UTF-8 */
export async function utf8Text(source: AsyncIterable<string | Uint8Array>, path: string): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of source) chunks.push(Buffer.from(chunk as Uint8Array))
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
  } catch {
    throw new InvalidInputError([{ path, message: 'is not UTF-8 text' }])
  }
}

/** The object, or what is wrong with the line. */
export function parseObject(line: string, example: string): object | string {
  try {
    const value: unknown = JSON.parse(line)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? value : `is not a JSON object such as ${example}`
  } catch (error) {
    return `is not JSON: ${(error as Error).message}`
  }
}
