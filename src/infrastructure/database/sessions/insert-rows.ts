import type { Database } from '../database.js'

// Engines cap the parameters of a statement; equal chunks also let drivers reuse prepared ones.
const maxParameters = 1_200

/** Inserts rows in as few statements as the engines take. */
export async function insertRows(
  database: Database,
  table: string,
  columns: string,
  rows: unknown[][],
  onConflict = '',
): Promise<void> {
  const width = rows[0]?.length ?? 1
  const chunk = Math.max(1, Math.floor(maxParameters / width))
  for (let start = 0; start < rows.length; start += chunk) {
    const batch = rows.slice(start, start + chunk)
    const sql = `insert into ${table} (${columns}) values ${placeholders(batch.length, width)} ${onConflict}`
    await database.query(sql, batch.flat())
  }
}

const known = new Map<number, string>()

function placeholders(rows: number, width: number): string {
  const shape = rows * maxParameters + width
  const text =
    known.get(shape) ??
    Array<string>(rows)
      .fill(`(${Array<string>(width).fill('?').join(', ')})`)
      .join(', ')
  known.set(shape, text)
  return text
}
