import { InvalidInputError } from '../../domain/errors.js'
import { type ObjectLines, parseObject } from './object-lines.js'

/** Objects read from JSON lines; a line without one has null in its place, and what is wrong with it. */
export interface ObjectBatch<T> extends ObjectLines<T | null> {
  /** By the number of the line. */
  faults: Map<number, string>
}

/** What a batch holds at most, whichever comes first. */
export interface BatchBounds {
  objects: number
  bytes: number
}

/**
 * Reads one object per line, such as `example`, in batches that are held one at a time; blank lines
 * are skipped. An input without a line gives no batch.
 *
 * @throws {InvalidInputError} a line is longer than a batch may be, or a batch has no object at all
 */
export async function* objectBatches<T extends object>(
  source: AsyncIterable<string | Uint8Array>,
  example: string,
  bounds: BatchBounds,
): AsyncGenerator<ObjectBatch<T>> {
  let batch = new Batch<T>()
  let number = 0
  for await (const line of linesOf(source, bounds.bytes)) {
    number += 1
    if (batch.objects.length > 0 && batch.bytes + line.length > bounds.bytes) {
      yield batch.whole()
      batch = new Batch()
    }
    batch.add(line, number, example)
    if (batch.objects.length < bounds.objects) continue
    yield batch.whole()
    batch = new Batch()
  }
  if (batch.whole().objects.length > 0) yield batch
}

class Batch<T extends object> implements ObjectBatch<T> {
  readonly objects: (T | null)[] = []
  readonly lineNumbers: number[] = []
  bytes = 0
  readonly faults = new Map<number, string>()

  add(line: Buffer, number: number, example: string): void {
    const text = utf8(line)
    if (text?.trim() === '') return
    const object = text === undefined ? 'is not UTF-8 text' : parseObject(text, example)
    if (typeof object === 'string') this.faults.set(number, object)
    this.objects.push(typeof object === 'string' ? null : (object as T))
    this.lineNumbers.push(number)
    this.bytes += line.length
  }

  /** Where there is no object there is nothing to look into further. */
  whole(): this {
    if (this.faults.size === 0 || this.faults.size < this.objects.length) return this
    throw new InvalidInputError([...this.faults].map(([number, message]) => ({ path: `line ${number}`, message })))
  }
}

function utf8(line: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(line)
  } catch {
    return undefined
  }
}

/** Lines end at \n only: JSON strings may hold U+2028 as it is. */
async function* linesOf(source: AsyncIterable<string | Uint8Array>, maxBytes: number): AsyncGenerator<Buffer> {
  let pieces: Buffer[] = []
  let bytes = 0
  let number = 1
  for await (const chunk of source) {
    const ends = Buffer.from(chunk as Uint8Array)
    for (let start = 0; start < ends.length; ) {
      const end = ends.indexOf(0x0a, start)
      const piece = ends.subarray(start, end < 0 ? undefined : end)
      pieces.push(piece)
      bytes += piece.length
      if (bytes > maxBytes) throw tooLong(number, maxBytes)
      if (end < 0) break
      yield Buffer.concat(pieces)
      pieces = []
      bytes = 0
      number += 1
      start = end + 1
    }
  }
  if (bytes > 0) yield Buffer.concat(pieces)
}

function tooLong(number: number, maxBytes: number): InvalidInputError {
  return new InvalidInputError([{ path: `line ${number}`, message: `is longer than ${maxBytes} bytes` }])
}
