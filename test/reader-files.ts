import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after } from 'node:test'
import type { DraftEvent } from '../src/domain/transcripts/transcript-event.js'
import type {
  ReadBatch,
  ReadCursor,
  ReadOptions,
  TranscriptReader,
  TranscriptRecord,
} from '../src/domain/transcripts/transcript-reader.js'
import { type FileBytes, PrefixWindow } from '../src/infrastructure/readers/file-bytes.js'
import { type LineFlavor, readLines } from '../src/infrastructure/readers/line-records.js'
import { readAll } from './transcript-tally.js'

const folder = mkdtempSync(join(tmpdir(), 'hansard-readers-'))
after(() => rmSync(folder, { recursive: true, force: true }))
let folders = 0

export const newFolder = (): string => join(folder, `${++folders}`)

export const lines = (...records: unknown[]): string => records.map((record) => `${JSON.stringify(record)}\n`).join('')

/** Writes a file in a folder of its own, or in `at`. */
export function file(name: string, content: string | Uint8Array, at = newFolder()): string {
  const path = join(at, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
  return path
}

export async function recordsOf(reader: TranscriptReader, path: string): Promise<TranscriptRecord[]> {
  const source = await reader.identify(path)
  if (!source) throw new Error(`${path} is not of ${reader.flavor}`)
  return (await readAll(reader, source)).records
}

export const eventsOf = (records: TranscriptRecord[]): DraftEvent[] => records.flatMap(({ events }) => events)

/** Kind and text of each event, in order. */
export const told = (records: TranscriptRecord[]): string[] =>
  eventsOf(records).map(({ kind, body }) => `${kind} ${body}`)

export async function found(reader: TranscriptReader, places: Parameters<TranscriptReader['discover']>[0]) {
  const sources = []
  for await (const source of reader.discover(places)) sources.push(source)
  return sources
}

export function memoryBytes(bytes: Buffer): FileBytes {
  return {
    windowAt: async ({ byteOffset }) => {
      const window = new PrefixWindow()
      window.add(bytes.subarray(0, byteOffset))
      return window
    },
    from: async function* (offset) {
      for (let at = offset; at < bytes.length; at += 1000) yield bytes.subarray(at, at + 1000)
    },
  }
}

/** As a reader reads a file of these bytes; the cursor goes through JSON, as a store keeps it. */
export async function readBytes<State>(
  content: Buffer,
  flavor: LineFlavor<State>,
  { cursor, ...options }: ReadOptions & { cursor?: ReadCursor } = {},
): Promise<{ records: TranscriptRecord[]; cursor: ReadCursor; pendingLines: number; last: ReadBatch }> {
  const batches: ReadBatch[] = []
  for await (const batch of readLines(memoryBytes(content), flavor, cursor, options)) batches.push(batch)
  const last = batches.at(-1)
  if (!last) throw new Error('a reader gives at least one batch')
  const records = batches.flatMap((batch) => batch.records)
  const pendingLines = batches.filter(({ pending }) => pending).length
  return { records, cursor: JSON.parse(JSON.stringify(last.cursor)) as ReadCursor, pendingLines, last }
}
