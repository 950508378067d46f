import { TokenUsage, type UsageReport } from '../../../domain/sessions/token-usage.js'
import type { Database } from '../database.js'
import { readTokens, type TokenRow } from './usage-rows.js'

const sums = [
  'input_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'output_tokens',
  'reasoning_tokens',
  'cost_nano_usd',
]
  .map((column) => `coalesce(sum(u.${column}), 0) as ${column}`)
  .join(', ')

const dayMs = 86_400_000

/** Floored: division alone would put what was before 1970 a day later. */
const day = `(u.created_at - ((u.created_at % ${dayMs}) + ${dayMs}) % ${dayMs}) / ${dayMs}`

/** Sums the ledger, of one session or of all that are visible in the namespace. */
export async function usageReport(database: Database, namespace: string, sessionId?: string): Promise<UsageReport> {
  const { usage, sessions } = database.tables
  const from = `from ${usage} u join ${sessions} s on s.id = u.session_id and s.staged_at is null
    where u.namespace = ?${sessionId === undefined ? '' : ' and u.session_id = ?'}`
  const parameters = sessionId === undefined ? [namespace] : [namespace, sessionId]
  const [total] = await database.query<TokenRow>(`select ${sums} ${from}`, parameters)
  const byModel = await database.query<TokenRow & { model: string | null }>(
    `select u.model as model, ${sums} ${from} group by u.model order by u.model is null, u.model`,
    parameters,
  )
  const byDay = await database.query<TokenRow & { day: number | string }>(
    `select ${day} as day, ${sums} ${from} group by ${day} order by 1`,
    parameters,
  )
  return {
    total: total ? readTokens(new TokenUsage(), total) : new TokenUsage(),
    byModel: byModel.map((row) => ({ model: row.model, ...readTokens(new TokenUsage(), row) })),
    byDay: byDay.map((row) => ({ day: isoDay(Number(row.day)), ...readTokens(new TokenUsage(), row) })),
  }
}

const isoDay = (day: number) => new Date(day * dayMs).toISOString().slice(0, 10)
