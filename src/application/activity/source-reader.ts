import { createHash } from 'node:crypto'
import type { Stats } from 'node:fs'
import { type FileHandle, open, readFile, stat } from 'node:fs/promises'
import type { ActivitySource } from '../../domain/activity/activity-event.js'
import { wholeFile } from '../../domain/activity/activity-source-repository.js'
import type { JsonObject } from '../../domain/canonical-json.js'
import { isHansardError } from '../../domain/errors.js'
import type { ActivityServiceParts } from './activity-service-parts.js'
import type { BackfillTally } from './backfill-tally.js'
import { isClaudeRecord, readClaudeRecord } from './claude-transcripts.js'
import { UnreadablePiece } from './frontmatter.js'
import { readIssue } from './issue-files.js'
import { type Line, LineReader, maxLineBytes } from './line-reader.js'
import { readLoop } from './loop-files.js'
import type { FoundFile } from './source-places.js'
import { isObject } from './source-reading.js'
import { forgotten, pathHashOf, SourceWriter } from './source-writer.js'

const maxDocumentBytes = 4 * 1024 * 1024

/** What a file was when it was looked at. */
interface Seen {
  size: number
  mtimeMs: number
  writtenAt: Date
}

/** Reads one file as far as it was not read before, or all of it once more. */
export class SourceReader {
  /** Whether any line was a record; and the first that was a record of something else. */
  private hasRecord = false
  private stranger?: string

  constructor(
    private readonly parts: ActivityServiceParts,
    private readonly tally: BackfillTally,
    private readonly found: FoundFile,
    private readonly isAgain: boolean,
  ) {}

  async read(): Promise<void> {
    const { source, path, error } = this.found
    const last = await this.parts.calls.accept(() => this.parts.sources.find(source, pathHashOf(path)))
    const known = last && this.isAgain ? forgotten(last) : last
    try {
      if (error) throw error
      const seen = seenIn(await stat(path))
      if (known?.size === seen.size && known.mtimeMs === seen.mtimeMs) this.tally.fileUnchanged(known)
      else if (source === 'transcripts') await this.readTranscript(seen, known)
      else await this.readDocument(seen, known)
    } catch (failure) {
      if (!isFileError(failure)) throw failure
      await this.refuse(failure, known)
    }
  }

  /** Asked for again: some of it may have been read before it failed. */
  private async refuse(failure: Error, known: ActivitySource | undefined): Promise<void> {
    const { source, path } = this.found
    const latest = (await this.parts.calls.accept(() => this.parts.sources.find(source, pathHashOf(path)))) ?? known
    const writer = this.writer(latest)
    writer.reject(wholeFile, failure.message)
    const { source: kept } = writer
    const prefixHash = source === 'transcripts' ? kept.prefixHash : ''
    await writer.store({ ...kept, prefixHash }, { size: -1, mtimeMs: 0 })
  }

  private writer(known: ActivitySource | undefined, isFromStart?: boolean): SourceWriter {
    const { source, path } = this.found
    return new SourceWriter(this.parts, this.tally, { kind: source, path, isAgain: this.isAgain }, known, isFromStart)
  }

  /** A file that is one piece: read whole, and again whenever its content has changed. */
  private async readDocument(seen: Seen, known: ActivitySource | undefined): Promise<void> {
    if (seen.size > maxDocumentBytes) return this.passOver(seen, known)
    const { source, path, place } = this.found
    const bytes = await readFile(path)
    const prefixHash = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
    if (known?.prefixHash === prefixHash) {
      this.tally.fileUnchanged(known)
      return this.writer(known).touch(seen)
    }
    const writer = this.writer(known, true)
    const text = bytes.toString('utf8')
    const readOne = source === 'issues' ? readIssue : readLoop
    const { writtenAt } = seen
    writer.take(() => readOne(text, { path, place, writtenAt }), { place: 'document', text, writtenAt })
    await writer.store({ byteOffset: bytes.length, lineCount: linesIn(text), prefixHash }, seen)
  }

  private async passOver(seen: Seen, known: ActivitySource | undefined): Promise<void> {
    const writer = this.writer(known, true)
    writer.reject('document', `is longer than ${maxDocumentBytes} bytes`)
    await writer.store({ byteOffset: 0, lineCount: 0, prefixHash: '' }, seen)
  }

  /** Lines that others are added to: read on from where the last reading ended. */
  private async readTranscript(seen: Seen, known: ActivitySource | undefined): Promise<void> {
    const handle = await open(this.found.path)
    try {
      const goingOn = known && (await goingOnAt(handle, known, seen))
      if (goingOn && known.byteOffset === seen.size) {
        this.tally.fileUnchanged(known)
        return await this.writer(known).touch(seen)
      }
      const reader = goingOn ?? new LineReader(handle)
      await this.readLines(reader, seen, this.writer(known, !goingOn))
    } finally {
      await handle.close()
    }
  }

  private async readLines(reader: LineReader, seen: Seen, writer: SourceWriter): Promise<void> {
    const isWhole = reader.offset === 0
    for await (const line of reader.lines(seen.size)) {
      this.takeLine(line, seen, writer)
      if (writer.isFull) await writer.store(cursorOf(reader))
    }
    // A last line without its end is being written, unless it is whole already.
    if (reader.rest !== undefined && isRecord(reader.rest)) this.takeLine(reader.take(), seen, writer)
    const isStrange = isWhole && !this.hasRecord && this.stranger !== undefined
    if (isStrange)
      writer.reject(wholeFile, 'has no record of Claude Code; its first line begins as shown', this.stranger)
    if (reader.offset < seen.size) this.tally.pending[this.found.source]++
    // What is no transcript so far is looked at as a whole once it has changed.
    await writer.store({ ...cursorOf(reader), ...(isStrange ? { prefixHash: '' } : {}) }, seen)
  }

  private takeLine({ number, text, byteOffset }: Line, { writtenAt }: Seen, writer: SourceWriter): void {
    const place = `line ${number}`
    if (text === undefined) return writer.reject(place, `is longer than ${maxLineBytes} bytes`)
    if (text.trim() === '') return
    try {
      const record = recordOf(text)
      if (isClaudeRecord(record)) this.hasRecord = true
      else this.stranger ??= text
      const readings = readClaudeRecord(record, { text, byteOffset }, { ...this.found, writtenAt })
      for (const read of readings) writer.take(read, { place, text, writtenAt })
    } catch (error) {
      if (!(error instanceof UnreadablePiece)) throw error
      writer.reject(place, error.message, text)
    }
  }
}

const linesIn = (text: string) => text.split('\n').length - (text.endsWith('\n') || text === '' ? 1 : 0)

const goingOnAt = (handle: FileHandle, known: ActivitySource, { size }: Seen) =>
  known.prefixHash !== '' && known.byteOffset <= size ? LineReader.goingOn(handle, known) : undefined

const cursorOf = ({ offset, lineCount, prefixHash }: LineReader) => ({ byteOffset: offset, lineCount, prefixHash })

/** Some editors put a byte order mark before all else. */
const withoutMark = (text: string) => (text.startsWith('\uFEFF') ? text.slice(1) : text)

/** @throws {UnreadablePiece} */
function recordOf(text: string): JsonObject {
  let value: unknown
  try {
    value = JSON.parse(withoutMark(text))
  } catch (error) {
    throw new UnreadablePiece(`is not JSON: ${(error as Error).message}`)
  }
  if (isObject(value)) return value
  throw new UnreadablePiece('is not a JSON object')
}

function isRecord(text: string): boolean {
  try {
    return isObject(JSON.parse(withoutMark(text)))
  } catch {
    return false
  }
}

/** @throws {Error} it is nothing that can be read to an end */
function seenIn(stats: Stats): Seen {
  if (!stats.isFile()) throw Object.assign(new Error('is not a regular file'), { syscall: 'stat' })
  return { size: stats.size, mtimeMs: Math.floor(stats.mtimeMs), writtenAt: new Date(Math.floor(stats.mtimeMs)) }
}

const isFileError = (error: unknown): error is Error =>
  error instanceof Error && !isHansardError(error) && 'syscall' in error
