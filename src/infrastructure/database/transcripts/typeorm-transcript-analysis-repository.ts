import type { Digest } from '../../../domain/transcripts/digest.js'
import type { TranscriptEvent } from '../../../domain/transcripts/transcript.js'
import type { TranscriptAnalysisRepository } from '../../../domain/transcripts/transcript-repository.js'
import type { Database } from '../database.js'
import { databaseRetry } from '../database-retry.js'
import { insertRows } from '../insert-rows.js'
import { writeSearchEntries } from '../search-entries.js'
import { readBodies } from './bodies.js'
import { holdTranscripts, marks } from './saving.js'
import { bySample, type DigestRow, digestColumns, digestEntry, digestText } from './transcript-entries.js'
import {
  eventColumns,
  hashOfRef,
  refOfHash,
  type TranscriptEventRow,
  transcriptEventFromRow,
} from './transcript-rows.js'

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
       where namespace = ? and is_settled = 1 and is_analyzed = 0 and evicted_at is null order by id limit ?`,
      [this.namespace, limit],
    )
    return rows.map(({ id }) => id)
  }

  @databaseRetry()
  async eventsOf(
    ids: string[],
    after: { transcriptId: string; seq: number } | undefined,
    limit: number,
  ): Promise<TranscriptEvent[]> {
    const beyond = after ? 'and (e.transcript_id, e.seq) > (?, ?)' : ''
    const rows = await this.database.query<TranscriptEventRow>(
      `select ${eventColumns} from ${this.database.tables.transcriptEvents} e
       where e.transcript_id in (${marks(ids)}) and e.seq is not null ${beyond} order by e.transcript_id, e.seq limit ?`,
      [...ids, ...(after ? [after.transcriptId, after.seq] : []), limit],
    )
    return rows.map(transcriptEventFromRow)
  }

  @databaseRetry()
  async bodies(refs: string[]): Promise<ReadonlyMap<string, string>> {
    const bodies = await readBodies(this.database, this.namespace, refs.map(hashOfRef))
    return new Map([...bodies].map(([hash, text]) => [refOfHash(hash), text]))
  }

  saveDigests(digests: ReadonlyMap<string, Digest>, now: Date): Promise<void> {
    return this.database.retrying('digest', () =>
      this.database.transaction(async (transaction) => {
        await holdTranscripts(transaction, this.namespace)
        for (const [id, digest] of digests) {
          const saved = await this.saveDigest(transaction, id, digest, now)
          if (!saved) continue
          await this.saveErrors(transaction, id, digest)
          await this.saveEntry(transaction, saved, digest)
        }
      }),
    )
  }

  /** Undefined when it has changed since its events were read. */
  private async saveDigest(
    transaction: Database,
    id: string,
    digest: Digest,
    now: Date,
  ): Promise<DigestRow | undefined> {
    const { outcome, errors: _, ...kept } = digest
    const [row] = await transaction.query<DigestRow>(
      `update ${transaction.tables.transcripts} set digest = ?, digest_version = ?, through_seq = ?, is_trivial = ?,
         outcome = ?, outcome_confidence = ?, outcome_source = ?, analyzed_at = ?, is_analyzed = 1
       where id = ? and is_settled = 1 and last_seq = ? returning ${digestColumns}`,
      [
        ...[JSON.stringify({ ...kept, outcome }), digest.version, digest.throughSeq, digest.isTrivial ? 1 : 0],
        ...[outcome.outcome, outcome.confidence, outcome.source, now.getTime(), id, digest.throughSeq],
      ],
    )
    return row
  }

  private async saveErrors(transaction: Database, id: string, { errors }: Digest): Promise<void> {
    const { transcriptErrors } = transaction.tables
    await transaction.query(`delete from ${transcriptErrors} where transcript_id = ?`, [id])
    const rows = errors.map(({ fingerprint, version, template, sample, tool, count, firstAt, lastAt, wasPassed }) => [
      ...[id, this.namespace, fingerprint, version, template, sample, tool, count],
      ...[
        firstAt === null ? null : Date.parse(firstAt),
        lastAt === null ? null : Date.parse(lastAt),
        wasPassed ? 1 : 0,
      ],
    ])
    const columns =
      'transcript_id, namespace, fingerprint, version, template, sample, tool, count, first_at, last_at, was_passed'
    await insertRows(transaction, transcriptErrors, columns, rows)
  }

  private async saveEntry(transaction: Database, saved: DigestRow, digest: Digest): Promise<void> {
    if (!transaction.dialect.isSearched('digest')) return
    await transaction.query(`delete from ${transaction.tables.searchEntries} where transcript_id = ?`, [saved.id])
    const samples = bySample(digest.errors)
    await writeSearchEntries(transaction, this.namespace, [digestEntry(saved, digestText(saved, digest, samples))])
  }
}
