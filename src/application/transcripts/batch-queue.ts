import type { TranscriptBatch } from '../../domain/transcripts/ingest-repository.js'

/** Small sources share a commit, large ones do not wait in memory, and nobody waits long for the connection. */
const enough = { rows: 2_000, characters: 4 * 1024 * 1024, batches: 400 }

export const rowsOf = ({ events, usages }: TranscriptBatch): number => events.length + usages.length

/** What was gathered of several sources, until it is enough to be stored together. */
export class BatchQueue {
  private waiting: TranscriptBatch[] = []
  private sources = new Set<string>()
  private rows = 0
  private characters = 0

  constructor(private readonly save: (batches: TranscriptBatch[]) => Promise<void>) {}

  /**
   * Two batches of one source never wait together: the second may tell the same event again. A source that
   * was found twice is known by its name alone.
   */
  async add(batch: TranscriptBatch): Promise<void> {
    const { flavor, id } = batch.source.source
    const name = `${flavor} ${id}`
    if (this.sources.has(name)) await this.flush()
    this.sources.add(name)
    this.waiting.push(batch)
    this.rows += rowsOf(batch)
    for (const { body } of batch.events) this.characters += body.length
    const { waiting, rows, characters } = this
    if (rows >= enough.rows || characters >= enough.characters || waiting.length >= enough.batches) await this.flush()
  }

  async flush(): Promise<void> {
    const { waiting } = this
    this.waiting = []
    this.sources.clear()
    this.rows = 0
    this.characters = 0
    if (waiting.length > 0) await this.save(waiting)
  }
}
