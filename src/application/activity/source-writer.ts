import { ActivitySource } from '../../domain/activity/activity-event.js'
import type { NewEvent } from '../../domain/activity/activity-repository.js'
import type { SourceBatch, SourceStatement } from '../../domain/activity/activity-source-repository.js'
import { sha256 } from '../../domain/canonical-json.js'
import { isHansardError } from '../../domain/errors.js'
import type { ActivityServiceParts } from './activity-service-parts.js'
import type { BackfillTally } from './backfill-tally.js'
import { UnreadablePiece } from './frontmatter.js'
import { newEvent } from './new-events.js'
import { redactedBatch } from './redacted-events.js'
import { type EventReading, fittingId, type Reading } from './source-reading.js'

/** Rows after which a batch is stored; one line more, of several tool calls, keeps it below 200. */
const enoughRows = 150
/** Rejects that are kept of one reading of a file; more are only counted. */
const maxRejects = 1_000
const maxReasonLength = 500
const maxExcerptLength = 200
/** An instant still goes behind it. */
const maxLaterLength = 220

type Cursor = Pick<ActivitySource, 'byteOffset' | 'lineCount' | 'prefixHash'>
type Whole = Pick<ActivitySource, 'size' | 'mtimeMs'>
type Identity = Pick<ActivitySource, 'kind' | 'path'> & Pick<SourceBatch, 'isAgain'>

/** As though it had not been read yet, under its id. */
export const forgotten = (known: ActivitySource): ActivitySource =>
  Object.assign(new ActivitySource(), known, {
    ...{ size: -1, mtimeMs: 0, byteOffset: 0, lineCount: 0 },
    ...{ prefixHash: '', lastError: null },
  })

export const pathHashOf = (path: string): string => sha256(path)

/** Gathers what one file tells, and stores it together with how far the file was read. */
export class SourceWriter {
  readonly source: ActivitySource
  private statements: SourceStatement[] = []
  private rejects: SourceBatch['rejects'] = []
  private rejected = 0
  private lastError: string | null = null

  constructor(
    private readonly parts: ActivityServiceParts,
    private readonly tally: BackfillTally,
    private readonly identity: Identity,
    known: ActivitySource | undefined,
    private isFromStart = false,
  ) {
    this.source = Object.assign(new ActivitySource(), known ?? newSource(parts, identity))
    if (known && isFromStart && known.prefixHash !== '') this.source.generation++
  }

  get isFull(): boolean {
    return this.statements.length + this.rejects.length >= enoughRows
  }

  /** Takes one reading, or rejects the piece that it was to be of. */
  take(read: () => Reading, piece: { place: string; text: string; writtenAt: Date }): void {
    try {
      const reading = read()
      const isOutcome = 'outcome' in reading
      this.statements.push(isOutcome ? reading : this.statementOf(reading, piece.writtenAt))
    } catch (error) {
      const isExpected = error instanceof UnreadablePiece || isHansardError(error)
      if (!isExpected) throw error
      this.reject(piece.place, error.message, piece.text)
    }
  }

  private statementOf({ event, laterNativeId }: EventReading, writtenAt: Date): SourceStatement {
    const told = this.eventOf(event, writtenAt)
    if (laterNativeId === undefined) return { event: told }
    const later = { ...event, ts: undefined, nativeId: fittingId(laterNativeId, maxLaterLength) }
    return { event: told, later: this.eventOf(later, writtenAt) }
  }

  /** What names no time happened when its file was last written, as far as anyone knows. */
  private eventOf(event: EventReading['event'], writtenAt: Date): NewEvent {
    if (event.ts !== undefined) return newEvent(event, '', this.parts)
    const payload = { ...event.payload, tsFrom: 'file' }
    return { ...newEvent({ ...event, payload, ts: writtenAt }, '', this.parts), hasOwnTs: false }
  }

  reject(place: string, reason: string, text?: string): void {
    this.tally.failed++
    this.rejected++
    const told = storable(reason, maxReasonLength)
    this.lastError = `${this.rejected} rejected; the last at ${place}: ${told}`
    if (this.rejected > maxRejects) return
    const excerpt = text === undefined ? null : storable(text, maxExcerptLength)
    this.rejects.push({ id: this.parts.newId(), place, reason: told, excerpt })
  }

  /** Stores what was gathered. A file that was not read to its end is not known by its size and time. */
  async store(cursor: Cursor, whole: Whole = { size: cursor.byteOffset, mtimeMs: 0 }): Promise<void> {
    const { byteOffset, lineCount, prefixHash } = cursor
    Object.assign(this.source, { byteOffset, lineCount, prefixHash, lastError: this.lastError })
    await this.save(whole)
  }

  /** The content is what it was: only what the file is known by has changed. */
  touch(seen: Whole): Promise<void> {
    return this.save(seen)
  }

  private async save({ size, mtimeMs }: Whole): Promise<void> {
    Object.assign(this.source, { size, mtimeMs, updatedAt: this.parts.clock() })
    const { source, isFromStart, statements, rejects } = this
    const told = { source, isFromStart, isAgain: this.identity.isAgain, statements, rejects }
    const batch = await redactedBatch(told, this.parts)
    this.tally.add(await this.parts.calls.accept(() => this.parts.sources.save(batch)))
    this.isFromStart = false
    this.statements = []
    this.rejects = []
  }
}

function newSource({ namespace, newId, clock }: ActivityServiceParts, { kind, path }: Identity): ActivitySource {
  const place = { kind, path, pathHash: pathHashOf(path) }
  const cursor = { size: 0, mtimeMs: 0, byteOffset: 0, lineCount: 0, prefixHash: sha256('') }
  const rest = { generation: 1, lastError: null, updatedAt: clock() }
  return Object.assign(new ActivitySource(), { id: newId(), namespace, ...place, ...cursor, ...rest })
}

/** Text that both databases take. */
function storable(text: string, length: number): string {
  return text.slice(0, length).toWellFormed().replaceAll('\u0000', '\u2400')
}
