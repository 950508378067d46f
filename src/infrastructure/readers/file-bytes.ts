import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { unzstd } from './zstd-stream.js'

const chunkBytes = 256 * 1024
const windowBytes = 4096

/** The pieces read last, the newest first: joined only when their hash is asked for, not line by line. */
interface Tail {
  bytes: Uint8Array
  before?: Tail
  total: number
  pieces: number
}

const maxTailBytes = 1024 * 1024
const maxTailPieces = 256
const tailOf = (bytes: Uint8Array): Tail => ({ bytes, total: bytes.length, pieces: 1 })
const emptyTail = tailOf(Buffer.alloc(0))

function lastBytes(tail: Tail): Buffer {
  const pieces: Uint8Array[] = []
  let missing = windowBytes
  for (let at: Tail | undefined = tail; at && missing > 0; at = at.before) {
    pieces.unshift(at.bytes.subarray(Math.max(0, at.bytes.length - missing)))
    missing -= at.bytes.length
  }
  return Buffer.concat(pieces)
}

/**
 * The first and the last bytes of what was read. Its hash tells whether a file still begins as it did:
 * agents rewrite the end of a file in place, and cut it, without it growing shorter.
 */
export class PrefixWindow {
  private length = 0
  private head: Buffer = Buffer.alloc(0)
  private tail: Tail = emptyTail

  add(bytes: Uint8Array): void {
    if (this.head.length < windowBytes)
      this.head = Buffer.concat([this.head, bytes.subarray(0, windowBytes - this.head.length)])
    if (bytes.length >= windowBytes) this.tail = tailOf(bytes)
    else {
      const tail = { bytes, before: this.tail, total: this.tail.total + bytes.length, pieces: this.tail.pieces + 1 }
      this.tail = tail.total > maxTailBytes || tail.pieces > maxTailPieces ? tailOf(lastBytes(tail)) : tail
    }
    this.length += bytes.length
  }

  /** Cheap: the bytes are shared, and never written again. */
  copy(): PrefixWindow {
    const copy = new PrefixWindow()
    copy.length = this.length
    copy.head = this.head
    copy.tail = this.tail
    return copy
  }

  hash(): string {
    return createHash('sha256').update(`${this.length} `).update(this.head).update(lastBytes(this.tail)).digest('hex')
  }

  /** As if all bytes before `offset` had been added, without reading those in between. */
  static async ofFile(path: string, offset: number): Promise<PrefixWindow> {
    const window = new PrefixWindow()
    if (offset === 0) return window
    const file = await open(path)
    try {
      window.head = await readRange(file, 0, Math.min(offset, windowBytes))
      window.tail = tailOf(await readRange(file, Math.max(0, offset - windowBytes), offset))
      window.length = offset
    } finally {
      await file.close()
    }
    return window
  }
}

async function readRange(file: FileHandle, from: number, to: number): Promise<Buffer> {
  const buffer = Buffer.alloc(to - from)
  const { bytesRead } = await file.read(buffer, 0, buffer.length, from)
  return buffer.subarray(0, bytesRead)
}

/** A file's bytes from any offset, as the agent wrote them, compressed or not. */
export interface FileBytes {
  /** The window over all bytes before `offset`; of what there is, when the file is shorter. */
  windowAt(offset: number): Promise<PrefixWindow>
  from(offset: number): AsyncIterable<Uint8Array>
}

export function plainBytes(path: string): FileBytes {
  return {
    windowAt: (offset) => PrefixWindow.ofFile(path, offset),
    from: (offset) => createReadStream(path, { start: offset, highWaterMark: chunkBytes }),
  }
}

/** Offsets are those of the bytes before compression: cursors outlive the agent's compressing of the file. */
export function zstdBytes(path: string): FileBytes {
  return { windowAt: (offset) => windowOver(unzstd(path), offset), from: (offset) => skipping(unzstd(path), offset) }
}

async function windowOver(chunks: AsyncIterable<Uint8Array>, offset: number): Promise<PrefixWindow> {
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
