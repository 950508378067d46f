import { TokenUsage, type UsageReport } from '../../../domain/sessions/token-usage.js'
import type { Database } from '../database.js'
import { readTokens, type TokenRow } from './usage-rows.js'

/** Figures are summed in two halves: a thousand full totals in one would overflow 64 bits. */
const half = 2 ** 26

const sums = [
  'input_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'output_tokens',
  'reasoning_tokens',
  'cost_nano_usd',
]
  .flatMap((column) => [
    `coalesce(sum(u.${column} / ${half}), 0) as ${column}_high`,
    `coalesce(sum(u.${column} % ${half}), 0) as ${column}`,
  ])
  .join(', ')

type Half = number | string
type SumRow = TokenRow & Record<`${keyof TokenRow}_high`, Half>

/** The halves together: exact as far as a number is, and the nearest number beyond. */
function readSums<T extends TokenUsage>(into: T, row: SumRow): T {
  const whole = (low: Half, high: Half) => Number(high) * half + Number(low)
  return readTokens(into, {
    input_tokens: whole(row.input_tokens, row.input_tokens_high),
    cache_read_tokens: whole(row.cache_read_tokens, row.cache_read_tokens_high),
    cache_write_tokens: whole(row.cache_write_tokens, row.cache_write_tokens_high),
    output_tokens: whole(row.output_tokens, row.output_tokens_high),
    reasoning_tokens: whole(row.reasoning_tokens, row.reasoning_tokens_high),
    cost_nano_usd: whole(row.cost_nano_usd, row.cost_nano_usd_high),
  })
}

const dayMs = 86_400_000

/** Floored: division alone would put what was before 1970 a day later. */
const day = `(u.created_at - ((u.created_at % ${dayMs}) + ${dayMs}) % ${dayMs}) / ${dayMs}`

/** Sums the ledger, of one session or of all that are visible in the namespace. */
export async function usageReport(database: Database, namespace: string, sessionId?: string): Promise<UsageReport> {
  const { usage, sessions } = database.tables
  const from = `from ${usage} u join ${sessions} s on s.id = u.session_id and s.staged_at is null
    where u.namespace = ?${sessionId === undefined ? '' : ' and u.session_id = ?'}`
  const parameters = sessionId === undefined ? [namespace] : [namespace, sessionId]
  const [total] = await database.query<SumRow>(`select ${sums} ${from}`, parameters)
  const byModel = await database.query<SumRow & { model: string | null }>(
    `select u.model as model, ${sums} ${from} group by u.model order by u.model is null, u.model`,
    parameters,
  )
  const byDay = await database.query<SumRow & { day: number | string }>(
    `select ${day} as day, ${sums} ${from} group by ${day} order by 1`,
    parameters,
  )
  return {
    total: total ? readSums(new TokenUsage(), total) : new TokenUsage(),
    byModel: byModel.map((row) => ({ model: row.model, ...readSums(new TokenUsage(), row) })),
    byDay: byDay.map((row) => ({ day: isoDay(Number(row.day)), ...readSums(new TokenUsage(), row) })),
  }
}

const isoDay = (day: number) => new Date(day * dayMs).toISOString().slice(0, 10)
