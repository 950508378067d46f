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
  const one = `(${Array<string>(width).fill('?').join(', ')})`
  for (let start = 0; start < rows.length; start += chunk) {
    const batch = rows.slice(start, start + chunk)
    const values = Array<string>(batch.length).fill(one).join(', ')
    await database.query(`insert into ${table} (${columns}) values ${values} ${onConflict}`, batch.flat())
  }
}
