import type { Hash } from 'node:crypto'
import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'

/** One more than this is not kept in memory. */
export const maxLineBytes = 16 * 1024 * 1024

export interface Line {
  number: number
  /** Where it begins. */
  byteOffset: number
  /** Undefined when it is too long. */
  text: string | undefined
}

const lineFeed = 10

/** Cuts a file into lines while it is read; knows how far it came, and the hash of all up to there. */
export class LineReader {
  private pieces: Buffer[] = []
  private length = 0
  /** The hash with a line in it that is too long to be kept until its end. */
  private ahead?: Hash

  constructor(
    private readonly handle: FileHandle,
    private hash: Hash = createHash('sha256'),
    public offset = 0,
    public lineCount = 0,
    /** What comes first goes on with a line that was read already. */
    private goesOn = false,
  ) {}

  /** From where an earlier reading ended; undefined if what it read is not there any more. */
  static async goingOn(
    handle: FileHandle,
    { byteOffset, lineCount, prefixHash }: { byteOffset: number; lineCount: number; prefixHash: string },
  ): Promise<LineReader | undefined> {
    const hash = createHash('sha256')
    let last = lineFeed
    for await (const chunk of chunksOf(handle, 0, byteOffset)) {
      hash.update(chunk)
      last = chunk.at(-1) ?? last
    }
    if (hashText(hash) !== prefixHash) return undefined
    return new LineReader(handle, hash, byteOffset, lineCount, last !== lineFeed)
  }

  get prefixHash(): string {
    return hashText(this.hash)
  }

  /** The lines up to a byte; then `rest` has what no line feed ends. */
  async *lines(end: number): AsyncGenerator<Line> {
    for await (const chunk of chunksOf(this.handle, this.offset, end)) {
      let start = 0
      for (let at = chunk.indexOf(lineFeed); at >= 0; at = chunk.indexOf(lineFeed, start)) {
        this.keep(chunk.subarray(start, at + 1))
        start = at + 1
        yield this.take()
      }
      if (start < chunk.length) this.keep(chunk.subarray(start))
    }
  }

  /** Undefined if there is none, or if it is too long to be one that will be read. */
  get rest(): string | undefined {
    return this.length === 0 || this.ahead ? undefined : textOf(this.pieces)
  }

  /** Ends the line that was begun. */
  take(): Line {
    const text = this.ahead ? undefined : textOf(this.pieces)
    for (const piece of this.pieces) this.hash.update(piece)
    this.hash = this.ahead ?? this.hash
    const isMereEnd = this.goesOn && text?.trim() === ''
    if (!isMereEnd) this.lineCount++
    const byteOffset = this.offset
    this.offset += this.length
    this.pieces = []
    this.length = 0
    this.ahead = undefined
    this.goesOn = false
    return { number: this.lineCount, byteOffset, text }
  }

  private keep(piece: Buffer): void {
    this.length += piece.length
    if (!this.ahead && this.length > maxLineBytes) {
      this.ahead = this.hash.copy()
      for (const kept of this.pieces.splice(0)) this.ahead.update(kept)
    }
    if (this.ahead) this.ahead.update(piece)
    else this.pieces.push(piece)
  }
}

const textOf = (pieces: Buffer[]) =>
  Buffer.concat(pieces)
    .toString('utf8')
    .replace(/\r?\n$/, '')

const hashText = (hash: Hash) => `sha256:${hash.copy().digest('hex')}`

async function* chunksOf(handle: FileHandle, start: number, end: number): AsyncGenerator<Buffer> {
  if (start >= end) return
  const options = { start, end: end - 1, autoClose: false, highWaterMark: 256 * 1024 }
  for await (const chunk of handle.createReadStream(options)) yield chunk as Buffer
}
