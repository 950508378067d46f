import { addUsage, TokenUsage, type UsageEntry, type UsageReport } from '../../../domain/sessions/token-usage.js'
import type { UsageLedger } from '../../../domain/sessions/usage-ledger.js'
import type { Database } from '../database.js'
import { databaseRetry } from '../database-retry.js'
import { sessionNotFound } from './append-refusal.js'
import { insertRows } from './insert-rows.js'
import { usageReport } from './usage-report.js'
import {
  readTokens,
  type TokenRow,
  tokenColumns,
  tokenParameters,
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
  record(sessionId: string, entries: UsageEntry[]): Promise<void> {
    return this.database.transaction(async (transaction) => {
      const total = entries.reduce<TokenUsage>((sum, entry) => addUsage(sum, entry), new TokenUsage())
      const { sessions, usage } = this.database.tables
      // The update comes first: its row lock makes the look for an earlier try of ours conclusive.
      const [session] = await transaction.query<{ usage_count: number }>(
        `update ${sessions} set usage_count = usage_count where id = ? and namespace = ? and staged_at is null returning usage_count`,
        [sessionId, this.namespace],
      )
      if (!session) throw sessionNotFound(sessionId)
      const [earlier] = await transaction.query(`select id from ${usage} where id = ?`, [entries[0]?.id ?? ''])
      if (earlier) return
      await transaction.query(
        `update ${sessions} set usage_count = usage_count + ?, input_tokens = input_tokens + ?, cache_read_tokens = cache_read_tokens + ?,
           cache_write_tokens = cache_write_tokens + ?, output_tokens = output_tokens + ?, reasoning_tokens = reasoning_tokens + ?,
           cost_nano_usd = cost_nano_usd + ?, updated_at = case when updated_at > ? then updated_at else ? end where id = ?`,
        [
          entries.length,
          ...tokenParameters(total),
          ...Array<number>(2).fill(entries.at(-1)?.createdAt.getTime() ?? 0),
          sessionId,
        ],
      )
      const rows = entries.map((entry, index) => usageParameters(entry, session.usage_count + 1 + index))
      await insertRows(transaction, usage, usageColumns, rows)
    })
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
  report(sessionId?: string): Promise<UsageReport> {
    return usageReport(this.database, this.namespace, sessionId)
  }

  @databaseRetry()
  async stage(sessionId: string, entries: UsageEntry[]): Promise<void> {
    const rows = entries.map((entry) => usageParameters({ ...entry, sessionId }, entry.sequence))
    await insertRows(this.database, this.database.tables.usage, usageColumns, rows, 'on conflict do nothing')
  }
}
