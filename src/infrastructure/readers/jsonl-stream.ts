import type { PrefixWindow } from './file-bytes.js'

const lineFeed = 0x0a

/** A piece between two line feeds, as bytes. */
export interface Line {
  byteOffset: number
  /** Its size, without the line feed. */
  byteLength: number
  /** Undefined when it is longer than the cap. */
  bytes: Buffer | undefined
  /** Whether a line feed ends it; only the last one may lack it. */
  isEnded: boolean
}

export interface LineLimits {
  byteOffset: number
  maxLineBytes: number
}

/**
 * The lines of a stream, by line feed alone: a carriage return, U+2028 and NUL are bytes like others.
 * Holds at most one line up to the cap, of longer ones nothing. When a line is given, `window` has seen
 * all bytes up to and with its line feed.
 */
export async function* linesOf(
  chunks: AsyncIterable<Uint8Array>,
  window: PrefixWindow,
  { byteOffset, maxLineBytes }: LineLimits,
): AsyncGenerator<Line> {
  const line = new GrowingLine(byteOffset, maxLineBytes)
  for await (const chunk of chunks) {
    let start = 0
    for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, start)) {
      line.add(chunk.subarray(start, end))
      window.add(chunk.subarray(start, end + 1))
      start = end + 1
      yield line.take(true)
    }
    line.add(chunk.subarray(start))
    window.add(chunk.subarray(start))
  }
  if (line.byteLength > 0) yield line.take(false)
}

class GrowingLine {
  byteLength = 0
  private parts: Uint8Array[] = []

  constructor(
    private byteOffset: number,
    private readonly maxBytes: number,
  ) {}

  add(bytes: Uint8Array): void {
    this.byteLength += bytes.length
    if (this.byteLength > this.maxBytes) this.parts = []
    else if (bytes.length > 0) this.parts.push(bytes)
  }

  take(isEnded: boolean): Line {
    const { byteOffset, byteLength, parts } = this
    const bytes = byteLength > this.maxBytes ? undefined : joined(parts)
    this.byteOffset += byteLength + 1
    this.byteLength = 0
    this.parts = []
    return { byteOffset, byteLength, bytes, isEnded }
  }
}

/** A line within one chunk is not copied. */
function joined([first, ...others]: Uint8Array[]): Buffer {
  if (!first) return Buffer.alloc(0)
  return others.length === 0
    ? Buffer.from(first.buffer, first.byteOffset, first.length)
    : Buffer.concat([first, ...others])
}
