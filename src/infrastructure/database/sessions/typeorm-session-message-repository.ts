import type { SessionMessage } from '../../../domain/sessions/message.js'
import { maxSequence } from '../../../domain/sessions/session.js'
import {
  type AppendRequest,
  type AppendResult,
  defaultPageBytes,
  type MessagePage,
  type MessageRange,
  type NewMessage,
  type SessionMessageRepository,
  type StoredMessage,
} from '../../../domain/sessions/session-message-repository.js'
import type { Database } from '../database.js'
import { databaseRetry } from '../database-retry.js'
import { insertRows } from '../insert-rows.js'
import { writeSearchEntries } from '../search-entries.js'
import { messageEntry } from './message-entries.js'
import { type MessageRow, messageColumns, messageFromRow, messageParameters } from './message-rows.js'

const storedColumns = 'sequence, content as "contentText", content_hash as "contentHash", metadata as "metadataText"'

const sizeColumn = 'octet_length(content) + octet_length(metadata) as bytes'

/** Messages of one namespace in TypeORM's tables, on either database. */
export class TypeOrmSessionMessageRepository implements SessionMessageRepository {
  constructor(
    readonly database: Database,
    private readonly namespace: string,
  ) {}

  // Not under @databaseRetry(): a grouped write is tried again with its group.
  append(request: AppendRequest): Promise<AppendResult> {
    const bytes = request.messages.reduce((sum, message) => sum + message.contentText.length, 0)
    let tries = 0
    return this.database.groupedWrite(bytes, (transaction) =>
      this.database.dialect.append(transaction, this.namespace, request, tries++ > 0),
    )
  }

  @databaseRetry()
  async getForSession(sessionId: string, range: MessageRange): Promise<SessionMessage[]> {
    const rows = await this.rows<MessageRow>(messageColumns, sessionId, range)
    return rows.map(messageFromRow)
  }

  @databaseRetry()
  async pageForSession(sessionId: string, range: MessageRange): Promise<MessagePage<SessionMessage>> {
    const { messages, isCut } = await this.page<MessageRow>(messageColumns, sessionId, range)
    return { messages: messages.map(messageFromRow), isCut }
  }

  @databaseRetry()
  storedPage(sessionId: string, range: MessageRange): Promise<MessagePage<StoredMessage>> {
    return this.page<StoredMessage>(storedColumns, sessionId, range)
  }

  @databaseRetry()
  async countForSession(sessionId: string, until = maxSequence): Promise<number> {
    const [row] = await this.database.query<{ count: number | string }>(
      `select count(*) as count from ${this.database.tables.messages} where session_id = ? and namespace = ? and sequence <= ?`,
      [sessionId, this.namespace, until],
    )
    return Number(row?.count ?? 0)
  }

  @databaseRetry()
  stage(sessionId: string, messages: (NewMessage & { sequence: number })[], at: Date): Promise<void> {
    const { sessions, messages: table } = this.database.tables
    return this.database.transaction(async (transaction) => {
      const [session] = await transaction.query<{ actor_name: string }>(
        `update ${sessions} set staged_at = ? where id = ? and staged_at is not null returning actor_name`,
        [at.getTime(), sessionId],
      )
      const rows = messages.map((message) => messageParameters(message, message.sequence))
      // A batch whose answer was lost comes again; publishing counts what really arrived.
      await insertRows(transaction, table, messageColumns, rows, 'on conflict do nothing')
      const entries = messages.map((message) => messageEntry(message, session?.actor_name ?? null))
      await writeSearchEntries(transaction, this.namespace, entries)
    })
  }

  /** Asks for the sizes first, which neither database needs to read the texts for. */
  private async page<Row>(columns: string, sessionId: string, range: MessageRange): Promise<MessagePage<Row>> {
    const { pageBytes = defaultPageBytes } = range
    const sizes = await this.rows<{ bytes: number }>(sizeColumn, sessionId, range)
    if (range.fromEnd) sizes.reverse()
    let limit = 0
    for (let bytes = 0; limit < sizes.length; limit++) {
      bytes += sizes[limit]?.bytes ?? 0
      if (bytes > pageBytes && limit > 0) break
    }
    if (limit === 0) return { messages: [], isCut: false }
    const messages = await this.rows<Row>(columns, sessionId, { ...range, limit })
    return { messages, isCut: limit < sizes.length }
  }

  private async rows<Row>(columns: string, sessionId: string, range: MessageRange): Promise<Row[]> {
    const { after, before, limit, offset, fromEnd } = range
    const conditions = ['session_id = ?', 'namespace = ?']
    const parameters: unknown[] = [sessionId, this.namespace]
    const where = (condition: string, value: number | undefined) => {
      if (value === undefined) return
      conditions.push(condition)
      parameters.push(value)
    }
    where('sequence > ?', after)
    // All are before what no column holds.
    where('sequence < ?', before !== undefined && before > maxSequence ? undefined : before)
    const rows = await this.database.query<Row>(
      `select ${columns} from ${this.database.tables.messages} where ${conditions.join(' and ')}
       order by sequence ${fromEnd ? 'desc' : 'asc'} limit ? offset ?`,
      [...parameters, limit ?? 100, offset ?? 0],
    )
    return fromEnd ? rows.reverse() : rows
  }
}
