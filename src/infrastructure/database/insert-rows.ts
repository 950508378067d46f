import type { Database } from './database.js'

// Engines cap the parameters of a statement; equal chunks also let drivers reuse prepared ones.
const maxParameters = 1_200

/** Inserts rows in as few statements as the engines take; returns how many rows a `returning` gave. */
export async function insertRows(
  database: Database,
  table: string,
  columns: string,
  rows: unknown[][],
  onConflict = '',
): Promise<number> {
  const width = rows[0]?.length ?? 1
  const chunk = Math.max(1, Math.floor(maxParameters / width))
  let returned = 0
  for (let start = 0; start < rows.length; start += chunk) {
    const end = Math.min(start + chunk, rows.length)
    const sql = statement(table, columns, end - start, onConflict)
    returned += (await database.query(sql, parametersOf(rows, start, end))).length
  }
  return returned
}

/** By hand: `flat` takes a good part of the time of an insert. */
function parametersOf(rows: unknown[][], start: number, end: number): unknown[] {
  const parameters: unknown[] = []
  for (let index = start; index < end; index++) {
    for (const value of rows[index] ?? []) parameters.push(value)
  }
  return parameters
}

/** Kept, so that the driver finds its prepared statement by the very same string. */
const statements = new Map<string, string>()

function statement(table: string, columns: string, rows: number, onConflict: string): string {
  const form = `${table} ${columns} ${rows} ${onConflict}`
  const known = statements.get(form)
  if (known) return known
  const row = `(${columns.replace(/[^,]+/g, '?')})`
  const text = `insert into ${table} (${columns}) values ${Array<string>(rows).fill(row).join(', ')} ${onConflict}`
  statements.set(form, text)
  return text
}
