import type { Digest } from '../../../domain/transcripts/digest.js'
import type { TranscriptEvent } from '../../../domain/transcripts/transcript.js'
import type { NewDigest, TranscriptAnalysisRepository } from '../../../domain/transcripts/transcript-repository.js'
import type { Database } from '../database.js'
import { databaseRetry } from '../database-retry.js'
import { insertRows } from '../insert-rows.js'
import { writeSearchEntries } from '../search-entries.js'
import { readBodies } from './bodies.js'
import { errorColumns, errorParameters } from './error-rows.js'
import { evictedDigests } from './evicted-digests.js'
import { holdTranscripts, marks } from './saving.js'
import { bySample, type DigestRow, digestColumns, digestEntry, digestText } from './transcript-entries.js'
import { eventColumns, hashOfRef, type TranscriptEventRow, transcriptEventFromRow } from './transcript-rows.js'

/** A text that was evicted and has come back is known to the digest of before already. */
const distilledColumns = eventColumns
  .replace('e.body,', 'case when e.is_evicted = 0 then e.body end as body,')
  .replace('e.body_hash,', 'case when e.is_evicted = 0 then e.body_hash end as body_hash,')

/** What digests are made of, and where they go, in TypeORM's tables, on either database. */
export class TypeOrmTranscriptAnalysisRepository implements TranscriptAnalysisRepository {
  constructor(
    readonly database: Database,
    private readonly namespace: string,
  ) {}

  @databaseRetry()
  async unanalyzed(limit: number): Promise<string[]> {
    const rows = await this.database.query<{ id: string }>(
      `select id from ${this.database.tables.transcripts}
       where namespace = ? and is_settled = 1 and is_analyzed = 0 order by id limit ?`,
      [this.namespace, limit],
    )
    return rows.map(({ id }) => id)
  }

  @databaseRetry()
  async outdated(version: number, limit: number): Promise<string[]> {
    const rows = await this.database.query<{ id: string }>(
      `select id from ${this.outdatedRows} order by digest_version, id limit ?`,
      [this.namespace, version, limit],
    )
    return rows.map(({ id }) => id)
  }

  @databaseRetry()
  async countOutdated(version: number): Promise<number> {
    const [row] = await this.database.query<{ count: number | string }>(
      `select count(*) as count from ${this.outdatedRows}`,
      [this.namespace, version],
    )
    return Number(row?.count ?? 0)
  }

  private get outdatedRows(): string {
    return `${this.database.tables.transcripts}
      where namespace = ? and has_evicted = 0 and digest_version < ? and is_settled = 1 and is_analyzed = 1`
  }

  @databaseRetry()
  async eventsOf(
    ids: string[],
    after: { transcriptId: string; seq: number } | undefined,
    limit: number,
  ): Promise<TranscriptEvent[]> {
    // One that is gone on with is asked for by itself: its events before are passed over by the index.
    const rest = after
      ? await this.eventsWhere('e.transcript_id = ? and e.seq > ?', [after.transcriptId, after.seq], limit)
      : []
    const others = after ? ids.filter((id) => id > after.transcriptId) : ids
    if (rest.length === limit || others.length === 0) return rest
    const where = `e.transcript_id in (${marks(others)}) and e.seq is not null`
    return [...rest, ...(await this.eventsWhere(where, others, limit - rest.length))]
  }

  private async eventsWhere(condition: string, values: unknown[], limit: number): Promise<TranscriptEvent[]> {
    const rows = await this.database.query<TranscriptEventRow>(
      `select ${distilledColumns} from ${this.database.tables.transcriptEvents} e
       where ${condition} order by e.transcript_id, e.seq limit ?`,
      [...values, limit],
    )
    return rows.map(transcriptEventFromRow)
  }

  @databaseRetry()
  async body(ref: string): Promise<string | null> {
    const hash = hashOfRef(ref)
    return (await readBodies(this.database, this.namespace, [hash])).get(hash) ?? null
  }

  @databaseRetry()
  evictedDigests(ids: string[]): Promise<ReadonlyMap<string, Digest>> {
    return evictedDigests(this.database, ids)
  }

  saveDigests(digests: ReadonlyMap<string, NewDigest>, now: Date): Promise<number> {
    return this.database.retrying('digest', () =>
      this.database.transaction(async (transaction) => {
        await holdTranscripts(transaction, this.namespace)
        const saved: SavedDigest[] = []
        for (const [id, made] of digests) {
          const row = await this.saveDigest(transaction, id, made, now)
          if (row) saved.push({ row, digest: made.digest })
        }
        if (saved.length === 0) return 0
        await this.saveErrors(transaction, saved)
        await this.saveEntries(transaction, saved)
        return saved.length
      }),
    )
  }

  /** Undefined when it has changed since its events were read. */
  private async saveDigest(
    transaction: Database,
    id: string,
    { digest, before }: NewDigest,
    now: Date,
  ): Promise<DigestRow | undefined> {
    const { outcome, errors: _, ...kept } = digest
    const [row] = await transaction.query<DigestRow>(
      `update ${transaction.tables.transcripts} set digest = ?, digest_version = ?, through_seq = ?, is_trivial = ?,
         outcome = ?, outcome_confidence = ?, outcome_source = ?, evicted_digest = ?,
         analyzed_at = case when is_analyzed = 0 then ? else analyzed_at end, is_analyzed = 1
       where id = ? and is_settled = 1 and (is_analyzed = 0 or digest_version < ?) and last_seq = ? returning ${digestColumns}`,
      [
        ...[JSON.stringify({ ...kept, outcome }), digest.version, digest.throughSeq, digest.isTrivial ? 1 : 0],
        ...[outcome.outcome, outcome.confidence, outcome.source, before ? JSON.stringify(before) : null],
        ...[now.getTime(), id, digest.version, digest.throughSeq],
      ],
    )
    return row
  }

  private async saveErrors(transaction: Database, saved: SavedDigest[]): Promise<void> {
    const { transcriptErrors } = transaction.tables
    const ids = saved.map(({ row }) => row.id)
    await transaction.query(`delete from ${transcriptErrors} where transcript_id in (${marks(ids)})`, ids)
    const rows = saved.flatMap(({ row, digest }) =>
      digest.errors.map((error) => errorParameters(this.namespace, row.id, error)),
    )
    await insertRows(transaction, transcriptErrors, errorColumns, rows)
  }

  private async saveEntries(transaction: Database, saved: SavedDigest[]): Promise<void> {
    if (!transaction.dialect.isSearched('digest')) return
    const ids = saved.map(({ row }) => row.id)
    await transaction.query(
      `delete from ${transaction.tables.searchEntries} where transcript_id in (${marks(ids)})`,
      ids,
    )
    const entries = saved.map(({ row, digest }) => digestEntry(row, digestText(row, digest, bySample(digest.errors))))
    await writeSearchEntries(transaction, this.namespace, entries)
  }
}

interface SavedDigest {
  row: DigestRow
  digest: Digest
}
