import { TokenUsage, type UsageEntry, type UsageReport } from '../../../domain/sessions/token-usage.js'
import type { UsageLedger } from '../../../domain/sessions/usage-ledger.js'
import type { Database } from '../database.js'
import { databaseRetry } from '../database-retry.js'
import { insertRows } from '../insert-rows.js'
import { movedMeanwhile, sessionNotFound, usageRefusal } from './append-refusal.js'
import { usageReport } from './usage-report.js'
import {
  readTokens,
  roomConditions,
  roomParameters,
  spentColumns,
  spentParameters,
  type TokenRow,
  tokenColumns,
  type UsageRow,
  usageColumns,
  usageFromRow,
  usageParameters,
} from './usage-rows.js'

/** Usage ledgers of one namespace in TypeORM's tables, on either database. */
export class TypeOrmUsageLedger implements UsageLedger {
  constructor(
    readonly database: Database,
    private readonly namespace: string,
  ) {}

  @databaseRetry()
  async record(sessionId: string, entries: UsageEntry[]): Promise<void> {
    try {
      await this.database.transaction((transaction) => this.add(transaction, sessionId, entries))
    } catch (error) {
      if (!(error instanceof RecordedBefore)) throw error
    }
  }

  @databaseRetry()
  async lock(sessionId: string): Promise<TokenUsage> {
    const [row] = await this.database.query<TokenRow>(
      `update ${this.database.tables.sessions} set usage_count = usage_count
       where id = ? and namespace = ? and staged_at is null returning ${tokenColumns}`,
      [sessionId, this.namespace],
    )
    if (!row) throw sessionNotFound(sessionId)
    return readTokens(new TokenUsage(), row)
  }

  @databaseRetry()
  async entries(sessionId: string, range: { after: number; until: number; limit: number }): Promise<UsageEntry[]> {
    const rows = await this.database.query<UsageRow>(
      `select ${usageColumns} from ${this.database.tables.usage}
       where session_id = ? and namespace = ? and sequence > ? and sequence <= ? order by sequence limit ?`,
      [sessionId, this.namespace, range.after, range.until, range.limit],
    )
    return rows.map(usageFromRow)
  }

  @databaseRetry()
  async countForSession(sessionId: string): Promise<number> {
    const [row] = await this.database.query<{ count: number | string }>(
      `select count(*) as count from ${this.database.tables.usage} where session_id = ? and namespace = ?`,
      [sessionId, this.namespace],
    )
    return Number(row?.count ?? 0)
  }

  @databaseRetry()
  report(sessionId?: string): Promise<UsageReport> {
    return usageReport(this.database, this.namespace, sessionId)
  }

  @databaseRetry()
  async stage(sessionId: string, entries: UsageEntry[]): Promise<void> {
    const rows = entries.map((entry) => usageParameters({ ...entry, sessionId }, entry.sequence))
    await insertRows(this.database, this.database.tables.usage, usageColumns, rows, 'on conflict do nothing')
  }

  private async add(transaction: Database, sessionId: string, entries: UsageEntry[]): Promise<void> {
    const { sessions, usage } = this.database.tables
    const at = entries.at(-1)?.createdAt.getTime() ?? 0
    const [session] = await transaction.query<{ usage_count: number }>(
      `update ${sessions} set updated_at = case when updated_at > ? then updated_at else ? end${spentColumns}
       where id = ? and namespace = ? and staged_at is null${roomConditions} returning usage_count`,
      [at, at, ...spentParameters(entries), sessionId, this.namespace, ...roomParameters(entries)],
    )
    if (!session) return this.refuse(transaction, sessionId, entries)
    const first = session.usage_count - entries.length + 1
    const rows = entries.map((entry, index) => usageParameters(entry, first + index))
    const inserted = await insertRows(
      transaction,
      usage,
      usageColumns,
      rows,
      'on conflict (id) do nothing returning id',
    )
    if (inserted < rows.length) throw new RecordedBefore()
  }

  /** Unless an earlier try recorded them, and left no room for a second time. */
  private async refuse(transaction: Database, sessionId: string, entries: UsageEntry[]): Promise<void> {
    const { sessions, usage } = this.database.tables
    const [row] = await transaction.query<TokenRow>(
      `select ${tokenColumns} from ${sessions} where id = ? and namespace = ? and staged_at is null`,
      [sessionId, this.namespace],
    )
    if (!row) throw sessionNotFound(sessionId)
    const [earlier] = await transaction.query(`select id from ${usage} where id = ?`, [entries[0]?.id])
    if (!earlier) throw usageRefusal(row, entries) ?? movedMeanwhile(sessionId)
  }
}

/** Undoes a repeated try: the one before it came through, and only its answer was lost. */
class RecordedBefore extends Error {}
