import { createReadStream } from 'node:fs'
import { StorageError } from '../../domain/errors.js'

interface Fzstd {
  Decompress: new (onData: (chunk: Uint8Array) => void) => { push(chunk: Uint8Array, isLast: boolean): void }
}

const packageName = 'fzstd'
const installLine = 'npm install fzstd@0.1.1'
/** Small: a block can grow ten thousandfold, and all that one piece grows to is held at once. */
const pieceBytes = 4096
const unexpectedEnd = 5

/**
 * The bytes of a file compressed with Zstandard (Node 20 has none of its own). A frame that was cut
 * short ends them, as it ends a plain file: what came before is good.
 *
 * @throws {StorageError} PACKAGE_MISSING with the line that installs what it needs
 */
export async function* unzstd(path: string): AsyncGenerator<Uint8Array> {
  const { Decompress } = loadFzstd()
  let ready: Uint8Array[] = []
  const stream = new Decompress((chunk) => ready.push(chunk))
  for await (const chunk of createReadStream(path) as AsyncIterable<Uint8Array>) {
    for (let at = 0; at < chunk.length; at += pieceBytes) {
      stream.push(chunk.subarray(at, at + pieceBytes), false)
      yield* ready
      ready = []
    }
  }
  endUnlessCut(() => stream.push(new Uint8Array(0), true))
  yield* ready
}

function endUnlessCut(end: () => void): void {
  try {
    end()
  } catch (error) {
    if ((error as { code?: unknown }).code !== unexpectedEnd) throw error
  }
}

function loadFzstd(): Fzstd {
  try {
    return require(packageName) as Fzstd
  } catch (cause) {
    const message = `Compressed session files need ${packageName}, not installed here. Run: ${installLine}`
    throw new StorageError('PACKAGE_MISSING', message, { cause })
  }
}
