import { type InputProblem, type InvalidInputCode, InvalidInputError, isHansardError } from '../../domain/errors.js'
import type { AppendMessageInput } from '../../domain/sessions/session-service.js'

/** Messages read from JSON lines, and the line that each stood on. */
export interface MessageLines {
  messages: AppendMessageInput[]
  lineNumbers: number[]
}

/**
 * Reads one message per line; blank lines are skipped. The whole input is held at once, as it
 * becomes one atomic batch. Lines end at \n only: JSON strings may hold U+2028 as it is.
 *
 * @throws {InvalidInputError} naming every bad line by its number
 */
export async function readMessageLines(source: AsyncIterable<string | Uint8Array>): Promise<MessageLines> {
  const read: MessageLines = { messages: [], lineNumbers: [] }
  const problems: InputProblem[] = []
  for (const [index, line] of (await utf8Text(source)).split('\n').entries()) {
    if (line.trim() === '') continue
    const message = parseMessage(line)
    if (typeof message === 'string') problems.push({ path: `line ${index + 1}`, message })
    else read.messages.push(message)
    read.lineNumbers.push(index + 1)
  }
  if (problems.length > 0) throw new InvalidInputError(problems)
  return read
}

/** The same error, its paths naming lines of the input in place of places in the batch. */
export function atLines(error: unknown, lineNumbers: number[]): unknown {
  if (!isHansardError(error) || !('problems' in error)) return error
  const { problems, code } = error as InvalidInputError
  const placed = problems.map(({ path, message }) => ({
    path: path.replace(/^messages\[(\d+)\]\.?/, (_, index: string) => `line ${lineNumbers[Number(index)]} `).trim(),
    message,
  }))
  return new InvalidInputError(placed, code as InvalidInputCode)
}

async function utf8Text(source: AsyncIterable<string | Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of source) chunks.push(Buffer.from(chunk as Uint8Array))
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
  } catch {
    throw new InvalidInputError([{ path: '--from', message: 'is not UTF-8 text' }])
  }
}

/** The message, or what is wrong with the line. */
function parseMessage(line: string): AppendMessageInput | string {
  try {
    const value: unknown = JSON.parse(line)
    const isMessage = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isMessage ? (value as AppendMessageInput) : 'is not a JSON object such as {"role":"user","content":"Hello"}'
  } catch (error) {
    return `is not JSON: ${(error as Error).message}`
  }
}
