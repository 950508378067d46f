import type { ActivityEvent } from '../../../domain/activity/activity-event.js'
import type { ActivityPurgeReport, ActivityPurgeTerms } from '../../../domain/activity/activity-purge.js'
import type {
  ActivityRepository,
  EventQuery,
  NewEvent,
  RelatedQuery,
} from '../../../domain/activity/activity-repository.js'
import type { FailedLoop, FailingTool, RecordedEvent, RelatedEvent } from '../../../domain/activity/activity-service.js'
import type { Page, PagePosition } from '../../../domain/page.js'
import type { Database } from '../database.js'
import { databaseRetry } from '../database-retry.js'
import { deleteForGood } from '../delete-events.js'
import type { Condition } from '../keyset.js'
import { storageError } from '../storage-errors.js'
import { listEvents, relatedEvents } from './event-lists.js'
import { failedLoops, failingTools } from './event-questions.js'
import { type EventRow, eventColumns, eventFromRow } from './event-rows.js'
import { recordEvents } from './record-events.js'

/** Activity events of one namespace in TypeORM's tables, on either database. */
export class TypeOrmActivityRepository implements ActivityRepository {
  constructor(
    readonly database: Database,
    private readonly namespace: string,
  ) {}

  // Not under @databaseRetry(): a grouped write is tried again with its group.
  record(events: NewEvent[]): Promise<RecordedEvent[]> {
    const bytes = events.reduce((sum, { payloadText, searchText }) => sum + payloadText.length + searchText.length, 0)
    return this.database.groupedWrite(bytes, (database) =>
      database.transaction((transaction) => recordEvents(transaction, this.namespace, events)),
    )
  }

  async recordOnce(events: NewEvent[]): Promise<RecordedEvent[]> {
    try {
      return await this.database.transaction((transaction) => recordEvents(transaction, this.namespace, events))
    } catch (error) {
      throw storageError(error)
    }
  }

  @databaseRetry()
  async getById(id: string): Promise<ActivityEvent | undefined> {
    const [row] = await this.database.query<EventRow>(
      `select ${eventColumns} from ${this.database.tables.events} where id = ? and namespace = ?`,
      [id, this.namespace],
    )
    return row && eventFromRow(row)
  }

  @databaseRetry()
  listAll(query: EventQuery): Promise<Page<ActivityEvent, PagePosition>> {
    return listEvents(this.database, this.namespace, query)
  }

  @databaseRetry()
  related(query: RelatedQuery): Promise<Page<RelatedEvent, PagePosition>> {
    return relatedEvents(this.database, this.namespace, query)
  }

  @databaseRetry()
  failedLoops(query: { path: string; since?: Date; limit: number }): Promise<FailedLoop[]> {
    return failedLoops(this.database, this.namespace, query)
  }

  @databaseRetry()
  failingTools(query: { since?: Date; projectId?: string; limit: number }): Promise<FailingTool[]> {
    return failingTools(this.database, this.namespace, query)
  }

  delete(id: string, at: Date): Promise<boolean> {
    const { events } = this.database.tables
    let wasThere = false
    return this.database.retrying('delete', async () => {
      // Asked first: a try whose answer was lost has left nothing to tell it by.
      const sql = `select id from ${events} where id = ? and namespace = ?`
      wasThere ||= (await this.database.query(sql, [id, this.namespace])).length > 0
      await this.database.transaction((transaction) =>
        deleteForGood(transaction, this.namespace, ['id = ? and namespace = ?', id, this.namespace], at),
      )
      return wasThere
    })
  }

  @databaseRetry()
  async countPurge(terms: ActivityPurgeTerms): Promise<Omit<ActivityPurgeReport, 'dryRun'>> {
    const [due, ...values] = isDue(terms)
    // In one statement, so that all is counted at one moment, without any lock.
    const rows = await this.database.query<{ kind: string; due: number | string; total: number | string }>(
      `select kind, sum(case when ${due} then 1 else 0 end) as due, count(*) as total
       from ${this.database.tables.events} where namespace = ? group by kind order by kind`,
      [...values, this.namespace],
    )
    const found = rows.map(({ kind, due: gone, total }) => ({ kind, due: Number(gone), total: Number(total) }))
    const eventsDeleted = found.reduce((sum, row) => sum + row.due, 0)
    const total = found.reduce((sum, row) => sum + row.total, 0)
    const byKind = Object.fromEntries(found.filter((row) => row.due > 0).map((row) => [row.kind, row.due]))
    return { eventsDeleted, byKind, remaining: total - eventsDeleted }
  }

  @databaseRetry()
  async deleteDue(terms: ActivityPurgeTerms, batchSize: number, at: Date): Promise<Record<string, number>> {
    const [due, ...values] = isDue(terms)
    const ids = `select id from ${this.database.tables.events} where namespace = ? and ${due} limit ?`
    const deleted = await this.database.transaction((transaction) =>
      deleteForGood(transaction, this.namespace, [`id in (${ids})`, this.namespace, ...values, batchSize], at),
    )
    return tally(deleted)
  }
}

/** The one predicate, for the purge and for its dry run. */
const isDue = ({ before, kinds }: ActivityPurgeTerms): Condition => {
  if (!kinds) return ['ts < ?', before.getTime()]
  return [`ts < ? and kind in (${kinds.map(() => '?').join(', ')})`, before.getTime(), ...kinds]
}

function tally(kinds: string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const kind of kinds) counts[kind] = (counts[kind] ?? 0) + 1
  return counts
}
