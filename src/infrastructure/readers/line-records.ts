import { createHash } from 'node:crypto'
import type {
  ReadBatch,
  ReadCursor,
  ReadOptions,
  RecordCounts,
  TranscriptRecord,
} from '../../domain/transcripts/transcript-reader.js'
import { type FileBytes, PrefixWindow } from './file-bytes.js'
import { type JsonRecord, parseLine } from './json-line.js'
import { type Line, linesOf } from './jsonl-stream.js'

/** What a flavor makes of one record; the rest follows from where it stands. */
export type RecordParts = Omit<TranscriptRecord, 'place' | 'counts'> & { isUnknown?: boolean }

/** One flavor's way with lines. `State` is plain JSON and travels in the cursor. */
export interface LineFlavor<State> {
  newState(): State
  /** Tells a record, in a line that went wrong, from an object inside of one. */
  isRecord(value: JsonRecord): boolean
  /** Whose a line is that says nothing. */
  sessionId(state: State): string
  /** May change `state`. `ownKey` is the identity of a record that has none of its own. */
  interpret(value: JsonRecord, state: State, ownKey: string): RecordParts
}

interface LineState<State> {
  flavor: State
  /** The last line read was whole and not ended: what comes next may still belong to it. */
  isUnended: boolean
}

const defaults: Required<ReadOptions> = { maxLineBytes: 16 * 1024 * 1024, batchBytes: 1024 * 1024 }
const maxBatchRecords = 1000

const noCounts: RecordCounts = {
  records: 0,
  malformedLines: 0,
  recovered: 0,
  unknownTypes: 0,
  oversizedLines: 0,
  oversizedBytes: 0,
}

export const countsOf = (some: Partial<RecordCounts>): RecordCounts => ({ ...noCounts, ...some })

/** Reads a file of JSON lines from the cursor to the end, as `TranscriptReader.read` promises. */
export async function* readLines<State>(
  bytes: FileBytes,
  flavor: LineFlavor<State>,
  cursor?: ReadCursor,
  options?: ReadOptions,
): AsyncGenerator<ReadBatch> {
  const window = await bytes.windowAt(cursor?.byteOffset ?? 0)
  if (cursor && window.hash() !== cursor.prefixHash) {
    yield new LineReading(flavor, new PrefixWindow()).batch({ isRewritten: true })
    return
  }
  const { maxLineBytes, batchBytes } = { ...defaults, ...options }
  const reading = new LineReading(flavor, window, cursor)
  const { byteOffset } = reading
  for await (const line of linesOf(bytes.from(byteOffset), window, { byteOffset, maxLineBytes })) {
    const pending = reading.take(line)
    if (pending) return yield reading.batch({ pending })
    if (reading.isFull(batchBytes)) yield reading.batch({})
  }
  yield reading.batch({})
}

class LineReading<State> {
  byteOffset: number
  private records: TranscriptRecord[] = []
  /** Read since the last batch. */
  private bytes = 0
  private lineCount: number
  private state: LineState<State>
  private settled: PrefixWindow

  constructor(
    private readonly flavor: LineFlavor<State>,
    private readonly window: PrefixWindow,
    cursor?: ReadCursor,
  ) {
    this.byteOffset = cursor?.byteOffset ?? 0
    this.lineCount = cursor?.lineCount ?? 0
    this.state = cursor
      ? structuredClone(cursor.state as LineState<State>)
      : { flavor: flavor.newState(), isUnended: false }
    this.settled = window.copy()
  }

  isFull(batchBytes: number): boolean {
    return this.bytes >= batchBytes || this.records.length >= maxBatchRecords
  }

  batch(rest: Partial<ReadBatch>): ReadBatch {
    const { records, byteOffset, lineCount, state } = this
    this.records = []
    this.bytes = 0
    const cursor = { byteOffset, lineCount, prefixHash: this.settled.hash(), state: structuredClone(state) }
    return { records, cursor, ...rest }
  }

  /** Gives what it leaves, when the line is not whole yet. */
  take(line: Line): ReadBatch['pending'] {
    const isContinued = this.state.isUnended
    if (!isContinued) this.lineCount++
    const isTaken = line.bytes ? this.parse(line, line.bytes, isContinued) : this.passOver(line)
    if (!isTaken) {
      if (!isContinued) this.lineCount--
      return { byteOffset: line.byteOffset, bytes: line.byteLength }
    }
    this.state.isUnended = !line.isEnded
    this.byteOffset = line.byteOffset + line.byteLength + (line.isEnded ? 1 : 0)
    this.bytes += line.byteLength
    this.settled = this.window.copy()
    return undefined
  }

  private passOver({ byteOffset, byteLength, isEnded }: Line): boolean {
    if (isEnded) this.addEmpty(byteOffset, { oversizedLines: 1, oversizedBytes: byteLength })
    return isEnded
  }

  private parse({ byteOffset, isEnded }: Line, bytes: Buffer, isContinued: boolean): boolean {
    const isRecord = (value: JsonRecord) => this.flavor.isRecord(value)
    const parsed = parseLine(bytes, { isFirst: byteOffset === 0, isRecord })
    const isMalformed = parsed.isMalformed || (isContinued && !parsed.isBlank)
    if (!isEnded && (isMalformed || parsed.isBlank)) return false
    // The record before, on the same line, was taken for all of it.
    if (isMalformed) this.addEmpty(byteOffset, { malformedLines: 1, ...(isContinued && { records: -1, recovered: 1 }) })
    for (const { value, text } of parsed.objects) {
      const parts = this.flavor.interpret(value, this.state.flavor, ownKey(text, byteOffset))
      this.add(byteOffset, parts, isMalformed ? { recovered: 1 } : { records: 1 })
    }
    return true
  }

  private add(byteOffset: number, { isUnknown, ...parts }: RecordParts, counts: Partial<RecordCounts>): void {
    const place = { byteOffset, line: this.lineCount }
    this.records.push({ ...parts, place, counts: countsOf({ ...counts, unknownTypes: isUnknown ? 1 : 0 }) })
  }

  private addEmpty(byteOffset: number, counts: Partial<RecordCounts>): void {
    const sessionId = this.flavor.sessionId(this.state.flavor)
    this.add(byteOffset, { sourceKey: `line@${byteOffset}`, sessionId, events: [] }, counts)
  }
}

/** Of the text and its offset: counting repeats of the text alone would take the memory of all lines. */
function ownKey(text: string, byteOffset: number): string {
  return `${createHash('sha256').update(text.trim()).digest('hex').slice(0, 16)}@${byteOffset}`
}
