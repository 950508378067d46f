import type {
  EvictionCandidate,
  TextWeight,
  TranscriptEvictionRepository,
} from '../../../domain/transcripts/eviction-repository.js'
import type { Database } from '../database.js'
import { databaseRetry } from '../database-retry.js'
import { removeFiles, removeOrphanFiles } from './body-files.js'
import { deleteUnused, evictTexts, inlineBytes } from './evict-texts.js'
import { holdTranscripts, inChunks, marks } from './saving.js'
import { dateOf } from './transcript-rows.js'

interface CandidateRow {
  id: string
  uid: string
  analyzed_at: number | string | null
  evicted_at: number | string | null
  digest_version: number | null
  through_seq: number | null
  last_seq: number
  hold_reason: string | null
  is_settled: number
  is_analyzed: number
}

const candidateColumns =
  'id, uid, analyzed_at, evicted_at, digest_version, through_seq, last_seq, hold_reason, is_settled, is_analyzed'

const candidateFromRow = (row: CandidateRow): EvictionCandidate => ({
  id: row.id,
  uid: row.uid,
  analyzedAt: dateOf(row.analyzed_at),
  evictedAt: dateOf(row.evicted_at),
  digestVersion: row.digest_version,
  throughSeq: row.through_seq,
  lastSeq: row.last_seq,
  holdReason: row.hold_reason,
  isUnderWay: row.is_settled === 0 || row.is_analyzed === 0,
})

const orphansAtOnce = 200

/** How the texts of one namespace go, in TypeORM's tables, on either database. */
export class TypeOrmTranscriptEvictionRepository implements TranscriptEvictionRepository {
  constructor(
    readonly database: Database,
    private readonly namespace: string,
  ) {}

  @databaseRetry()
  async textBytes(): Promise<number> {
    const { transcripts, transcriptBodies } = this.database.tables
    const [sums] = await this.database.query<{ inline: number | string; bodies: number | string }>(
      `select (select coalesce(sum(text_bytes), 0) from ${transcripts} where namespace = ? and is_settled = 1) as inline,
         (select coalesce(sum(stored_bytes), 0) from ${transcriptBodies} where namespace = ?) as bodies`,
      [this.namespace, this.namespace],
    )
    const open = await this.database.query<{ id: string }>(
      `select id from ${transcripts} where namespace = ? and is_settled = 0`,
      [this.namespace],
    )
    const ofOpen = await inlineBytes(
      this.database,
      open.map(({ id }) => id),
    )
    return (
      Number(sums?.inline ?? 0) +
      Number(sums?.bodies ?? 0) +
      [...ofOpen.values()].reduce((sum, bytes) => sum + bytes, 0)
    )
  }

  @databaseRetry()
  async analyzed(after: EvictionCandidate | undefined, limit: number): Promise<EvictionCandidate[]> {
    const at = after?.analyzedAt?.getTime()
    const beyond = after ? 'and (analyzed_at > ? or (analyzed_at = ? and id > ?))' : ''
    return this.candidates(`evicted_at is null and analyzed_at is not null ${beyond} order by analyzed_at, id`, [
      ...(after ? [at, at, after.id] : []),
      limit,
    ])
  }

  @databaseRetry()
  async unanalyzed(after: EvictionCandidate | undefined, limit: number): Promise<EvictionCandidate[]> {
    const { transcripts, transcriptLinks } = this.database.tables
    const isTold = `exists (select 1 from ${transcriptLinks} l where l.transcript_id = ${transcripts}.id)`
    const condition = `(is_settled = 0 or is_analyzed = 0) and evicted_at is null and ${isTold} and id > ? order by id`
    return this.candidates(condition, [after?.id ?? '', limit])
  }

  private async candidates(condition: string, values: unknown[]): Promise<EvictionCandidate[]> {
    const rows = await this.database.query<CandidateRow>(
      `select ${candidateColumns} from ${this.database.tables.transcripts} where namespace = ? and ${condition} limit ?`,
      [this.namespace, ...values],
    )
    return rows.map(candidateFromRow)
  }

  @databaseRetry()
  async weigh(id: string): Promise<TextWeight> {
    const { transcriptEvents, transcriptBodies } = this.database.tables
    const inline = await inlineBytes(this.database, [id])
    const rows = await this.database.query<{ hash: string; bytes: number | string }>(
      `select e.hash, b.stored_bytes as bytes from (
         select distinct body_hash as hash from ${transcriptEvents}
         where transcript_id = ? and body_hash is not null) e
       join ${transcriptBodies} b on b.namespace = ? and b.sha256 = e.hash`,
      [id, this.namespace],
    )
    const bodies = rows.map(({ hash, bytes }) => ({ hash, bytes: Number(bytes) }))
    return { inlineBytes: inline.get(id) ?? 0, bodies }
  }

  @databaseRetry()
  async holders(hashes: string[]): Promise<ReadonlyMap<string, number>> {
    const rows = await inChunks(hashes, (chunk) =>
      this.database.query<{ hash: string; count: number | string }>(
        `select body_hash as hash, count(distinct transcript_id) as count from ${this.database.tables.transcriptEvents}
         where namespace = ? and body_hash in (${marks(chunk)}) group by body_hash`,
        [this.namespace, ...chunk],
      ),
    )
    return new Map(rows.map(({ hash, count }) => [hash, Number(count)]))
  }

  async evict(ids: string[], now: Date, isLastResort: boolean): Promise<ReadonlyMap<string, number>> {
    const { database, namespace } = this
    const freed = await database.retrying('evict', () =>
      database.transaction(async (transaction) => {
        await holdTranscripts(transaction, namespace)
        const freed = new Map<string, number>()
        for (const id of ids) {
          const bytes = await evictTexts(transaction, { namespace, id }, now, isLastResort)
          if (bytes !== undefined) freed.set(id, bytes)
        }
        return freed
      }),
    )
    await removeFiles(database, namespace)
    return freed
  }

  @databaseRetry()
  async orphans(): Promise<{ bodies: number; bytes: number }> {
    const { transcriptBodies, transcriptEvents } = this.database.tables
    const [row] = await this.database.query<{ bodies: number | string; bytes: number | string }>(
      `select count(*) as bodies, coalesce(sum(stored_bytes), 0) as bytes from ${transcriptBodies} b
       where namespace = ? and ${unused(transcriptEvents)}`,
      [this.namespace],
    )
    return { bodies: Number(row?.bodies ?? 0), bytes: Number(row?.bytes ?? 0) }
  }

  /** Batch by batch; whether it is one is asked again where nobody can take it up at the same time. */
  async deleteOrphans(): Promise<{ bodies: number; bytes: number }> {
    const deleted = { bodies: 0, bytes: 0 }
    for (let after: string | undefined = ''; after !== undefined; ) {
      const hashes = await this.nextOrphans(after)
      after = hashes.at(-1)
      if (hashes.length === 0) break
      const batch = await this.database.retrying('orphans', () =>
        this.database.transaction(async (transaction) => {
          await holdTranscripts(transaction, this.namespace)
          return deleteUnused(transaction, this.namespace, hashes)
        }),
      )
      deleted.bodies += batch.bodies
      deleted.bytes += batch.bytes
    }
    await removeOrphanFiles(this.database, this.namespace)
    return deleted
  }

  @databaseRetry()
  private async nextOrphans(after: string): Promise<string[]> {
    const { transcriptBodies, transcriptEvents } = this.database.tables
    const rows = await this.database.query<{ sha256: string }>(
      `select sha256 from ${transcriptBodies} b where namespace = ? and sha256 > ? and ${unused(transcriptEvents)}
       order by sha256 limit ${orphansAtOnce}`,
      [this.namespace, after],
    )
    return rows.map(({ sha256 }) => sha256)
  }

  @databaseRetry()
  async setHold(uid: string, reason: string | null): Promise<void> {
    await this.database.query(
      `update ${this.database.tables.transcripts} set hold_reason = ? where namespace = ? and uid = ?`,
      [reason, this.namespace, uid],
    )
  }

  async reclaim(): Promise<void> {
    await this.database.dialect.reclaim?.(this.database)
  }
}

const unused = (events: string) =>
  `not exists (select 1 from ${events} e where e.namespace = b.namespace and e.body_hash = b.sha256)`
