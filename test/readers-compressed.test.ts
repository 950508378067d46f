import assert from 'node:assert/strict'
import { renameSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { CodexReader } from '../src/infrastructure/readers/codex/codex-reader.js'
import { file, lines, told } from './reader-files.js'
import { readAll } from './transcript-tally.js'

const name = 'rollout-2026-01-02T03-04-05-01997e76-0000-7000-8000-000000000001.jsonl'
const says = (n: number) => ({
  timestamp: '2026-01-02T03:04:05.000Z',
  type: 'response_item',
  payload: { type: 'message', role: 'user', content: [{ type: 'input_text', text: `prompt ${n}` }] },
})
const reader = new CodexReader()

/** A Zstandard frame of stored blocks, as a compressor writes what it cannot make smaller. */
function stored(content: string): Buffer {
  const frame = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58])
  const blocks: Buffer[] = []
  for (let at = 0, size = 1000; at < content.length; at += size) {
    const block = Buffer.from(content.slice(at, at + size))
    const header = Buffer.alloc(3)
    header.writeUIntLE((block.length << 3) | (at + size >= content.length ? 1 : 0), 0, 3)
    blocks.push(header, block)
  }
  return Buffer.concat([frame, ...blocks])
}

test('a compressed rollout reads as the plain one did, and goes on from its cursor', async () => {
  const content = lines(...Array.from({ length: 60 }, (_, n) => says(n)))
  const path = file(name, content)
  const plain = await reader.identify(path)
  assert.ok(plain)
  const whole = await readAll(reader, plain)
  let half: typeof whole.last | undefined
  for await (const batch of reader.read(plain, undefined, { batchBytes: 3000 })) half ??= batch
  renameSync(path, `${path}.away`)
  writeFileSync(`${path}.zst`, stored(content))
  const compressed = await reader.identify(`${path}.zst`)
  assert.ok(compressed)
  assert.deepEqual(
    [compressed.id, compressed.form, compressed.sessionId],
    [plain.id, 'compressed-lines', plain.sessionId],
  )
  assert.deepEqual((await readAll(reader, compressed)).records, whole.records)
  const rest = await readAll(reader, plain, half && { cursor: half.cursor })
  assert.deepEqual([...told(half?.records ?? []), ...told(rest.records)], told(whole.records))
  writeFileSync(`${path}.zst`, stored(content).subarray(0, -1500))
  const cut = await readAll(reader, compressed)
  assert.ok(cut.records.length > 40 && cut.records.length < 60)
})
