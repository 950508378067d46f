import { randomBytes } from 'node:crypto'
import { isHansardError } from '../../domain/errors.js'
import { createRedactor } from '../../domain/redaction.js'
import { addFigures, noFigures } from '../../domain/transcripts/transcript.js'
import type { IngestedTranscript, IngestOptions, IngestReport } from '../../domain/transcripts/transcript-ingest.js'
import type { TranscriptReader, TranscriptSource } from '../../domain/transcripts/transcript-reader.js'
import type { KnownSource, TranscriptBatch } from '../../domain/transcripts/transcript-repository.js'
import { analyzeTranscripts } from './analyzing.js'
import { TextGate } from './redacting.js'
import { type SeenFile, seenOf } from './seen-files.js'
import { SourceReading, UnreadableSource } from './source-reading.js'
import type { TranscriptServiceParts } from './transcript-service-parts.js'

/** Rows after which what was gathered of several sources is stored. */
const enoughRows = 2_000
const enoughSources = 100
/** Transcripts that are put in order at once. */
const settledAtOnce = 100
const maxTries = 5

/** Reads every source as far as it was not read before; one that cannot be read is told of and stops nothing. */
export async function ingestTranscripts(parts: TranscriptServiceParts, options: IngestOptions): Promise<IngestReport> {
  const gate = await gateOf(parts, options)
  return new IngestRun(parts, gate, options).run()
}

async function gateOf({ calls, ingest }: TranscriptServiceParts, { redact = true }: IngestOptions): Promise<TextGate> {
  if (!redact) return new TextGate(undefined)
  const key = await calls.accept(() => ingest.redactionKey(randomBytes(32).toString('hex')))
  return new TextGate(createRedactor({ key }))
}

class IngestRun {
  private readonly report: IngestReport = {
    sources: { found: 0, read: 0, unchanged: 0, refused: [], failed: [] },
    transcripts: [],
    totals: noFigures(),
  }
  private readonly changed = new Map<string, IngestedTranscript>()
  private waiting: TranscriptBatch[] = []
  private waitingRows = 0
  private sourcesDone = 0
  private bytesDone = 0
  private readSinceSettled = 0
  /** Read on by somebody else at the same time: to be read again. */
  private overtaken = new Map<string, TranscriptSource>()
  /** The source that was just found as it was. */
  private unchanged: TranscriptSource | undefined

  constructor(
    private readonly parts: TranscriptServiceParts,
    private readonly gate: TextGate,
    private readonly options: IngestOptions,
  ) {}

  async run(): Promise<IngestReport> {
    const { readers } = this.parts
    const { flavors = readers.map(({ flavor }) => flavor) } = this.options
    for (const reader of readers.filter(({ flavor }) => flavors.includes(flavor))) await this.readAll(reader)
    await this.flush()
    await this.readOvertaken()
    await this.settle()
    await analyzeTranscripts(this.parts)
    const transcripts = [...this.changed.values()]
    const totals = transcripts.reduce(
      (sum, { uid: _, flavor: __, ...figures }) => addFigures(sum, figures),
      noFigures(),
    )
    return { ...this.report, transcripts, totals }
  }

  private async readAll(reader: TranscriptReader): Promise<void> {
    const surroundings = { ...this.parts.surroundings(), ...(this.options.paths && { paths: this.options.paths }) }
    const known = (path: string) => this.parts.calls.accept(() => this.unchangedAt(path))
    for await (const each of reader.discover({ ...surroundings, known })) {
      const found = this.asNamed(each)
      this.report.sources.found++
      if (found.refusal) this.report.sources.refused.push({ path: found.path, reason: found.refusal })
      if (each !== this.unchanged) await this.readOne(reader, found)
      else if (!found.refusal) this.report.sources.unchanged++
      this.sourcesDone++
      this.options.onProgress?.({ path: found.path, sourcesDone: this.sourcesDone, bytesDone: this.bytesDone })
    }
  }

  private asNamed(found: TranscriptSource): TranscriptSource {
    const { refusal: _, isReadIfNamed, ...source } = found
    return isReadIfNamed && this.options.paths?.includes(found.path) ? source : found
  }

  /** So that a file that was read before need not be opened to know whose it is. */
  private async unchangedAt(path: string): Promise<TranscriptSource | undefined> {
    const known = await this.parts.ingest.findSourceAt(path)
    if (!known) return undefined
    const seen = await seenOf(known.source).catch(() => undefined)
    this.unchanged = seen && isUnchanged(known, seen) ? known.source : undefined
    return this.unchanged
  }

  private async readOne(reader: TranscriptReader, found: TranscriptSource): Promise<void> {
    const { calls, ingest } = this.parts
    const known = await calls.accept(() => ingest.findSource(found.flavor, found.id))
    const links = known ? await calls.accept(() => ingest.findLinks(known.id)) : []
    const reading = new SourceReading(this.parts, reader, this.gate, found, known && { source: known, links })
    try {
      const seen = await seenOf(found)
      this.bytesDone += seen.size
      if (found.refusal) return await this.take(reading.passedOver(seen))
      if (known && isUnchanged(known, seen)) {
        this.report.sources.unchanged++
        return
      }
      for await (const batch of reading.batches(seen)) await this.take(batch)
      this.report.sources.read++
    } catch (error) {
      if (!isFileError(error)) throw error
      this.report.sources.failed.push({ path: found.path, reason: error.message })
      await this.take(reading.failed(error.message))
    }
    this.readSinceSettled++
    if (this.readSinceSettled >= settledAtOnce) await this.settle()
  }

  /** Two batches of one source never wait together: the second may tell the same event again. */
  private async take(batch: TranscriptBatch): Promise<void> {
    if (this.waiting.some(({ source }) => source.id === batch.source.id)) await this.flush()
    this.waiting.push(batch)
    this.waitingRows += batch.events.length + batch.usages.length
    if (this.waitingRows >= enoughRows || this.waiting.length >= enoughSources) await this.flush()
  }

  private async flush(): Promise<void> {
    const { waiting } = this
    this.waiting = []
    this.waitingRows = 0
    if (waiting.length === 0) return
    const { calls, ingest, clock } = this.parts
    const overtaken = await calls.accept(() => ingest.save(waiting, clock(), this.gate.version))
    for (const { source } of waiting) {
      if (overtaken.includes(source.id)) this.overtaken.set(source.source.id, source.source)
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
      await this.flush()
    }
  }

  private async settle(): Promise<void> {
    await this.flush()
    this.readSinceSettled = 0
    const { calls, ingest, clock } = this.parts
    for (;;) {
      const ids = await calls.accept(() => ingest.unsettled(settledAtOnce))
      if (ids.length === 0) return
      for (const { uid, figures } of await calls.accept(() => ingest.settle(ids, clock()))) {
        this.changed.set(uid, { uid, flavor: uid.slice(0, uid.indexOf(':')), ...figures })
      }
    }
  }
}

const isUnchanged = (known: KnownSource, { size, mtimeMs }: SeenFile) =>
  known.size === size && known.mtimeMs === mtimeMs && known.lastError === null

const isFileError = (error: unknown): error is Error =>
  error instanceof UnreadableSource || (error instanceof Error && !isHansardError(error) && 'syscall' in error)
