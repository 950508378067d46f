import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { linesOf } from '../../domain/json-lines.js'
import {
  type ArchivedSession,
  archiveError,
  currentArchive,
  type MessageJson,
  type UsageJson,
} from '../../domain/sessions/session-archive.js'
import type { ArchiveSource } from '../../domain/sessions/session-service.js'

export type ArchiveRow = { message: MessageJson } | { usage: UsageJson }

/** An archive that can be read more than once: to verify it, then to store it. */
export interface ArchiveReader {
  session: ArchivedSession
  rows(): AsyncIterable<ArchiveRow>
  /** As the archive states it; known once its rows have been read. */
  checksum(): unknown
  /** What the line form counts at its end; the document has none. */
  footer(): Record<string, unknown> | undefined
  dispose(): Promise<void>
}

/** Opens any form of archive; a stream is spooled to a file, so that size costs disk and not memory. */
export async function openArchive(source: ArchiveSource): Promise<ArchiveReader> {
  if (typeof source === 'string') return fromStream(Readable.from([source]))
  if (typeof source === 'object' && source !== null && Symbol.asyncIterator in source) return fromStream(source)
  return fromDocument(source)
}

function fromDocument(value: unknown): ArchiveReader {
  const archive = currentArchive(value)
  const { messages, usage } = archive
  if (!Array.isArray(messages)) throw archiveError('ARCHIVE_MALFORMED', 'messages', 'is not a list')
  if (!Array.isArray(usage)) throw archiveError('ARCHIVE_MALFORMED', 'usage', 'is not a list')
  return {
    session: sessionOf(archive),
    async *rows() {
      for (const message of messages as MessageJson[]) yield { message }
      for (const entry of usage as UsageJson[]) yield { usage: entry }
    },
    checksum: () => archive.checksum,
    footer: () => undefined,
    dispose: () => Promise.resolve(),
  }
}

async function fromStream(source: AsyncIterable<string | Uint8Array>): Promise<ArchiveReader> {
  const folder = await mkdtemp(join(tmpdir(), 'hansard-import-'))
  const file = join(folder, 'archive')
  const dispose = () => rm(folder, { recursive: true, force: true })
  try {
    await pipeline(source, createWriteStream(file, { mode: 0o600 }))
    const header = await firstLine(file)
    if (!isJsonlHeader(header)) {
      const reader = fromDocument(await wholeDocument(file))
      await dispose()
      return reader
    }
    return fromLines(file, currentArchive(header), dispose)
  } catch (error) {
    await dispose()
    throw error
  }
}

function fromLines(file: string, header: Record<string, unknown>, dispose: () => Promise<void>): ArchiveReader {
  let footer: Record<string, unknown> | undefined
  async function* rows(): AsyncGenerator<ArchiveRow> {
    let number = 0
    footer = undefined
    for await (const line of linesOf(createReadStream(file))) {
      number++
      if (number === 1 || line === '') continue
      const value = parsedLine(line, number)
      if (footer) throw archiveError('ARCHIVE_MALFORMED', `line ${number}`, 'follows the footer')
      if ('footer' in value) footer = asFooter(value.footer, number)
      else yield value as ArchiveRow
    }
    if (!footer)
      throw archiveError('ARCHIVE_MALFORMED', `line ${number}`, 'is the last, and no footer: the archive was cut short')
  }
  return { session: sessionOf(header), rows, checksum: () => footer?.checksum, footer: () => footer, dispose }
}

function asFooter(value: unknown, number: number): Record<string, unknown> {
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  throw archiveError('ARCHIVE_MALFORMED', `line ${number}`, 'has a footer that is not an object')
}

function sessionOf(archive: Record<string, unknown>): ArchivedSession {
  const { session } = archive
  if (typeof session === 'object' && session !== null) return session as ArchivedSession
  throw archiveError('ARCHIVE_MALFORMED', 'session', 'is missing')
}

const isJsonlHeader = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && (value as Record<string, unknown>).form === 'jsonl'

async function firstLine(file: string): Promise<unknown> {
  for await (const line of linesOf(createReadStream(file))) {
    try {
      return JSON.parse(line)
    } catch {
      return undefined
    }
  }
  return undefined
}

async function wholeDocument(file: string): Promise<unknown> {
  const chunks: string[] = []
  for await (const chunk of createReadStream(file, 'utf8')) chunks.push(chunk as string)
  try {
    // A byte order mark is no part of the text; the line form loses it in decoding.
    return JSON.parse(chunks.join('').replace(/^\ufeff/, ''))
  } catch (error) {
    throw archiveError('ARCHIVE_MALFORMED', '', `The archive is not JSON: ${(error as Error).message}`)
  }
}

function parsedLine(line: string, number: number): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line)
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch {
    // Said below, with the line's number.
  }
  throw archiveError('ARCHIVE_MALFORMED', `line ${number}`, 'is not a JSON object')
}
