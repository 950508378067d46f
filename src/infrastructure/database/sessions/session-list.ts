import { hashJson } from '../../../domain/canonical-json.js'
import type { Page, PagePosition } from '../../../domain/page.js'
import type { Session } from '../../../domain/sessions/session.js'
import type { SessionFilter, SessionListQuery } from '../../../domain/sessions/session-repository.js'
import type { Database } from '../database.js'
import { type SessionRow, sessionColumns, sessionFromRow } from './session-rows.js'

/** A condition and what its `?` stand for. */
type Condition = [sql: string, ...parameters: unknown[]]

/** A page by keyset on (created_at, id), forwards or backwards; messages are never loaded. */
export async function listSessions(
  database: Database,
  namespace: string,
  query: SessionListQuery,
): Promise<Page<Session, PagePosition>> {
  const { limit, offset = 0, position } = query
  const isBackward = position?.direction === 'previous'
  const isDescending = (query.order ?? 'newest') === 'newest'
  const direction = isDescending === isBackward ? 'asc' : 'desc'
  const conditions: Condition[] = [
    ['namespace = ? and staged_at is null', namespace],
    ...filterConditions(query),
    ...metadataConditions(database, namespace, query),
    ...(position ? [beyond(position, direction)] : []),
  ]
  const rows = await database.query<SessionRow>(
    `select ${sessionColumns} from ${database.tables.sessions}
     where ${conditions.map(([sql]) => sql).join(' and ')}
     order by created_at ${direction}, id ${direction} limit ? offset ?`,
    [...conditions.flatMap(([, ...parameters]) => parameters), limit + 1, offset],
  )
  const sessions = rows.slice(0, limit).map(sessionFromRow)
  const hasMore = rows.length > limit
  if (isBackward) return pageOf(sessions.reverse(), true, hasMore)
  return pageOf(sessions, hasMore, position !== undefined || offset > 0)
}

function pageOf(items: Session[], hasNext: boolean, hasPrevious: boolean): Page<Session, PagePosition> {
  return {
    items,
    nextCursor: hasNext ? placeOf('next', items.at(-1)) : null,
    previousCursor: hasPrevious ? placeOf('previous', items[0]) : null,
  }
}

function filterConditions({ actorName, status, createdAfter, createdBefore }: SessionFilter): Condition[] {
  const conditions: Condition[] = []
  if (actorName !== undefined) conditions.push(['actor_name = ?', actorName])
  if (status !== undefined) conditions.push(['status = ?', status])
  if (createdAfter) conditions.push(['created_at >= ?', createdAfter.getTime()])
  if (createdBefore) conditions.push(['created_at < ?', createdBefore.getTime()])
  return conditions
}

function metadataConditions(database: Database, namespace: string, filter: SessionFilter): Condition[] {
  const having = `id in (select session_id from ${database.tables.metadata} where namespace = ? and name = ?`
  const conditions = Object.entries(filter.metadata ?? {}).map(
    ([name, value]): Condition => [`${having} and value_hash = ?)`, namespace, JSON.stringify(name), hashJson(value)],
  )
  if (filter.metadataKey === undefined) return conditions
  return [...conditions, [`${having})`, namespace, JSON.stringify(filter.metadataKey)]]
}

function beyond({ at, id }: PagePosition, direction: 'asc' | 'desc'): Condition {
  const sign = direction === 'desc' ? '<' : '>'
  return [`(created_at ${sign} ? or (created_at = ? and id ${sign} ?))`, at, at, id]
}

const placeOf = (direction: 'next' | 'previous', session: Session | undefined): PagePosition | null =>
  session ? { direction, at: session.createdAt.getTime(), id: session.id } : null
