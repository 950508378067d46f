import { setImmediate } from 'node:timers/promises'
import type {
  ReadBatch,
  ReadCursor,
  ReadOptions,
  TranscriptRecord,
} from '../../../domain/transcripts/transcript-reader.js'
import { type AgentDatabase, openReadOnly } from '../agent-database.js'
import {
  defaultMaxBytes,
  type Layout,
  layoutsIn,
  messageTeller,
  sessionTeller,
  tablesOf,
  type Unread,
} from './opencode-rows.js'
import { noMark, survey, type TableMark, writtenSince } from './opencode-tables.js'

interface DatabaseState {
  /** How each table was. */
  marks: Record<string, TableMark>
  /** By table of messages, the rowid up to which they were read. */
  read: Record<string, number>
}

const pageRows = 200
const defaultBatchBytes = 1024 * 1024

/** Whether it is the agent's, among all the databases that there are. */
export function isOpencodeDatabase(path: string): boolean {
  const database = openReadOnly(path)
  try {
    return layoutsIn(database).length > 0
  } finally {
    database.close()
  }
}

/**
 * Opened read-only: what was written over since, then what was added, in the order of its rows. Nothing is held open
 * between two batches, so that the agent writes on meanwhile.
 */
export async function* readOpencode(
  path: string,
  cursor?: ReadCursor,
  options: ReadOptions = {},
): AsyncGenerator<ReadBatch> {
  const database = openReadOnly(path)
  try {
    yield* new DatabaseReading(database, cursor, options).batches()
  } finally {
    database.close()
  }
}

class DatabaseReading {
  private readonly layouts: Layout[]
  private state: DatabaseState = { marks: {}, read: {} }
  private readonly maxBytes: number
  private readonly batchBytes: number
  private readonly isGoingOn: boolean

  constructor(
    private readonly database: AgentDatabase,
    cursor: ReadCursor | undefined,
    { maxLineBytes = defaultMaxBytes, batchBytes = defaultBatchBytes }: ReadOptions,
  ) {
    this.layouts = layoutsIn(database)
    this.maxBytes = maxLineBytes
    this.batchBytes = batchBytes
    this.isGoingOn = cursor !== undefined
    if (cursor) this.state = structuredClone(cursor.state as DatabaseState)
  }

  async *batches(): AsyncGenerator<ReadBatch> {
    const now = await this.surveyed()
    if (!now) return yield { records: [], cursor: this.batch([]).cursor, isRewritten: true }
    yield* this.sessions(now)
    for (const layout of this.layouts) yield* this.changedMessages(layout, now)
    this.state = { ...this.state, marks: now }
    for (const layout of this.layouts) yield* this.newMessages(layout)
    yield this.batch([])
  }

  /** Undefined once a row is gone that was there before. */
  private async surveyed(): Promise<DatabaseState['marks'] | undefined> {
    const { marks } = this.state
    const now: DatabaseState['marks'] = {}
    for (const table of this.layouts.flatMap(tablesOf)) {
      const { mark, isKept } = await survey(this.database, table, marks[table.name])
      if (!isKept && this.isGoingOn) return undefined
      now[table.name] = mark
    }
    const isMissing = ([name, { rows }]: [string, TableMark]) => rows > 0 && !now[name]
    return Object.entries(marks).some(isMissing) ? undefined : now
  }

  /** First of all: where a session worked is known of what it did. */
  private async *sessions(now: DatabaseState['marks']): AsyncGenerator<ReadBatch> {
    for (const layout of this.layouts) {
      const tell = sessionTeller(this.database, this.layouts, layout)
      const { name } = layout.sessions
      const before = this.state.marks[name] ?? noMark
      const upTo = now[name]?.last ?? 0
      for await (const rowids of writtenSince(this.database, layout.sessions, before, before.last)) {
        yield* this.some(rowids.flatMap(tell))
      }
      for (const rowids of this.pages(`select rowid from ${name} where rowid > ? and rowid <= ?`, before.last, upTo)) {
        yield* this.some(rowids.flatMap(tell))
      }
      // What follows may lie in pages that cannot be read.
      this.state.marks = { ...this.state.marks, [name]: now[name] ?? noMark }
      yield this.batch([])
    }
  }

  /** Told again, whole: what changed of them, or of their parts, stands under the same keys. */
  private async *changedMessages(layout: Layout, now: DatabaseState['marks']): AsyncGenerator<ReadBatch> {
    const { messages, parts } = layout
    const upTo = this.state.read[messages.name] ?? 0
    const before = this.state.marks[messages.name]
    if (!before || upTo === 0) return
    const unread = { isNew: false, parts: this.unreadParts(layout, now) }
    for await (const rowids of writtenSince(this.database, messages, before, upTo)) {
      yield* this.told(layout, rowids, unread)
    }
    if (!parts) return
    const owner = this.database
      .prepare('select m.rowid from part p join message m on m.id = p.message_id where p.rowid = ? and m.rowid <= ?')
      .pluck()
    const ownersOf = (rowids: number[]) =>
      [...new Set(rowids.flatMap((rowid) => owner.get(rowid, upTo) ?? []))] as number[]
    const { after, upTo: lastPart } = unread.parts
    const mark = this.state.marks[parts.name] ?? noMark
    for await (const rowids of writtenSince(this.database, parts, mark, after)) {
      yield* this.told(layout, ownersOf(rowids), unread)
    }
    for (const rowids of this.pages('select rowid from part where rowid > ? and rowid <= ?', after, lastPart)) {
      yield* this.told(layout, ownersOf(rowids), unread)
    }
  }

  private async *newMessages(layout: Layout): AsyncGenerator<ReadBatch> {
    const { name } = layout.messages
    const { marks, read } = this.state
    const unread = { isNew: true, parts: this.unreadParts(layout, marks) }
    const sql = `select rowid from ${name} where rowid > ? and rowid <= ?`
    for (const rowids of this.pages(sql, read[name] ?? 0, marks[name]?.last ?? 0)) {
      yield* this.told(layout, rowids, unread)
      await setImmediate()
    }
  }

  private unreadParts({ parts }: Layout, now: DatabaseState['marks']): Unread['parts'] {
    const name = parts?.name ?? ''
    return { after: this.state.marks[name]?.last ?? 0, upTo: now[name]?.last ?? 0 }
  }

  private *pages(sql: string, from: number, upTo: number): Generator<number[]> {
    const page = this.database.prepare(`${sql} order by rowid limit ${pageRows}`).pluck()
    for (let after = from; ; ) {
      const rowids = page.all(after, upTo) as number[]
      const last = rowids.at(-1)
      if (last === undefined) return
      if (last <= after) throw new Error('rows are out of order')
      yield rowids
      after = last
    }
  }

  private *told(layout: Layout, rowids: number[], unread: Unread): Generator<ReadBatch> {
    const tell = messageTeller(this.database, this.layouts, layout, this.maxBytes)
    let records: TranscriptRecord[] = []
    let size = 0
    for (const rowid of rowids) {
      const told = tell(rowid, unread)
      if (told) records.push(told.record)
      if (unread.isNew) this.state.read[layout.messages.name] = rowid
      size += told?.bytes ?? 0
      if (size < this.batchBytes) continue
      yield* this.some(records)
      records = []
      size = 0
    }
    yield* this.some(records)
  }

  private *some(records: TranscriptRecord[]): Generator<ReadBatch> {
    if (records.length > 0) yield this.batch(records)
  }

  private batch(records: TranscriptRecord[]): ReadBatch {
    const rowsRead = Object.values(this.state.read).reduce((sum, rowid) => sum + rowid, 0)
    const cursor = { byteOffset: rowsRead, lineCount: rowsRead, prefixHash: '', state: structuredClone(this.state) }
    return { records, cursor }
  }
}
