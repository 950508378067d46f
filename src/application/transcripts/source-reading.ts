import { isHansardError } from '../../domain/errors.js'
import type {
  KnownSource,
  SourceLink,
  SourceNames,
  TranscriptBatch,
} from '../../domain/transcripts/ingest-repository.js'
import type {
  ReadBatch,
  ReadCursor,
  ReadOptions,
  TranscriptReader,
  TranscriptSource,
} from '../../domain/transcripts/transcript-reader.js'
import type { TextGate } from './redacting.js'
import type { SeenFile } from './seen-files.js'
import { ToldRows } from './told-rows.js'
import type { TranscriptServiceParts } from './transcript-service-parts.js'

/** So much is held at once, and stored in one transaction. */
const batchBytes = 2 * 1024 * 1024

/** Of a source that is to be looked at again, whatever its size. */
const unknownSize: SeenFile = { size: -1, mtimeMs: 0 }

/** What keeps a reader from going on lies in the source: a frame or a page that is no longer whole, a file that is gone. */
export class UnreadableSource extends Error {
  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
  }
}

/** What is known of a source; moved is one that is known under another name. */
interface SourceState {
  known: { source: KnownSource; links: SourceLink[] } | undefined
  isMoved: boolean
  again: boolean
}

/** Reads one source from where the store left it, batch by batch. */
export class SourceReading {
  private source: KnownSource
  private links = new Map<string, SourceLink>()
  private rows: ToldRows
  private after: string | undefined
  private isFromStart: boolean
  private isTelling = false
  private isMoved: boolean
  private readonly bringsBack: boolean

  constructor(
    private readonly parts: Pick<TranscriptServiceParts, 'newId'>,
    private readonly reader: TranscriptReader,
    private readonly gate: TextGate,
    found: TranscriptSource,
    { known, isMoved, again }: SourceState,
  ) {
    this.after = known?.source.batchId
    this.isMoved = isMoved
    this.isTelling = isMoved
    this.bringsBack = again
    this.source = known ? sourceAsFound(known.source, found, again) : newSource(found, parts.newId())
    this.isFromStart = known !== undefined && this.source.cursor === undefined
    if (known && !this.isFromStart) for (const link of known.links) this.links.set(link.nativeId, link)
    this.rows = this.newRows()
  }

  /** The last one alone makes the source known by its size and time. */
  async *batches(seen: SeenFile): AsyncGenerator<TranscriptBatch> {
    let last: ReadBatch | undefined
    // A file that was written to and did not grow was not merely added to; a moved one was compared when it was found.
    const comparesAll = !this.isMoved && seen.size <= this.source.size
    try {
      for await (const batch of this.read({ batchBytes, comparesAll })) {
        if (last) yield this.stored(last, unknownSize)
        last = batch
      }
    } catch (error) {
      // What was read before is kept, lest every run that follows should end here again.
      if (last && error instanceof UnreadableSource) yield this.stored(last, unknownSize)
      throw error
    }
    if (last) yield this.stored(last, seen)
  }

  /** Nothing more can be read of it: why. */
  failed(lastError: string): TranscriptBatch {
    return this.untold({ ...unknownSize, lastError })
  }

  /** It is no transcript; known by its size and time, it is not opened again. */
  passedOver(seen: SeenFile): TranscriptBatch {
    return this.untold({ ...seen, lastError: null })
  }

  /** Of what was told before nothing is forgotten until something is told in its place. */
  private untold(changes: Partial<KnownSource>): TranscriptBatch {
    this.isFromStart = false
    return this.batch(changes)
  }

  private async *read(options: ReadOptions): AsyncGenerator<ReadBatch> {
    const { source, cursor } = this.source
    try {
      for await (const batch of this.reader.read(source, cursor, options)) {
        if (batch.isRewritten) return yield* this.readAnew()
        yield batch
      }
    } catch (error) {
      throw isHansardError(error) ? error : new UnreadableSource(error)
    }
  }

  private readAnew(): AsyncIterable<ReadBatch> {
    this.source = { ...this.source, cursor: undefined, generation: this.source.generation + 1 }
    this.isFromStart = true
    this.isTelling = true
    this.links = new Map()
    this.rows = this.newRows()
    return this.reader.read(this.source.source, undefined, { batchBytes })
  }

  private newRows(): ToldRows {
    return new ToldRows(this.source.source.flavor, this.links, this.gate, this.parts.newId)
  }

  private stored({ records, cursor, pending }: ReadBatch, seen: SeenFile): TranscriptBatch {
    for (const record of records) this.rows.take(record)
    const isPending = pending !== undefined
    // Of a file that is read from its start nothing of before is pending any more.
    const wasPending = this.source.isPending && !this.isFromStart
    if (isPending || wasPending) this.rows.linkOf(this.source.source.sessionId)
    this.isTelling ||= records.length > 0 || isPending !== wasPending
    return this.batch({ ...seen, cursor: this.kept(cursor), isPending, lastError: null })
  }

  private batch(changes: Partial<KnownSource>): TranscriptBatch {
    const { after, isMoved, isFromStart, bringsBack, isTelling } = this
    this.source = { ...this.source, ...changes, batchId: this.parts.newId() }
    this.after = this.source.batchId
    this.isMoved = false
    this.isFromStart = false
    this.isTelling = false
    const { links, ...rows } = this.rows.drain()
    return {
      source: this.source,
      names: this.names(),
      after,
      isMoved,
      isFromStart,
      bringsBack,
      isTelling,
      // A moved source brings along all that it told before.
      links: structuredClone(isMoved ? [...this.links.values()] : links),
      ...rows,
    }
  }

  private names(): SourceNames {
    const { source, lastError } = this.source
    return {
      id: this.gate.name(source.id),
      path: this.gate.name(source.path),
      nativeId: this.rows.idOf(source.sessionId),
      refusal: this.gate.nameOrNull(source.refusal),
      lastError: this.gate.nameOrNull(lastError ?? undefined),
    }
  }

  /** What a reader remembers may hold a secret: then nothing is kept, and the source is read anew. */
  private kept(cursor: ReadCursor): ReadCursor | undefined {
    const text = JSON.stringify(cursor)
    return this.gate.pass(text, {}) === text ? cursor : undefined
  }
}

/** To be read on, or from its start, whatever was read of it before. */
function sourceAsFound(known: KnownSource, source: TranscriptSource, again: boolean): KnownSource {
  if (!again) return { ...known, source }
  return { ...known, source, cursor: undefined, generation: known.generation + (known.cursor ? 1 : 0) }
}

function newSource(source: TranscriptSource, id: string): KnownSource {
  const state = { ...unknownSize, cursor: undefined, generation: 1, isPending: false, lastError: null }
  return { id, source, ...state, batchId: '' }
}
