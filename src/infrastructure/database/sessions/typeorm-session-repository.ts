import type { JsonObject } from '../../../domain/canonical-json.js'
import type { IdempotencyKey } from '../../../domain/idempotency.js'
import type { Page, PagePosition } from '../../../domain/page.js'
import type { Session, SessionTruncation } from '../../../domain/sessions/session.js'
import type { KeyedOutcome, SessionListQuery, SessionRepository } from '../../../domain/sessions/session-repository.js'
import type { Database } from '../database.js'
import { databaseRetry } from '../database-retry.js'
import { deleteEvents, holdBackfills } from '../delete-events.js'
import { insertRows } from '../insert-rows.js'
import { isUniqueViolation } from '../storage-errors.js'
import { keyOutcome } from './key-rows.js'
import { listSessions } from './session-list.js'
import {
  metadataColumns,
  metadataParameters,
  type SessionRow,
  sessionColumns,
  sessionFromRow,
  sessionParameters,
} from './session-rows.js'
import { truncateSession } from './session-truncation.js'
import { type TruncationRow, truncationColumns, truncationFromRow, truncationParameters } from './truncation-rows.js'

/** Sessions of one namespace in TypeORM's tables, on either database. */
export class TypeOrmSessionRepository implements SessionRepository {
  constructor(
    readonly database: Database,
    private readonly namespace: string,
  ) {}

  @databaseRetry()
  create(session: Session): Promise<boolean> {
    if (Object.keys(session.metadata).length === 0) return this.insert(this.database, session)
    return this.database.transaction(async (transaction) => {
      const isThere = await this.insert(transaction, session)
      if (isThere) await this.writeMetadata(transaction, session.id, session.metadata)
      return isThere
    })
  }

  @databaseRetry()
  async isIdTaken(id: string): Promise<boolean> {
    const rows = await this.database.query(
      `select id from ${this.database.tables.sessions} where id = ? and staged_at is null`,
      [id],
    )
    return rows.length > 0
  }

  @databaseRetry()
  getById(id: string): Promise<Session | undefined> {
    return this.getBy('id', id)
  }

  @databaseRetry()
  getByExternalId(externalId: string): Promise<Session | undefined> {
    return this.getBy('external_id', externalId)
  }

  @databaseRetry()
  async lockById(id: string): Promise<Session | undefined> {
    // An update that changes nothing locks the row on both databases.
    const [row] = await this.database.query<SessionRow>(
      `update ${this.database.tables.sessions} set status = status
       where id = ? and namespace = ? and staged_at is null returning ${sessionColumns}`,
      [id, this.namespace],
    )
    return row && sessionFromRow(row)
  }

  @databaseRetry()
  listAll(query: SessionListQuery): Promise<Page<Session, PagePosition>> {
    return listSessions(this.database, this.namespace, query)
  }

  @databaseRetry()
  update(session: Session): Promise<void> {
    const { title, status, metadata, updatedAt } = session
    return this.database.transaction(async (transaction) => {
      await transaction.query(
        `update ${this.database.tables.sessions} set title = ?, status = ?, metadata = ?, updated_at = ?
         where id = ? and namespace = ?`,
        [title, status, JSON.stringify(metadata), updatedAt.getTime(), session.id, this.namespace],
      )
      await transaction.query(`delete from ${this.database.tables.metadata} where session_id = ?`, [session.id])
      await this.writeMetadata(transaction, session.id, metadata)
    })
  }

  @databaseRetry()
  async delete(id: string): Promise<void> {
    const sql = `delete from ${this.database.tables.sessions} where id = ? and namespace = ? returning id`
    await this.database.transaction(async (transaction) => {
      const [deleted] = await transaction.query(sql, [id, this.namespace])
      if (!deleted) return
      // A backfill that has read an event, and has something else to say of it, would write it once more.
      await holdBackfills(transaction, this.namespace)
      // No foreign key takes these along: an event may name a session that is not ours.
      await deleteEvents(transaction, ['session_id = ? and namespace = ?', id, this.namespace])
    })
  }

  @databaseRetry()
  truncate(truncation: SessionTruncation): Promise<SessionTruncation | undefined> {
    return this.database.transaction((transaction) => truncateSession(transaction, this.namespace, truncation))
  }

  @databaseRetry()
  async truncations(sessionId: string): Promise<SessionTruncation[]> {
    const rows = await this.database.query<TruncationRow>(
      `select ${truncationColumns} from ${this.database.tables.truncations}
       where session_id = ? and namespace = ? order by created_at, id`,
      [sessionId, this.namespace],
    )
    return rows.map(truncationFromRow)
  }

  @databaseRetry()
  keyed(scope: string, key: string): Promise<KeyedOutcome | undefined> {
    return keyOutcome(this.database, this.namespace, scope, key)
  }

  @databaseRetry()
  async keepKey(key: IdempotencyKey, sessionId: string, at: Date): Promise<boolean> {
    const rows = await this.database.query(
      `insert into ${this.database.tables.keys} (namespace, scope, idempotency_key, payload_hash, session_id, created_at)
       values (?, ?, ?, ?, ?, ?) on conflict do nothing returning session_id`,
      [this.namespace, key.scope, key.key, key.payloadHash, sessionId, at.getTime()],
    )
    return rows.length > 0
  }

  @databaseRetry()
  async deleteClaimed(id: string, { scope, key, payloadHash }: IdempotencyKey): Promise<void> {
    const { sessions, keys } = this.database.tables
    await this.database.query(
      `delete from ${sessions} where id = ? and namespace = ? and exists (select 1 from ${keys}
       where namespace = ? and scope = ? and idempotency_key = ? and payload_hash = ? and session_id = ?)`,
      [id, this.namespace, this.namespace, scope, key, payloadHash, id],
    )
  }

  @databaseRetry()
  async deleteStalled(id: string, before: Date): Promise<void> {
    const sql = `delete from ${this.database.tables.sessions} where id = ? and staged_at < ?`
    await this.database.query(sql, [id, before.getTime()])
  }

  @databaseRetry()
  stage(sessionId: string, truncations: SessionTruncation[], at: Date): Promise<void> {
    const { sessions, truncations: table } = this.database.tables
    return this.database.transaction(async (transaction) => {
      await transaction.query(`update ${sessions} set staged_at = ? where id = ? and staged_at is not null`, [
        at.getTime(),
        sessionId,
      ])
      await insertRows(
        transaction,
        table,
        truncationColumns,
        truncations.map(truncationParameters),
        'on conflict do nothing',
      )
    })
  }

  @databaseRetry()
  async publish(session: Session): Promise<boolean> {
    try {
      const rows = await this.database.transaction((transaction) =>
        transaction.query(
          `update ${this.database.tables.sessions} set staged_at = null, external_id = ?
           where id = ? and namespace = ? and staged_at is not null returning id`,
          [session.externalId, session.id, this.namespace],
        ),
      )
      return rows.length > 0 || (await this.getById(session.id)) !== undefined
    } catch (error) {
      if (isUniqueViolation(error)) return false
      throw error
    }
  }

  private async getBy(column: 'id' | 'external_id', value: string): Promise<Session | undefined> {
    const [row] = await this.database.query<SessionRow>(
      `select ${sessionColumns} from ${this.database.tables.sessions}
       where ${column} = ? and namespace = ? and staged_at is null`,
      [value, this.namespace],
    )
    return row && sessionFromRow(row)
  }

  /** Whether the session is there now: by this try, or by an earlier one whose answer was lost. */
  private async insert(database: Database, session: Session): Promise<boolean> {
    const { sessions } = this.database.tables
    const parameters = sessionParameters(session)
    const [inserted] = await database.query(
      `insert into ${sessions} (${sessionColumns}, staged_at) values (${parameters.map(() => '?').join(', ')})
       on conflict do nothing returning id`,
      parameters,
    )
    if (inserted) return true
    const sql = `select id from ${sessions} where id = ? and namespace = ?`
    return (await database.query(sql, [session.id, this.namespace])).length > 0
  }

  private async writeMetadata(transaction: Database, sessionId: string, metadata: JsonObject): Promise<void> {
    const rows = metadataParameters(sessionId, this.namespace, metadata)
    await insertRows(transaction, this.database.tables.metadata, metadataColumns, rows, 'on conflict do nothing')
  }
}
