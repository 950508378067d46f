import type { Context, ContextStep } from '../../../domain/contexts/context.js'
import type { PurgeReport, PurgeTerms } from '../../../domain/contexts/context-purge.js'
import type {
  ContextListQuery,
  ContextRepository,
  HeldContext,
  NewStep,
} from '../../../domain/contexts/context-repository.js'
import type { IdempotencyKey } from '../../../domain/idempotency.js'
import type { Page, PagePosition } from '../../../domain/page.js'
import { type Database, holdName } from '../database.js'
import { databaseRetry } from '../database-retry.js'
import { insertRows } from '../insert-rows.js'
import { type Condition, Keyset } from '../keyset.js'
import { countPurge, isAged, isAlive, isDue, isUnmarked } from './context-purge-sql.js'
import {
  type ContextRow,
  contextColumns,
  contextFromRow,
  contextParameters,
  hiddenColumns,
  hiddenStepColumns,
  isReadable,
  type StepRow,
  stepColumns,
  stepFromRow,
  stepParameters,
} from './context-rows.js'

/** Contexts of one namespace in TypeORM's tables, on either database. */
export class TypeOrmContextRepository implements ContextRepository {
  constructor(
    readonly database: Database,
    private readonly namespace: string,
  ) {}

  @databaseRetry()
  holdOpening(): Promise<void> {
    return holdName(this.database, `open ${this.database.tables.contexts} ${this.namespace}`)
  }

  @databaseRetry()
  async countAlive(now: Date, atMost: number, exceptId: string): Promise<number> {
    const [alive, ...values] = isAlive(now)
    const [row] = await this.database.query<{ count: number | string }>(
      `select count(*) as count from (select id from ${this.database.tables.contexts}
       where namespace = ? and ${alive} and id <> ? limit ?) as alive`,
      [this.namespace, ...values, exceptId, atMost],
    )
    return Number(row?.count ?? 0)
  }

  @databaseRetry()
  async insert(context: Context, tokenHash: string, key?: IdempotencyKey): Promise<void> {
    await insertRows(
      this.database,
      this.database.tables.contexts,
      `${contextColumns}, ${hiddenColumns}`,
      [contextParameters(context, tokenHash, key)],
      'on conflict (id) do nothing',
    )
  }

  @databaseRetry()
  async keyed(key: string): Promise<{ context: Context; payloadHash: string } | undefined> {
    const [row] = await this.select<{ payload_hash: string }>('idempotency_key', key, ', payload_hash')
    return row && { context: contextFromRow(row), payloadHash: row.payload_hash }
  }

  @databaseRetry()
  async replaceToken(id: string, tokenHash: string): Promise<void> {
    const sql = `update ${this.database.tables.contexts} set token_hash = ? where id = ? and namespace = ?`
    await this.database.query(sql, [tokenHash, id, this.namespace])
  }

  @databaseRetry()
  async getByToken(tokenHash: string): Promise<Context | undefined> {
    const [row] = await this.select('token_hash', tokenHash)
    return row && contextFromRow(row)
  }

  @databaseRetry()
  async holdByToken(tokenHash: string): Promise<HeldContext | undefined> {
    // An update that changes nothing locks the row on both databases.
    const [row] = await this.database.query<ContextRow & { change_id: string }>(
      `update ${this.database.tables.contexts} set change_id = change_id
       where token_hash = ? and namespace = ? returning ${contextColumns}, change_id`,
      [tokenHash, this.namespace],
    )
    return row && { context: contextFromRow(row), changeId: row.change_id }
  }

  @databaseRetry()
  async update(context: Context, changeId: string): Promise<void> {
    await this.database.query(
      `update ${this.database.tables.contexts} set status = ?, saved_context = ?, version = ?, step_count = ?,
         expires_at = ?, last_step_at = ?, closed_at = ?, change_id = ? where id = ? and namespace = ?`,
      [
        context.status,
        JSON.stringify(context.savedContext),
        context.version,
        context.stepCount,
        context.expiresAt.getTime(),
        context.lastStepAt?.getTime() ?? null,
        context.closedAt?.getTime() ?? null,
        changeId,
        context.id,
        this.namespace,
      ],
    )
  }

  @databaseRetry()
  async listAll(query: ContextListQuery): Promise<Page<Context, PagePosition>> {
    const keyset = new Keyset('opened_at', query)
    const conditions: Condition[] = [['namespace = ?', this.namespace]]
    if (query.aliveAt) conditions.push(isAlive(query.aliveAt))
    if (query.subjectId !== undefined) conditions.push(['subject_id = ?', query.subjectId])
    const { sql, parameters } = keyset.clauses(conditions)
    const rows = await this.database.query<ContextRow>(
      `select ${contextColumns} from ${this.database.tables.contexts} ${sql}`,
      parameters,
    )
    const page = keyset.page(rows, (row) => new Date(Number(row.opened_at)))
    // One that cannot be read would take all the others with it; `doctor` tells of it.
    return { ...page, items: page.items.filter(isReadable).map(contextFromRow) }
  }

  @databaseRetry()
  async steps(contextId: string): Promise<ContextStep[]> {
    const rows = await this.database.query<StepRow>(
      `select ${stepColumns} from ${this.database.tables.steps}
       where context_id = ? and namespace = ? order by step_index`,
      [contextId, this.namespace],
    )
    return rows.map(stepFromRow)
  }

  @databaseRetry()
  async keyedStep(contextId: string, key: string): Promise<{ step: ContextStep; payloadHash: string } | undefined> {
    const [row] = await this.database.query<StepRow & { payload_hash: string }>(
      `select ${stepColumns}, payload_hash from ${this.database.tables.steps}
       where context_id = ? and namespace = ? and idempotency_key = ?`,
      [contextId, this.namespace, key],
    )
    return row && { step: stepFromRow(row), payloadHash: row.payload_hash }
  }

  @databaseRetry()
  async insertSteps(steps: NewStep[]): Promise<void> {
    const columns = `${stepColumns}, ${hiddenStepColumns}`
    const rows = steps.map(stepParameters)
    await insertRows(this.database, this.database.tables.steps, columns, rows, 'on conflict (id) do nothing')
  }

  @databaseRetry()
  countPurge(terms: PurgeTerms): Promise<Omit<PurgeReport, 'dryRun'>> {
    return countPurge(this.database, this.namespace, terms)
  }

  @databaseRetry()
  async markExpired(terms: PurgeTerms, batchSize: number): Promise<number> {
    const { contexts } = this.database.tables
    const [unmarked, ...values] = isUnmarked(terms)
    // Asked again outside, where Postgres looks at the row as it is once it is locked.
    const marked = await this.database.query(
      `update ${contexts} set status = 'expired' where id in
         (select id from ${contexts} where namespace = ? and ${unmarked} limit ?) and ${unmarked} returning id`,
      [this.namespace, ...values, batchSize, ...values],
    )
    return marked.length
  }

  @databaseRetry()
  deleteEnded(terms: PurgeTerms, batchSize: number): Promise<{ contexts: number; steps: number }> {
    const { contexts, steps } = this.database.tables
    const [due, ...values] = isDue(terms)
    return this.database.transaction(async (transaction) => {
      const rows = await transaction.query<{ id: string }>(
        `select id from ${contexts} where namespace = ? and ${due} limit ?`,
        [this.namespace, ...values, batchSize],
      )
      if (rows.length === 0) return { contexts: 0, steps: 0 }
      const ids = rows.map(({ id }) => id)
      const marks = ids.map(() => '?').join(', ')
      const gone = await transaction.query(
        `delete from ${steps} where id in (select id from ${steps} where context_id in (${marks}) limit ?) returning id`,
        [...ids, batchSize],
      )
      // There may be more of their steps than a batch, or another purge at the same ones: the contexts go when
      // all are gone, since what the foreign key takes along is not counted.
      const ended = await transaction.query(
        `delete from ${contexts} where id in (${marks})
         and not exists (select 1 from ${steps} where context_id = ${contexts}.id) returning id`,
        ids,
      )
      return { contexts: ended.length, steps: gone.length }
    })
  }

  @databaseRetry()
  async deleteAgedSteps(terms: PurgeTerms, batchSize: number): Promise<number> {
    const { steps } = this.database.tables
    const [aged, ...values] = isAged(terms)
    const deleted = await this.database.query(
      `delete from ${steps} where id in (select id from ${steps} where namespace = ? and ${aged} limit ?) returning id`,
      [this.namespace, ...values, batchSize],
    )
    return deleted.length
  }

  private select<More = unknown>(column: string, value: string, more = ''): Promise<(ContextRow & More)[]> {
    return this.database.query<ContextRow & More>(
      `select ${contextColumns}${more} from ${this.database.tables.contexts} where ${column} = ? and namespace = ?`,
      [value, this.namespace],
    )
  }
}
