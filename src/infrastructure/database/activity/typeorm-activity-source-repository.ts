import type { EventChanges, RejectedPiece } from '../../../domain/activity/activity-backfill.js'
import type { ActivitySource } from '../../../domain/activity/activity-event.js'
import {
  type ActivitySourceRepository,
  type SourceBatch,
  wholeFile,
} from '../../../domain/activity/activity-source-repository.js'
import type { Page, PagePosition } from '../../../domain/page.js'
import { type Database, onceMoreIfOvertaken } from '../database.js'
import { databaseRetry } from '../database-retry.js'
import { holdBackfills } from '../delete-events.js'
import { insertRows } from '../insert-rows.js'
import { Keyset } from '../keyset.js'
import { saveStatements } from './save-statements.js'
import {
  type RejectRow,
  rejectColumns,
  rejectFromRow,
  type SourceRow,
  sourceColumns,
  sourceFromRow,
  sourceParameters,
} from './source-rows.js'

/** What backfills have read of one namespace, in TypeORM's tables, on either database. */
export class TypeOrmActivitySourceRepository implements ActivitySourceRepository {
  constructor(
    readonly database: Database,
    private readonly namespace: string,
  ) {}

  @databaseRetry()
  async find(kind: string, pathHash: string): Promise<ActivitySource | undefined> {
    const [row] = await this.database.query<SourceRow>(
      `select ${sourceColumns} from ${this.database.tables.sources} where namespace = ? and kind = ? and path_hash = ?`,
      [this.namespace, kind, pathHash],
    )
    return row && sourceFromRow(row)
  }

  save(batch: SourceBatch): Promise<Record<string, EventChanges>> {
    return this.database.retrying('backfill', () =>
      // Whoever records meanwhile what a source tells of too is seen by the second try.
      onceMoreIfOvertaken(() => this.database.transaction((transaction) => this.saveIn(transaction, batch))),
    )
  }

  private async saveIn(transaction: Database, batch: SourceBatch): Promise<Record<string, EventChanges>> {
    // Two runs at once may read copies of one transcript.
    await holdBackfills(transaction, this.namespace)
    const sourceId = await this.saveSource(transaction, batch.source)
    await this.saveRejects(transaction, sourceId, batch)
    return saveStatements(transaction, this.namespace, sourceId, batch)
  }

  private async saveSource(transaction: Database, source: ActivitySource): Promise<string> {
    const [row] = await transaction.query<{ id: string }>(
      `insert into ${transaction.tables.sources} (${sourceColumns}) values (${sourceColumns.replace(/[^,]+/g, '?')})
       on conflict (namespace, kind, path_hash) do update set size = excluded.size, mtime_ms = excluded.mtime_ms,
         byte_offset = excluded.byte_offset, line_count = excluded.line_count, prefix_hash = excluded.prefix_hash,
         generation = excluded.generation, last_error = excluded.last_error, updated_at = excluded.updated_at
       returning id`,
      sourceParameters(source),
    )
    return row?.id ?? source.id
  }

  private async saveRejects(transaction: Database, sourceId: string, batch: SourceBatch): Promise<void> {
    const { rejects, isFromStart, source } = batch
    const places = [...new Set([wholeFile, ...rejects.map(({ place }) => place)])]
    const among = isFromStart ? '' : ` and place in (${places.map(() => '?').join(', ')})`
    await transaction.query(`delete from ${transaction.tables.rejects} where source_id = ?${among}`, [
      sourceId,
      ...(isFromStart ? [] : places),
    ])
    const rows = rejects.map(({ id, place, reason, excerpt }) => [
      ...[id, this.namespace, sourceId, place, reason, excerpt],
      source.updatedAt.getTime(),
    ])
    await insertRows(transaction, transaction.tables.rejects, rejectColumns, rows)
  }

  @databaseRetry()
  async countRejects(): Promise<number> {
    const [row] = await this.database.query<{ count: number | string }>(
      `select count(*) as count from ${this.database.tables.rejects} where namespace = ?`,
      [this.namespace],
    )
    return Number(row?.count ?? 0)
  }

  @databaseRetry()
  async listRejected(kind: string): Promise<ActivitySource[]> {
    const { rejects, sources } = this.database.tables
    const rows = await this.database.query<SourceRow>(
      `select ${sourceColumns} from ${sources} where namespace = ? and kind = ?
         and id in (select source_id from ${rejects} where namespace = ?)`,
      [this.namespace, kind, this.namespace],
    )
    return rows.map(sourceFromRow)
  }

  @databaseRetry()
  async listRejects(query: { limit: number; position?: PagePosition }): Promise<Page<RejectedPiece, PagePosition>> {
    const { rejects, sources } = this.database.tables
    const keyset = new Keyset('created_at', query)
    const { sql, parameters } = keyset.clauses([['namespace = ?', this.namespace]])
    const of = (column: string, name: string) =>
      `(select ${column} from ${sources} as s where s.id = source_id) as ${name}`
    const rows = await this.database.query<RejectRow>(
      `select ${rejectColumns}, ${of('kind', 'source')}, ${of('path', 'path')} from ${rejects} ${sql}`,
      parameters,
    )
    const page = keyset.page(rows, (row) => new Date(Number(row.created_at)))
    return { ...page, items: page.items.map(rejectFromRow) }
  }
}
