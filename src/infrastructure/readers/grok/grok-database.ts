import { createHash } from 'node:crypto'
import type {
  ReadBatch,
  ReadCursor,
  RecordCounts,
  ResponseUsage,
  SessionFacts,
  TranscriptRecord,
} from '../../../domain/transcripts/transcript-reader.js'
import { type AgentDatabase, hasColumns, openReadOnly } from '../agent-database.js'
import { withoutUndefined } from '../draft-events.js'
import { isoTime, optionalText, tokenCount } from '../event-text.js'
import { countsOf } from '../line-records.js'
import { messageEvents } from './grok-messages.js'

interface DatabaseState {
  message: number
  usage: number
  /** `updated_at` of the sessions told last. */
  session: string
}

type Row = Record<string, unknown>

const batchRows = 200
const start: DatabaseState = { message: 0, usage: 0, session: '' }

/** `grok.db` of superagent's Grok CLI: opened read-only, read in the order in which rows were written. */
export async function* readDatabase(path: string, cursor?: ReadCursor): AsyncGenerator<ReadBatch> {
  const database = openReadOnly(path)
  try {
    const state = { ...start, ...(cursor?.state as DatabaseState | undefined) }
    if (cursor && hashAt(database, state.message) !== cursor.prefixHash) {
      yield { records: [], cursor: cursorOf(database, start), isRewritten: true }
      return
    }
    yield { records: tellSessions(database, state), cursor: cursorOf(database, state) }
    yield* batches(database, state, tellMessages)
    yield* batches(database, state, tellUsages)
  } finally {
    database.close()
  }
}

/** Whether it is the agent's, among all the databases that there are. */
export function isSessionDatabase(path: string): boolean {
  const database = openReadOnly(path)
  try {
    return hasColumns(database, 'messages', ['session_id', 'seq', 'message_json'])
  } finally {
    database.close()
  }
}

type Telling = (database: AgentDatabase, state: DatabaseState) => TranscriptRecord[]

function* batches(database: AgentDatabase, state: DatabaseState, tell: Telling): Generator<ReadBatch> {
  for (let records = tell(database, state); records.length > 0; records = tell(database, state)) {
    yield { records, cursor: cursorOf(database, state) }
  }
}

function cursorOf(database: AgentDatabase, state: DatabaseState): ReadCursor {
  const { message } = state
  return { byteOffset: message, lineCount: message, prefixHash: hashAt(database, message), state: { ...state } }
}

/** Of the last row read: rows are only added, unless the agent's database was made anew. */
function hashAt(database: AgentDatabase, message: number): string {
  const row = database.prepare('select session_id, seq, created_at from messages where rowid = ?').raw().get(message)
  return createHash('sha256')
    .update(JSON.stringify(row ?? message))
    .digest('hex')
}

function rowsOf(database: AgentDatabase, sql: string, after: unknown): Row[] {
  return database.prepare(`${sql} limit ${batchRows}`).all(after) as Row[]
}

function tellMessages(database: AgentDatabase, state: DatabaseState): TranscriptRecord[] {
  const sql =
    'select rowid as id, session_id, seq, message_json, created_at from messages where rowid > ? order by rowid'
  return rowsOf(database, sql, state.message).map((row) => {
    state.message = Number(row.id)
    const sourceKey = `message:${Number(row.seq)}`
    const basis = { sourceKey, ts: isoTime(row.created_at) ?? null, isTimeInherited: false, isSidechain: false }
    const events = messageEvents(String(row.message_json), basis)
    return recordOf(
      row,
      'messages',
      { sourceKey, events: events ?? [] },
      events ? { records: 1 } : { malformedLines: 1 },
    )
  })
}

function tellUsages(database: AgentDatabase, state: DatabaseState): TranscriptRecord[] {
  const columns = 'id, session_id, model, input_tokens, output_tokens, created_at'
  return rowsOf(database, `select ${columns} from usage_events where id > ? order by id`, state.usage).map((row) => {
    state.usage = Number(row.id)
    const tokens = { inputTokens: tokenCount(row.input_tokens), outputTokens: tokenCount(row.output_tokens) }
    const usage: ResponseUsage = withoutUndefined({
      key: `grok:${String(row.session_id)}:usage:${state.usage}`,
      weight: [state.usage],
      tokens: { ...tokens, cacheReadTokens: 0, cacheWriteTokens: 0 },
      model: optionalText(row.model),
      at: isoTime(row.created_at) ?? null,
    })
    return recordOf(row, 'usage_events', { sourceKey: `usage:${state.usage}`, events: [], usage }, {})
  })
}

/** Few, and changed as they go on: all that changed since. */
function tellSessions(database: AgentDatabase, state: DatabaseState): TranscriptRecord[] {
  const sql =
    'select id as session_id, title, model, cwd_last, created_at, updated_at from sessions where updated_at > ?'
  const rows = database.prepare(`${sql} order by updated_at`).all(state.session) as Row[]
  return rows.map((row) => {
    state.session = String(row.updated_at)
    const title = optionalText(row.title)
    const session: SessionFacts = withoutUndefined({
      startedAt: isoTime(row.created_at),
      cwd: optionalText(row.cwd_last),
      model: optionalText(row.model),
      title: title ? { text: title, rank: 2 } : undefined,
    })
    return recordOf({ ...row, id: 0 }, 'sessions', { sourceKey: `session:${state.session}`, events: [], session }, {})
  })
}

type Told = Pick<TranscriptRecord, 'sourceKey' | 'events' | 'usage' | 'session'>

function recordOf({ id, session_id }: Row, table: string, told: Told, counts: Partial<RecordCounts>): TranscriptRecord {
  const place = { byteOffset: Number(id), line: Number(id), file: table }
  return { ...told, place, sessionId: String(session_id), counts: countsOf(counts) }
}
