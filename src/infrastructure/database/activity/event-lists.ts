import type { ActivityEvent } from '../../../domain/activity/activity-event.js'
import type { EventQuery, RelatedQuery } from '../../../domain/activity/activity-repository.js'
import type { EventRelation, RelatedEvent } from '../../../domain/activity/activity-service.js'
import type { Page, PagePosition } from '../../../domain/page.js'
import type { Database, Dialect } from '../database.js'
import { type Condition, Keyset } from '../keyset.js'
import { type EventRow, eventColumns, eventFromRow, isReadableEvent } from './event-rows.js'

/** What narrows most comes first: by it the rows are found, and of these by the rest. */
const columnOf = {
  issueId: 'issue_id',
  sessionId: 'session_id',
  path: 'path',
  name: 'name',
  state: 'state',
  actorName: 'actor_name',
  projectId: 'project_id',
  kind: 'kind',
} as const

/** A page of events; one that cannot be read would take all the others with it, and is left out. */
export async function listEvents(
  database: Database,
  namespace: string,
  query: EventQuery,
): Promise<Page<ActivityEvent, PagePosition>> {
  const keyset = new Keyset('ts', query)
  const conditions = filterConditions(query, database.dialect)
  const { sql, parameters } = keyset.clauses([['namespace = ?', namespace], ...conditions])
  const rows = await database.query<EventRow>(
    `select ${eventColumns} from ${database.tables.events} ${sql}`,
    parameters,
  )
  const page = keyset.page(rows, instantOf)
  return { ...page, items: page.items.filter(isReadableEvent).map(eventFromRow) }
}

function filterConditions(query: EventQuery, { unsought }: Dialect): Condition[] {
  const conditions: Condition[] = []
  for (const name of Object.keys(columnOf) as (keyof typeof columnOf)[]) {
    const column = conditions.length === 0 ? columnOf[name] : unsought(columnOf[name])
    if (query[name] !== undefined) conditions.push([`${column} = ?`, query[name]])
  }
  if (query.since) conditions.push(['ts >= ?', query.since.getTime()])
  if (query.until) conditions.push(['ts < ?', query.until.getTime()])
  return conditions
}

const instantOf = ({ ts }: EventRow) => new Date(Number(ts))

type RelatedRow = EventRow & { relation: EventRelation }

/**
 * A page of what carries the subject and of what is one hop away. Each relation is a listing by an
 * index of its own, cut to the page before they are put together.
 */
export async function relatedEvents(
  database: Database,
  namespace: string,
  query: RelatedQuery,
): Promise<Page<RelatedEvent, PagePosition>> {
  const keyset = new Keyset('ts', query)
  const branches = relations(database, namespace, query).map(({ relation, from: place, conditions }) => {
    const [from, ...values] = place
    const { sql, parameters } = keyset.clauses(
      [['namespace = ?', namespace], ...conditions],
      relation === 'direct' ? 'ts' : 'ts + 0',
    )
    const columns = `${eventColumns}, '${relation}' as relation`
    return {
      sql: `select * from (select ${columns} from ${from} ${sql}) as ${relation}_ones`,
      parameters: [...values, ...parameters],
    }
  })
  const outer = keyset.clauses([['1 = 1']])
  const rows = await database.query<RelatedRow>(
    `select * from (${branches.map(({ sql }) => sql).join(' union all ')}) as related ${outer.sql}`,
    [...branches.flatMap(({ parameters }) => parameters), ...outer.parameters],
  )
  const page = keyset.page(rows, instantOf)
  const items = page.items
    .filter(isReadableEvent)
    .map((row) => Object.assign(eventFromRow(row), { relation: row.relation }))
  return { ...page, items }
}

interface Branch {
  relation: EventRelation
  /** The events, and what they are joined to. */
  from: Condition
  conditions: Condition[]
}

function relations(database: Database, namespace: string, { by, value }: RelatedQuery): Branch[] {
  const [sql, ...parameters] = carries(database.dialect)[by](value)
  const { events } = database.tables
  const direct: Branch = { relation: 'direct', from: [events], conditions: [[sql, ...parameters]] }
  // That a hop is something is left to the join: asked here, it would have SQLite look among all that are.
  const near = (column: string): Condition => {
    const sources = `select distinct namespace as hop_namespace, ${column} as hop from ${events} where namespace = ? and ${sql}`
    return [database.dialect.rowsOfHops(`(${sources}) as hops`, events, column), namespace, ...parameters]
  }
  const through = (column: string): Condition => [`${column} is not null and ${column} = hop`]
  if (by === 'issueId') {
    const conditions = [through('session_id'), ['issue_id is null'] as Condition]
    return [direct, { relation: 'session', from: near('session_id'), conditions }]
  }
  const others: Condition = [`not coalesce((${sql}), 1 = 0)`, ...parameters]
  return [direct, { relation: 'issue', from: near('issue_id'), conditions: [through('issue_id'), others] }]
}

const carries = ({ unsought }: Dialect): Record<RelatedQuery['by'], (value: string) => Condition> => ({
  path: (value) => ['path = ?', value],
  issueId: (value) => ['issue_id = ?', value],
  sessionId: (value) => ['session_id = ?', value],
  loop: (value) => [`${unsought('kind')} = 'loop' and name = ?`, value],
})
