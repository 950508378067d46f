import { Pool, type PoolClient } from 'pg'
import type { Side } from './side.js'
import * as sql from './statements.js'

const numbered = (text: string) => {
  let count = 0
  return text.replace(/\?/g, () => `$${++count}`)
}

/** One statement per append: the counter and the rows together. */
const append = numbered(`with session as (${sql.advanceSession('greatest')})
  insert into session_messages (${sql.messageColumns})
  select m.id, m.namespace, m.session_id, session.last_sequence + m.sequence, m.role, m.content, m.metadata,
    m.tool_call_id, m.token_count, m.content_hash, m.created_at, m.recorded_at
  from session, unnest(?::text[], ?::text[], ?::text[], ?::integer[], ?::text[], ?::text[], ?::text[], ?::text[],
    ?::integer[], ?::text[], ?::bigint[], ?::bigint[]) as m (${sql.messageColumns})`)

const text = {
  create: numbered(sql.insertSession),
  get: numbered(sql.selectSession),
  list: numbered(sql.listSessions),
  messages: numbered(sql.selectMessages),
  usage: numbered(sql.selectUsage),
  truncations: numbered(sql.selectTruncations),
  spend: numbered(sql.advanceUsage),
  insertUsage: numbered(sql.insertUsage),
  insertChunk: numbered(sql.insertMessages(sql.importChunk)),
  stage: numbered(sql.insertStaged),
  publish: numbered(sql.publish),
}

/** pg by hand: a pool as large as ours, one statement where one will do. */
export function rawPostgres(url: string, schema: string): Side {
  const pool = new Pool({ connectionString: url, max: 10, options: `-c search_path=${schema}` })
  const read = async (id: string) =>
    sql.parsed((await pool.query(text.messages, [id, sql.namespace])).rows as sql.MessageRow[])
  const rows = async (query: string, parameters: unknown[]) => (await pool.query(query, parameters)).rows as unknown[]
  return {
    async create() {
      const session = sql.newSession()
      await pool.query(text.create, session)
      return session[0] as string
    },
    get: (id) => rows(text.get, [id, sql.namespace]),
    list: () => rows(text.list, ['listed']),
    append(id, count) {
      const now = Date.now()
      const messages = Array.from({ length: count }, (_, index) => sql.newMessage(id, index + 1 - count, now))
      const columns = (messages[0] ?? []).map((_, column) => messages.map((message) => message[column]))
      return pool.query(append, [count, count, now, id, sql.namespace, ...columns])
    },
    spend: (id) => inTransaction(pool, (client) => spend(client, id)),
    read,
    exportSession: async (id) => ({
      session: await rows(text.get, [id, sql.namespace]),
      truncations: await rows(text.truncations, [id, sql.namespace]),
      messages: await read(id),
      usage: await rows(text.usage, [id, sql.namespace]),
    }),
    async importSession(archive) {
      const session = sql.newSession()
      const count = archive.messages.length
      await pool.query(text.stage, [...session, count, count, session[3]])
      const messages = archive.messages.map((message) => sql.archivedMessage(message, session[0] as string))
      for (let start = 0; start < count; start += sql.importChunk) {
        await pool.query(text.insertChunk, messages.slice(start, start + sql.importChunk).flat())
      }
      await pool.query(text.publish, [session[0]])
    },
    close: () => pool.end(),
  }
}

async function spend(client: PoolClient, id: string): Promise<unknown> {
  const now = Date.now()
  const { rows } = await client.query<{ usage_count: number }>(text.spend, [...sql.figures, now, id, sql.namespace])
  await client.query(text.insertUsage, [sql.newId(), sql.namespace, id, rows[0]?.usage_count, ...sql.figures, now])
  return rows[0]
}

async function inTransaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  try {
    await client.query('begin')
    const result = await work(client)
    await client.query('commit')
    return result
  } finally {
    client.release()
  }
}
