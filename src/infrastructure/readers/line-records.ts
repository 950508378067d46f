import { recordKeyAt } from '../../domain/native-ids.js'
import { noCounts } from '../../domain/transcripts/transcript.js'
import type {
  ReadBatch,
  ReadCursor,
  ReadOptions,
  RecordCounts,
  TranscriptRecord,
} from '../../domain/transcripts/transcript-reader.js'
import { withoutUndefined } from './draft-events.js'
import { type FileBytes, PrefixWindow, windowOver } from './file-bytes.js'
import { type JsonRecord, type ObjectInLine, parseLine } from './json-line.js'
import { type Line, linesOf } from './jsonl-stream.js'

/** What a flavor makes of one record; the rest follows from where it stands. */
export type RecordParts = Omit<TranscriptRecord, 'place' | 'counts'> & {
  isUnknown?: boolean
  /** Of a file that only adds to what another one tells: it is not counted among the records. */
  isAside?: boolean
}

/** One flavor's way with lines. `State` is plain JSON and travels in the cursor. */
export interface LineFlavor<State> {
  newState(): State
  /** Tells a record, in a line that went wrong, from an object inside of one. */
  isRecord(value: JsonRecord): boolean
  /** Tells a line that is not worth parsing, by its bytes. */
  isIgnored?(bytes: Buffer): boolean
  /** Whose a line is that says nothing. */
  sessionId(state: State): string
  /** May change `state`. `ownKey` is the identity of a record that has none of its own. */
  interpret(value: JsonRecord, state: State, ownKey: () => string): RecordParts
}

interface LineState<State> {
  flavor: State
  /** The last line read was whole and not ended: how many records it was counted for; more of it may come. */
  unended: number | null
}

const defaults: Required<ReadOptions> = {
  ...{ maxLineBytes: 16 * 1024 * 1024, batchBytes: 1024 * 1024, comparesAll: false },
}
const maxBatchRecords = 1000

export const countsOf = (some: Partial<RecordCounts>): RecordCounts => ({ ...noCounts, ...some })
/** Of nearly every record, so that they share them. */
const readOne = countsOf({ records: 1 })
const recoveredOne = countsOf({ recovered: 1 })

/** Reads a file of JSON lines from the cursor to the end, as `TranscriptReader.read` promises. */
export async function* readLines<State>(
  bytes: FileBytes,
  flavor: LineFlavor<State>,
  cursor?: ReadCursor,
  options?: ReadOptions,
): AsyncGenerator<ReadBatch> {
  const { maxLineBytes, batchBytes, comparesAll } = { ...defaults, ...withoutUndefined({ ...options }) }
  const window = cursor ? await windowBefore(bytes, cursor, comparesAll) : new PrefixWindow()
  if (cursor && !window.isAt(cursor)) return yield rewritten(flavor)
  const reading = new LineReading(flavor, window, cursor)
  const { byteOffset } = reading
  for await (const line of linesOf(bytes.from(byteOffset), window, { byteOffset, maxLineBytes })) {
    if (!reading.take(line)) return yield reading.batch(openLine(line))
    if (reading.isFull(batchBytes)) yield reading.batch({})
  }
  yield reading.batch({})
}

/** Whether what was read before the cursor is no longer what it was. */
export async function isRewritten(bytes: FileBytes, cursor: ReadCursor, comparesAll = false): Promise<boolean> {
  return !(await windowBefore(bytes, cursor, comparesAll)).isAt(cursor)
}

const windowBefore = (bytes: FileBytes, cursor: ReadCursor, comparesAll: boolean) =>
  comparesAll ? windowOver(bytes.from(0), cursor.byteOffset) : bytes.windowAt(cursor)

function openLine({ byteOffset, byteLength, bytes }: Line): Partial<ReadBatch> {
  const isBlank = bytes?.toString('latin1').trim() === ''
  return isBlank ? {} : { pending: { byteOffset, bytes: byteLength } }
}

function rewritten<State>(flavor: LineFlavor<State>): ReadBatch {
  return new LineReading(flavor, new PrefixWindow()).batch({ isRewritten: true })
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
      : { flavor: flavor.newState(), unended: null }
    this.settled = window.copy()
  }

  isFull(batchBytes: number): boolean {
    return this.bytes >= batchBytes || this.records.length >= maxBatchRecords
  }

  batch(rest: Partial<ReadBatch>): ReadBatch {
    const { records, byteOffset, lineCount, state } = this
    this.records = []
    this.bytes = 0
    const cursor = { byteOffset, lineCount, ...this.settled.hashes(), state: structuredClone(state) }
    return { records, cursor, ...rest }
  }

  /** False when the line is not whole yet: it is left as it is. */
  take(line: Line): boolean {
    const { byteOffset, byteLength, bytes, isEnded } = line
    const isContinued = this.state.unended !== null
    if (!isContinued) this.lineCount++
    const isTaken = bytes ? this.parse(line, bytes) : this.passOver(line)
    if (!isTaken) {
      if (!isContinued) this.lineCount--
      return false
    }
    if (isEnded) this.state.unended = null
    this.byteOffset = byteOffset + byteLength + (isEnded ? 1 : 0)
    this.bytes += byteLength
    this.settled = this.window.copy()
    return true
  }

  private passOver({ byteOffset, byteLength, isEnded }: Line): boolean {
    if (isEnded) this.addEmpty(byteOffset, { oversizedLines: 1, oversizedBytes: byteLength })
    return isEnded
  }

  private parse({ byteOffset, isEnded }: Line, bytes: Buffer): boolean {
    if (isEnded && this.flavor.isIgnored?.(bytes)) return true
    const isRecord = (value: JsonRecord) => this.flavor.isRecord(value)
    const { isBlank, isMalformed, objects } = parseLine(bytes, { isFirst: byteOffset === 0, isRecord })
    if (isBlank) return isEnded
    const isBad = isMalformed || this.state.unended !== null
    if (isBad && !isEnded) return false
    if (isBad) this.addMalformed(byteOffset)
    this.addObjects(byteOffset, objects, isBad)
    return true
  }

  private addObjects(byteOffset: number, objects: ObjectInLine[], isBad: boolean): void {
    for (const { value, text, byteOffset: within } of objects) {
      const parts = this.flavor.interpret(value, this.state.flavor, () => recordKeyAt(text, byteOffset + within))
      this.state.unended = parts.isAside ? 0 : 1
      this.add(byteOffset, parts, isBad ? recoveredOne : readOne)
    }
  }

  /** The record before, on the same line, was taken for all of it. */
  private addMalformed(byteOffset: number): void {
    const { unended } = this.state
    this.addEmpty(byteOffset, { malformedLines: 1, ...(unended !== null && { records: -unended, recovered: 1 }) })
  }

  private add(byteOffset: number, parts: RecordParts, told: RecordCounts): void {
    const { isUnknown, isAside } = parts
    const place = { byteOffset, line: this.lineCount }
    const isPlain = !isUnknown && !isAside
    const counts = isPlain ? told : { ...told, ...(isAside && { records: 0 }), unknownTypes: isUnknown ? 1 : 0 }
    this.records.push(Object.assign(parts, { place, counts }))
  }

  private addEmpty(byteOffset: number, counts: Partial<RecordCounts>): void {
    const sessionId = this.flavor.sessionId(this.state.flavor)
    this.add(byteOffset, { sourceKey: `line@${byteOffset}`, sessionId, events: [] }, countsOf(counts))
  }
}
