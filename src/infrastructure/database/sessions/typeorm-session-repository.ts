import type { EntityManager, SelectQueryBuilder } from 'typeorm'
import { hashJson, type JsonObject } from '../../../domain/canonical-json.js'
import type { Page, PagePosition } from '../../../domain/page.js'
import { Session, SessionTruncation } from '../../../domain/sessions/session.js'
import type {
  IdempotencyKey,
  KeyedOutcome,
  SessionListQuery,
  SessionRepository,
} from '../../../domain/sessions/session-repository.js'
import { addUsage, TokenUsage, type UsageEntry, type UsageReport } from '../../../domain/sessions/token-usage.js'
import type { Database } from '../database.js'
import { databaseRetry } from '../database-retry.js'
import { isUniqueViolation } from '../storage-errors.js'
import { appendRefusal, sessionNotFound } from './append-refusal.js'
import { insertRows } from './insert-rows.js'
import { keyOutcome } from './key-rows.js'
import { usageReport } from './usage-report.js'
import {
  readTokens,
  type TokenRow,
  tokenColumns,
  tokenParameters,
  type UsageRow,
  usageColumns,
  usageFromRow,
  usageParameters,
} from './usage-rows.js'

const truncationColumns = 'id, namespace, session_id, after_sequence, last_sequence, removed_count, created_at'

/** Sessions of one namespace in TypeORM's tables, on either database. */
export class TypeOrmSessionRepository implements SessionRepository {
  constructor(
    readonly database: Database,
    private readonly namespace: string,
  ) {}

  @databaseRetry()
  create(session: Session): Promise<boolean> {
    return this.database.transaction(async (transaction) => {
      await transaction.withManager((manager) =>
        manager.createQueryBuilder().insert().into(Session).values(session as never).orIgnore().updateEntity(false).execute(),
      )
      const [row] = await transaction.query<object>(
        `select id from ${this.database.tables.sessions} where id = ? and namespace = ?`,
        [session.id, this.namespace],
      )
      if (row) await this.writeMetadata(transaction, session.id, session.metadata)
      return row !== undefined
    })
  }

  @databaseRetry()
  async isIdTaken(id: string): Promise<boolean> {
    const rows = await this.database.query(`select id from ${this.database.tables.sessions} where id = ?`, [id])
    return rows.length > 0
  }

  @databaseRetry()
  async getById(id: string): Promise<Session | undefined> {
    return this.database.withManager(
      async (manager) => (await this.visible(manager).andWhere('s.id = :id', { id }).getOne()) ?? undefined,
    )
  }

  @databaseRetry()
  async getByExternalId(externalId: string): Promise<Session | undefined> {
    return this.database.withManager(
      async (manager) =>
        (await this.visible(manager).andWhere('s.externalId = :externalId', { externalId }).getOne()) ?? undefined,
    )
  }

  @databaseRetry()
  async listAll(query: SessionListQuery): Promise<Page<Session, PagePosition>> {
    const { limit, offset, position } = query
    const isBackward = position?.direction === 'previous'
    const isDescending = (query.order ?? 'newest') === 'newest'
    const direction = isDescending !== isBackward ? 'DESC' : 'ASC'
    const rows = await this.database.withManager((manager) => {
      const select = this.filtered(manager, query)
      if (position) {
        const compare = direction === 'DESC' ? '<' : '>'
        const at = { at: position.at, lastId: position.id }
        select.andWhere(`(s.createdAt ${compare} :at or (s.createdAt = :at and s.id ${compare} :lastId))`, at)
      }
      return select.orderBy('s.createdAt', direction).addOrderBy('s.id', direction).limit(limit + 1).offset(offset ?? 0).getMany()
    })
    const hasMore = rows.length > limit
    const items = isBackward ? rows.slice(0, limit).reverse() : rows.slice(0, limit)
    const hasNext = isBackward || hasMore
    const hasPrevious = isBackward ? hasMore : position !== undefined || (offset ?? 0) > 0
    return {
      items,
      nextCursor: hasNext ? placeOf('next', items.at(-1)) : null,
      previousCursor: hasPrevious ? placeOf('previous', items[0]) : null,
    }
  }

  @databaseRetry()
  update(session: Session): Promise<void> {
    const { title, status, metadata, updatedAt } = session
    return this.database.transaction(async (transaction) => {
      await transaction.withManager((manager) =>
        manager
          .createQueryBuilder()
          .update(Session)
          .set({ title, status, metadata: metadata as never, updatedAt })
          .where({ id: session.id, namespace: this.namespace })
          .execute(),
      )
      await transaction.query(`delete from ${this.database.tables.metadata} where session_id = ?`, [session.id])
      await this.writeMetadata(transaction, session.id, metadata)
    })
  }

  @databaseRetry()
  async delete(id: string): Promise<void> {
    await this.database.query(`delete from ${this.database.tables.sessions} where id = ? and namespace = ?`, [
      id,
      this.namespace,
    ])
  }

  @databaseRetry()
  recordUsage(sessionId: string, entries: UsageEntry[]): Promise<void> {
    return this.database.transaction(async (transaction) => {
      const total = entries.reduce<TokenUsage>((sum, entry) => addUsage(sum, entry), new TokenUsage())
      const { sessions, usage } = this.database.tables
      // The update comes first: its row lock makes the look for an earlier try of ours conclusive.
      const [session] = await transaction.query<{ usage_count: number }>(
        `update ${sessions} set usage_count = usage_count where id = ? and namespace = ? and staged_at is null returning usage_count`,
        [sessionId, this.namespace],
      )
      if (!session) throw sessionNotFound(sessionId)
      const [earlier] = await transaction.query(`select id from ${usage} where id = ?`, [entries[0]?.id ?? ''])
      if (earlier) return
      await transaction.query(
        `update ${sessions} set usage_count = usage_count + ?, input_tokens = input_tokens + ?, cache_read_tokens = cache_read_tokens + ?,
           cache_write_tokens = cache_write_tokens + ?, output_tokens = output_tokens + ?, reasoning_tokens = reasoning_tokens + ?,
           cost_nano_usd = cost_nano_usd + ?, updated_at = case when updated_at > ? then updated_at else ? end where id = ?`,
        [entries.length, ...tokenParameters(total), ...Array<number>(2).fill(entries.at(-1)?.createdAt.getTime() ?? 0), sessionId],
      )
      const rows = entries.map((entry, index) => usageParameters(entry, session.usage_count + 1 + index))
      await insertRows(transaction, usage, usageColumns, rows)
    })
  }

  @databaseRetry()
  async lockUsage(sessionId: string): Promise<TokenUsage> {
    const [row] = await this.database.query<TokenRow>(
      `update ${this.database.tables.sessions} set usage_count = usage_count
       where id = ? and namespace = ? and staged_at is null returning ${tokenColumns}`,
      [sessionId, this.namespace],
    )
    if (!row) throw sessionNotFound(sessionId)
    return readTokens(new TokenUsage(), row)
  }

  @databaseRetry()
  async usageEntries(
    sessionId: string,
    range: { after: number; until: number; limit: number },
  ): Promise<UsageEntry[]> {
    const rows = await this.database.query<UsageRow>(
      `select ${usageColumns} from ${this.database.tables.usage}
       where session_id = ? and namespace = ? and sequence > ? and sequence <= ? order by sequence limit ?`,
      [sessionId, this.namespace, range.after, range.until, range.limit],
    )
    return rows.map(usageFromRow)
  }

  @databaseRetry()
  usageReport(sessionId: string | undefined): Promise<UsageReport> {
    return usageReport(this.database, this.namespace, sessionId)
  }

  @databaseRetry()
  truncate(truncation: SessionTruncation): Promise<SessionTruncation | undefined> {
    const { sessions, messages, truncations } = this.database.tables
    const { id, sessionId, afterSequence } = truncation
    const at = truncation.createdAt.getTime()
    return this.database.transaction(async (transaction) => {
      const [session] = await transaction.query<{ last_sequence: number }>(
        `update ${sessions} set updated_at = case when updated_at > ? then updated_at else ? end
         where id = ? and namespace = ? and status = 'active' and staged_at is null returning last_sequence`,
        [at, at, sessionId, this.namespace],
      )
      if (!session) throw await appendRefusal(transaction, this.namespace, { sessionId })
      const [earlier] = await transaction.query<TruncationRow>(
        `select ${truncationColumns} from ${truncations} where id = ?`,
        [id],
      )
      if (earlier) return truncationFromRow(earlier)
      const removed = await transaction.query(
        `delete from ${messages} where session_id = ? and sequence > ? returning sequence`,
        [sessionId, afterSequence],
      )
      if (removed.length === 0) return undefined
      await transaction.query(`update ${sessions} set message_count = message_count - ? where id = ?`, [
        removed.length,
        sessionId,
      ])
      const recorded = { ...truncation, lastSequence: session.last_sequence, removedCount: removed.length }
      await insertRows(transaction, truncations, truncationColumns, [truncationParameters(recorded)])
      return recorded
    })
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
  stage(
    sessionId: string,
    rows: { usage?: UsageEntry[]; truncations?: SessionTruncation[]; at: Date },
  ): Promise<void> {
    const { sessions, usage, truncations } = this.database.tables
    return this.database.transaction(async (transaction) => {
      await transaction.query(`update ${sessions} set staged_at = ? where id = ?`, [rows.at.getTime(), sessionId])
      const entries = (rows.usage ?? []).map((entry) => usageParameters(entry, entry.sequence))
      await insertRows(transaction, usage, usageColumns, entries, 'on conflict do nothing')
      const recorded = (rows.truncations ?? []).map(truncationParameters)
      await insertRows(transaction, truncations, truncationColumns, recorded, 'on conflict do nothing')
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

  private visible(manager: EntityManager): SelectQueryBuilder<Session> {
    return manager
      .createQueryBuilder(Session, 's')
      .where('s.namespace = :namespace and s.stagedAt is null', { namespace: this.namespace })
  }

  private filtered(manager: EntityManager, query: SessionListQuery): SelectQueryBuilder<Session> {
    const select = this.visible(manager)
    const { actorName, status, createdAfter, createdBefore } = query
    if (actorName !== undefined) select.andWhere('s.actorName = :actorName', { actorName })
    if (status !== undefined) select.andWhere('s.status = :status', { status })
    if (createdAfter) select.andWhere('s.createdAt >= :since', { since: createdAfter.getTime() })
    if (createdBefore) select.andWhere('s.createdAt < :until', { until: createdBefore.getTime() })
    const entries = Object.entries(query.metadata ?? {}).map(([name, value]) => [name, hashJson(value)] as const)
    const names: (readonly [string, string?])[] = query.metadataKey === undefined ? [] : [[query.metadataKey]]
    for (const [index, [name, hash]] of [...entries, ...names].entries()) {
      this.whereMetadata(select, index, name, hash)
    }
    return select
  }

  private whereMetadata(select: SelectQueryBuilder<Session>, index: number, name: string, hash?: string): void {
    const isEqual = hash === undefined ? '' : ` and m.value_hash = :hash${index}`
    select.andWhere(
      `s.id in (select m.session_id from ${this.database.tables.metadata} m
        where m.namespace = :namespace and m.name = :name${index}${isEqual})`,
      { [`name${index}`]: JSON.stringify(name), [`hash${index}`]: hash },
    )
  }

  private async writeMetadata(transaction: Database, sessionId: string, metadata: JsonObject): Promise<void> {
    const rows = Object.entries(metadata).map(([name, value]) => [sessionId, JSON.stringify(name), this.namespace, hashJson(value)])
    await insertRows(transaction, this.database.tables.metadata, 'session_id, name, namespace, value_hash', rows, 'on conflict do nothing')
  }
}

const placeOf = (direction: 'next' | 'previous', session: Session | undefined): PagePosition | null =>
  session ? { direction, at: session.createdAt.getTime(), id: session.id } : null

interface TruncationRow {
  id: string
  namespace: string
  session_id: string
  after_sequence: number
  last_sequence: number
  removed_count: number
  created_at: number | string
}

function truncationFromRow(row: TruncationRow): SessionTruncation {
  return Object.assign(new SessionTruncation(), {
    id: row.id,
    namespace: row.namespace,
    sessionId: row.session_id,
    afterSequence: row.after_sequence,
    lastSequence: row.last_sequence,
    removedCount: row.removed_count,
    createdAt: new Date(Number(row.created_at)),
  })
}

const truncationParameters = (truncation: SessionTruncation): unknown[] => [
  truncation.id,
  truncation.namespace,
  truncation.sessionId,
  truncation.afterSequence,
  truncation.lastSequence,
  truncation.removedCount,
  truncation.createdAt.getTime(),
]
