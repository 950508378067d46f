import { createReadStream } from 'node:fs'
import { Decompress } from 'fzstd'

/** Small: a block can grow ten thousandfold, and all that one piece grows to is held at once. */
const pieceBytes = 4096
const unexpectedEnd = 5

/**
 * The bytes of a file compressed with Zstandard (Node 20 has none of its own). A frame that was cut
 * short ends them, as it ends a plain file: what came before is good.
 */
export async function* unzstd(path: string): AsyncGenerator<Uint8Array> {
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
