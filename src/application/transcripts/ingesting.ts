import { isHansardError } from '../../domain/errors.js'
import type { KnownSource, SettledTranscript, TranscriptBatch } from '../../domain/transcripts/ingest-repository.js'
import { addFigures, noFigures } from '../../domain/transcripts/transcript.js'
import type { IngestedTranscript, IngestOptions, IngestReport } from '../../domain/transcripts/transcript-ingest.js'
import type { Surroundings, TranscriptReader, TranscriptSource } from '../../domain/transcripts/transcript-reader.js'
import { analyzeTranscripts, renewDigests } from './analyzing.js'
import { BatchQueue, rowsOf } from './batch-queue.js'
import { earlierSource } from './earlier-sources.js'
import { gateOf, TextGate } from './redacting.js'
import { isUnchanged, type SeenFile, seenOf, UnchangedSources } from './seen-files.js'
import { settleAll, settledAtOnce } from './settling.js'
import { SourceReading, UnreadableSource } from './source-reading.js'
import { storedId } from './stored-keys.js'
import type { TranscriptServiceParts } from './transcript-service-parts.js'

/** Events and responses that are put in order at a time, whole sources at least. */
const enoughUnsettled = 50_000
const maxTries = 5

/** Reads every source as far as it was not read before; one that cannot be read is told of and stops nothing. */
export async function ingestTranscripts(
  parts: TranscriptServiceParts,
  options: IngestOptions,
  onSource?: (source: TranscriptSource) => void,
): Promise<IngestReport> {
  const gate = options.redact === false ? new TextGate(undefined) : await gateOf(parts)
  return new IngestRun(parts, gate, options, onSource).run()
}

class IngestRun {
  private readonly report: IngestReport = {
    isInterrupted: false,
    sources: { found: 0, read: 0, unchanged: 0, refused: [], failed: [] },
    digests: { renewed: 0, outdated: 0 },
    transcripts: [],
    totals: noFigures(),
  }
  private readonly changed = new Map<string, IngestedTranscript>()
  private readonly found = new Set<string>()
  private readonly queue = new BatchQueue((batches) => this.save(batches))
  private sourcesDone = 0
  private bytesDone = 0
  private unsettled = { sources: 0, rows: 0 }
  /** Read on by somebody else at the same time: to be read again. */
  private overtaken = new Map<string, TranscriptSource>()
  private readonly unchanged: UnchangedSources

  constructor(
    private readonly parts: TranscriptServiceParts,
    private readonly gate: TextGate,
    private readonly options: IngestOptions,
    private readonly onSource?: (source: TranscriptSource) => void,
  ) {
    this.unchanged = new UnchangedSources(parts, options.paths)
  }

  async run(): Promise<IngestReport> {
    const { readers } = this.parts
    const { flavors = readers.map(({ flavor }) => flavor) } = this.options
    for (const reader of readers.filter(({ flavor }) => flavors.includes(flavor))) await this.readAll(reader)
    await this.queue.flush()
    await this.readOvertaken()
    await this.settle()
    if (!this.isEnded) await this.revalue()
    if (!this.isEnded) await analyzeTranscripts(this.parts)
    this.report.digests = await renewDigests(this.parts, this.options.signal)
    return this.told()
  }

  /** Nothing more is begun: what is left undone is found by the next run. */
  private get isEnded(): boolean {
    return this.options.signal?.aborted ?? false
  }

  private told(): IngestReport {
    const transcripts = [...this.changed.values()]
    const totals = transcripts.reduce(
      (sum, { uid: _, flavor: __, ...figures }) => addFigures(sum, figures),
      noFigures(),
    )
    return { ...this.report, isInterrupted: this.isEnded, transcripts, totals }
  }

  private async readAll(reader: TranscriptReader): Promise<void> {
    for await (const each of reader.discover(this.surroundings())) {
      if (this.isEnded) return
      const found = this.asNamed(each)
      if (this.isFoundAgain(found)) continue
      this.report.sources.found++
      if (found.failure !== undefined) {
        this.report.sources.failed.push({ path: found.path, reason: found.failure })
        continue
      }
      this.onSource?.(found)
      if (found.refusal) this.report.sources.refused.push({ path: found.path, reason: found.refusal })
      if (!this.unchanged.has(each)) await this.readOne(reader, found)
      else if (!found.refusal) this.report.sources.unchanged++
      this.sourcesDone++
      this.tell(found, 0)
    }
  }

  private surroundings(): Surroundings {
    const { paths, again } = this.options
    const known = (some: readonly string[]) => this.unchanged.at(some)
    return { ...this.parts.surroundings(), ...(paths && { paths }), ...(!again && { known }) }
  }

  private tell({ path }: TranscriptSource, bytesOfIt: number): void {
    const { sourcesDone, bytesDone } = this
    this.options.onProgress?.({ path, sourcesDone, bytesDone: bytesDone + bytesOfIt })
  }

  /** Paths may lie in one another, and a file that cannot be looked at may be of any flavor. */
  private isFoundAgain({ flavor, id, failure }: TranscriptSource): boolean {
    const key = failure === undefined ? `${flavor} ${id}` : id
    const isAgain = this.found.has(key)
    this.found.add(key)
    return isAgain
  }

  private asNamed(found: TranscriptSource): TranscriptSource {
    const { refusal: _, isReadIfNamed, ...source } = found
    return isReadIfNamed && this.options.paths?.includes(found.path) ? source : found
  }

  private async readOne(reader: TranscriptReader, found: TranscriptSource): Promise<void> {
    const { calls, ingest } = this.parts
    const known = await calls.accept(() => ingest.findSource(found.flavor, found.id))
    const reading = await this.readingOf(reader, found, known)
    try {
      const seen = await seenOf(found)
      if (found.refusal) return await this.take(reading.passedOver(seen))
      if (this.isDone(known, seen)) {
        this.report.sources.unchanged++
        return
      }
      await this.readBatches(found, reading, seen)
    } catch (error) {
      if (!isFileError(error)) throw error
      this.report.sources.failed.push({ path: found.path, reason: error.message })
      await this.take(reading.failed(error.message))
    }
    this.unsettled.sources++
    if (this.unsettled.sources >= settledAtOnce || this.unsettled.rows >= enoughUnsettled) await this.settle()
  }

  private async readingOf(reader: TranscriptReader, found: TranscriptSource, known: KnownSource | undefined) {
    const { calls, ingest } = this.parts
    const earlier = known || found.refusal ? undefined : await this.earlier(reader, found)
    const source = known ?? earlier
    const links = source ? await calls.accept(() => ingest.findLinks(source.id)) : []
    const { again = false } = this.options
    const state = { known: source && { source, links }, isMoved: earlier !== undefined, again }
    return new SourceReading(this.parts, reader, this.gate, found, state)
  }

  private earlier(reader: TranscriptReader, source: TranscriptSource): Promise<KnownSource | undefined> {
    const isThere = ({ flavor, id }: TranscriptSource) => this.found.has(`${flavor} ${id}`)
    return earlierSource(this.parts, { source, nativeId: storedId(this.gate, source.sessionId), reader, isThere })
  }

  private isDone(known: KnownSource | undefined, seen: SeenFile): boolean {
    return !this.options.again && known !== undefined && !known.source.refusal && isUnchanged(known, seen)
  }

  private async readBatches(found: TranscriptSource, reading: SourceReading, seen: SeenFile): Promise<void> {
    for await (const batch of reading.batches(seen)) {
      await this.take(batch)
      // The batch before the last one does not make the source known, so that it is gone on with.
      if (this.isEnded) return
      this.tell(found, Math.min(seen.size, batch.source.cursor?.byteOffset ?? 0))
    }
    this.bytesDone += seen.size
    this.report.sources.read++
  }

  private async take(batch: TranscriptBatch): Promise<void> {
    this.unsettled.rows += rowsOf(batch)
    await this.queue.add(batch)
  }

  private async save(batches: TranscriptBatch[]): Promise<void> {
    const { calls, ingest, clock } = this.parts
    const { gate, options } = this
    const overtaken = await calls.accept(() => ingest.save(batches, clock(), gate.version, options.activity))
    for (const { source } of batches) {
      if (overtaken.includes(source.batchId)) this.overtaken.set(source.source.id, source.source)
    }
  }

  private async readOvertaken(): Promise<void> {
    for (let tries = 0; this.overtaken.size > 0 && tries < maxTries; tries++) {
      const again = [...this.overtaken.values()]
      this.overtaken.clear()
      for (const found of again) {
        const reader = this.parts.readers.find(({ flavor }) => flavor === found.flavor)
        if (reader) await this.readOne(reader, found)
      }
      await this.queue.flush()
    }
  }

  private async settle(): Promise<void> {
    await this.queue.flush()
    this.unsettled = { sources: 0, rows: 0 }
    const onSettled = ({ uid, figures, isOther }: SettledTranscript) => {
      if (isOther && !this.changed.has(uid)) return
      this.changed.set(uid, { uid, flavor: uid.slice(0, uid.indexOf(':')), ...figures })
    }
    await settleAll(this.parts, onSettled, { signal: this.options.signal })
  }

  /** The settings of the store may have changed since. */
  private async revalue(): Promise<void> {
    const { calls, ingest } = this.parts
    for (;;) {
      const ids = await calls.accept(() => ingest.unvalued(settledAtOnce))
      if (ids.length === 0) return
      await calls.accept(() => ingest.revalue(ids))
    }
  }
}

const isFileError = (error: unknown): error is Error =>
  error instanceof UnreadableSource || (error instanceof Error && !isHansardError(error) && 'syscall' in error)
