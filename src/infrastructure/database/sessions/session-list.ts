import { hashJson } from '../../../domain/canonical-json.js'
import type { Page, PagePosition } from '../../../domain/page.js'
import type { Session } from '../../../domain/sessions/session.js'
import type { SessionFilter, SessionListQuery } from '../../../domain/sessions/session-repository.js'
import type { Database } from '../database.js'
import { type Condition, Keyset } from '../keyset.js'
import { type SessionRow, sessionColumns, sessionFromRow } from './session-rows.js'

/** A page of sessions; messages are never loaded. */
export async function listSessions(
  database: Database,
  namespace: string,
  query: SessionListQuery,
): Promise<Page<Session, PagePosition>> {
  const keyset = new Keyset('created_at', query)
  const { sql, parameters } = keyset.clauses([
    ['namespace = ? and staged_at is null', namespace],
    ...filterConditions(query),
    ...metadataConditions(database, namespace, query),
  ])
  const rows = await database.query<SessionRow>(
    `select ${sessionColumns} from ${database.tables.sessions} ${sql}`,
    parameters,
  )
  return keyset.page(rows.map(sessionFromRow), (session) => session.createdAt)
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
