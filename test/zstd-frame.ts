/** A Zstandard frame of stored blocks, as a compressor writes what it cannot make smaller. */
export function storedFrame(content: Buffer): Buffer {
  const pieces: Uint8Array[] = [Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58])]
  for (let at = 0, size = 1000; at === 0 || at < content.length; at += size) {
    const block = content.subarray(at, at + size)
    const header = Buffer.alloc(3)
    header.writeUIntLE((block.length << 3) | (at + size >= content.length ? 1 : 0), 0, 3)
    pieces.push(header, block)
  }
  return Buffer.concat(pieces)
}
