import { InvalidInputError, NotFoundError } from '../../domain/errors.js'

/**
 * The file of a SQLite URL: what follows `sqlite:`, or `sqlite://` as in other URLs.
 *
 * @returns undefined for Postgres
 * @throws {InvalidInputError} for anything else
 */
export function sqliteFile(database: string): string | undefined {
  if (/^postgres(ql)?:\/\//.test(database) && URL.canParse(database)) return undefined
  const isFile = /\.(db|sqlite3?)$/.test(database) && !/^[a-z]{2,}:/i.test(database)
  const file = isFile ? database : /^sqlite:(.+)$/s.exec(database)?.[1]?.replace(/^\/\//, '')
  if (file) return file
  // Of what is before `://` alone, since the rest may hold a password.
  const scheme = /^[a-z]+(?=:\/\/)/i.exec(database)?.[0] ?? 'this'
  const message = `${JSON.stringify(scheme)} is not a database; write sqlite:./file.db or postgres://user@host/name`
  throw new InvalidInputError([{ path: 'database', message }])
}

export function databaseNotFound(file: string): NotFoundError {
  const makers =
    '"hansard sessions create", "hansard sessions import", "hansard contexts open", "hansard contexts run", "hansard activity record", "hansard activity backfill", "hansard transcripts ingest", "hansard serve" and "hansard migrate up"'
  const message = `No database file ${JSON.stringify(file)}. Check the path; ${makers} make one, and openHansard without mustExist.`
  return new NotFoundError('DATABASE_NOT_FOUND', 'database', file, message)
}

/** Names the database alone: the rest of its URL may hold a password. */
export function postgresDatabaseNotFound(url: string): NotFoundError {
  const name = decodeURIComponent(new URL(url).pathname.slice(1))
  const missing = name
    ? `No database ${JSON.stringify(name)} on this Postgres server.`
    : 'The URL names no database, and there is no default one on this Postgres server.'
  const message = `${missing} Check the URL, or create it there and run "hansard migrate up".`
  return new NotFoundError('DATABASE_NOT_FOUND', 'database', name, message)
}
