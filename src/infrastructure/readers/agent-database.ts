import type BetterSqlite3 from 'better-sqlite3'
import { StorageError } from '../../domain/errors.js'
import { firstBytes, plainBytes } from './file-bytes.js'

export type AgentDatabase = BetterSqlite3.Database

const header = 'SQLite format 3\0'

export async function isDatabase(path: string): Promise<boolean> {
  return (await firstBytes(plainBytes(path), header.length)).toString('latin1') === header
}

/** @throws {StorageError} DRIVER_MISSING with the line that installs it */
export function openReadOnly(path: string): AgentDatabase {
  try {
    const Database = require('better-sqlite3') as typeof BetterSqlite3
    return new Database(path, { readonly: true, fileMustExist: true })
  } catch (cause) {
    if ((cause as { code?: string }).code !== 'MODULE_NOT_FOUND') throw cause
    const message = 'Reading a database of sessions needs better-sqlite3. Run: npm install better-sqlite3@12'
    throw new StorageError('DRIVER_MISSING', message, { cause })
  }
}

export function hasColumns(database: AgentDatabase, table: string, names: readonly string[]): boolean {
  const columns = database.prepare('select name from pragma_table_info(?)').pluck().all(table)
  return names.every((name) => columns.includes(name))
}
