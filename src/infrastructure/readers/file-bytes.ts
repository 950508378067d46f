import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import type { ReadCursor } from '../../domain/transcripts/transcript-reader.js'
import { unzstd } from './zstd-stream.js'

const chunkBytes = 256 * 1024
const endBytes = 4096
const blockBytes = 64 * 1024

/** The pieces read last, the newest first: joined only when their hash is asked for, not line by line. */
interface Tail {
  bytes: Uint8Array
  before?: Tail
  total: number
}

const empty: Buffer = Buffer.alloc(0)
const tailOf = (bytes: Uint8Array): Tail => ({ bytes, total: bytes.length })

function joined(tail: Tail): Buffer {
  const pieces: Uint8Array[] = []
  for (let at: Tail | undefined = tail; at; at = at.before) pieces.push(at.bytes)
  return Buffer.concat(pieces.reverse())
}

/** Blocks end so that of the last bytes some thousand are in none. */
const blocksBefore = (offset: number) => Math.max(0, Math.floor((offset - endBytes) / blockBytes))

/**
 * What was read, by its hashes. That of its ends, the first bytes and those after the last whole block, is cheap
 * to compare and tells whether a file still begins as it did: agents rewrite the end of a file in place, and cut
 * it, without it growing shorter. That of the blocks tells what was changed in between.
 */
export class PrefixWindow {
  constructor(
    private length = 0,
    private head = empty,
    private tail: Tail = tailOf(empty),
    /** Of each block together with all before it. */
    private blocks = '',
  ) {}

  add(bytes: Uint8Array): void {
    if (this.head.length < endBytes)
      this.head = Buffer.concat([this.head, bytes.subarray(0, endBytes - this.head.length)])
    this.tail = { bytes, before: this.tail, total: this.tail.total + bytes.length }
    this.length += bytes.length
    if (this.tail.total >= blockBytes + endBytes) this.closeBlocks()
  }

  private closeBlocks(): void {
    let rest = joined(this.tail)
    for (; rest.length >= blockBytes + endBytes; rest = rest.subarray(blockBytes)) {
      this.blocks = createHash('sha256').update(this.blocks).update(rest.subarray(0, blockBytes)).digest('hex')
    }
    this.tail = tailOf(rest)
  }

  /** Cheap: the bytes are shared, and never written again. */
  copy(): PrefixWindow {
    return new PrefixWindow(this.length, this.head, this.tail, this.blocks)
  }

  hashes(): Pick<ReadCursor, 'prefixHash' | 'blocksHash'> {
    const ends = createHash('sha256').update(`${this.length} `).update(this.head).update(joined(this.tail))
    return { prefixHash: ends.digest('hex'), blocksHash: this.blocks }
  }

  isAt({ prefixHash, blocksHash }: ReadCursor): boolean {
    const hashes = this.hashes()
    return hashes.prefixHash === prefixHash && hashes.blocksHash === blocksHash
  }

  /** As if all bytes before the cursor had been added, without reading the blocks: they are taken to be as they were. */
  static async ofFile(path: string, { byteOffset, blocksHash = '' }: ReadCursor): Promise<PrefixWindow> {
    const file = await open(path)
    try {
      const head = await readRange(file, 0, Math.min(byteOffset, endBytes))
      const tail = await readRange(file, blocksBefore(byteOffset) * blockBytes, byteOffset)
      return new PrefixWindow(byteOffset, head, tailOf(tail), blocksHash)
    } finally {
      await file.close()
    }
  }
}

async function readRange(file: FileHandle, from: number, to: number): Promise<Buffer> {
  const buffer = Buffer.alloc(to - from)
  const { bytesRead } = await file.read(buffer, 0, buffer.length, from)
  return buffer.subarray(0, bytesRead)
}

/** A file's bytes from any offset, as the agent wrote them, compressed or not. */
export interface FileBytes {
  /** The window over all bytes before a cursor, or of what there is of them. What is between its ends may be taken to be as it was. */
  windowAt(cursor: ReadCursor): Promise<PrefixWindow>
  from(offset: number): AsyncIterable<Uint8Array>
}

export function plainBytes(path: string): FileBytes {
  return {
    windowAt: (cursor) => PrefixWindow.ofFile(path, cursor),
    from: (offset) => createReadStream(path, { start: offset, highWaterMark: chunkBytes }),
  }
}

/** Offsets are those of the bytes before compression: cursors outlive the agent's compressing of the file. */
export function zstdBytes(path: string): FileBytes {
  const from = (offset: number) => skipping(unzstd(path), offset)
  return { windowAt: ({ byteOffset }) => windowOver(from(0), byteOffset), from }
}

/** The window over all bytes before an offset, each of them read. */
export async function windowOver(chunks: AsyncIterable<Uint8Array>, offset: number): Promise<PrefixWindow> {
  const window = new PrefixWindow()
  let left = offset
  for await (const chunk of chunks) {
    window.add(chunk.subarray(0, left))
    left -= Math.min(left, chunk.length)
    if (left === 0) break
  }
  return window
}

async function* skipping(chunks: AsyncIterable<Uint8Array>, offset: number): AsyncGenerator<Uint8Array> {
  let left = offset
  for await (const chunk of chunks) {
    if (chunk.length > left) yield chunk.subarray(left)
    left -= Math.min(left, chunk.length)
  }
}

/** The first bytes of a file, enough to tell what it is. */
export async function firstBytes(bytes: FileBytes, atMost: number): Promise<Buffer> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const chunk of bytes.from(0)) {
    parts.push(chunk)
    length += chunk.length
    if (length >= atMost) break
  }
  return Buffer.concat(parts).subarray(0, atMost)
}
