import SqliteDatabase from 'better-sqlite3'
import type { Side } from './side.js'
import * as sql from './statements.js'

/** better-sqlite3 by hand: prepared statements, `BEGIN IMMEDIATE` … `COMMIT`. */
export function rawSqlite(file: string, durability: 'full' | 'normal'): Side {
  const database = new SqliteDatabase(file)
  for (const pragma of [`synchronous = ${durability}`, 'foreign_keys = ON']) database.pragma(pragma)
  const prepared = prepare(database)
  const insertMessages = (rows: unknown[][]) => prepared.insertMessages(rows.length).run(rows.flat())
  const append = database.transaction((id: string, count: number) => {
    const now = Date.now()
    const row = prepared.advance.get(count, count, now, id, sql.namespace) as { last_sequence: number }
    const first = row.last_sequence - count + 1
    insertMessages(Array.from({ length: count }, (_, index) => sql.newMessage(id, first + index, now)))
  }).immediate
  const spend = database.transaction((id: string) => {
    const now = Date.now()
    const row = prepared.spend.get(...sql.figures, now, id, sql.namespace) as { usage_count: number }
    prepared.insertUsage.run(sql.newId(), sql.namespace, id, row.usage_count, ...sql.figures, now)
    return row
  }).immediate
  const insertChunk = database.transaction(insertMessages).immediate
  const read = (id: string) => sql.parsed(prepared.messages.all(id, sql.namespace) as sql.MessageRow[])
  return {
    create() {
      const session = sql.newSession()
      prepared.create.run(session)
      return session[0] as string
    },
    get: (id) => prepared.get.get(id, sql.namespace),
    list: () => prepared.list.all('listed'),
    append,
    spend,
    read,
    exportSession: (id) => ({
      session: prepared.get.get(id, sql.namespace),
      truncations: prepared.truncations.all(id, sql.namespace),
      messages: read(id),
      usage: prepared.usage.all(id, sql.namespace),
    }),
    importSession(archive) {
      const session = sql.newSession()
      const count = archive.messages.length
      prepared.stage.run(...session, count, count, session[3])
      const rows = archive.messages.map((message) => sql.archivedMessage(message, session[0] as string))
      for (let start = 0; start < count; start += sql.importChunk)
        insertChunk(rows.slice(start, start + sql.importChunk))
      prepared.publish.run(session[0])
    },
    settle: () => void database.pragma('wal_checkpoint(TRUNCATE)'),
    close: () => void database.close(),
  }
}

function prepare(database: SqliteDatabase.Database) {
  const inserts = new Map<number, SqliteDatabase.Statement>()
  return {
    create: database.prepare(sql.insertSession),
    get: database.prepare(sql.selectSession),
    list: database.prepare(sql.listSessions),
    advance: database.prepare(sql.advanceSession('max')),
    spend: database.prepare(sql.advanceUsage),
    insertUsage: database.prepare(sql.insertUsage),
    messages: database.prepare(sql.selectMessages),
    usage: database.prepare(sql.selectUsage),
    truncations: database.prepare(sql.selectTruncations),
    stage: database.prepare(sql.insertStaged),
    publish: database.prepare(sql.publish),
    insertMessages(count: number) {
      const known = inserts.get(count) ?? database.prepare(sql.insertMessages(count))
      inserts.set(count, known)
      return known
    },
  }
}
