import type { EntityManager, SelectQueryBuilder } from 'typeorm'
import { hashJson } from '../../../domain/canonical-json.js'
import type { Page, PagePosition } from '../../../domain/page.js'
import { Session } from '../../../domain/sessions/session.js'
import type { SessionFilter, SessionListQuery } from '../../../domain/sessions/session-repository.js'
import type { Tables } from '../tables.js'

type Select = SelectQueryBuilder<Session>

export function visibleSessions(manager: EntityManager, namespace: string): Select {
  return manager
    .createQueryBuilder(Session, 's')
    .where('s.namespace = :namespace and s.stagedAt is null', { namespace })
}

/** A page by keyset on (created_at, id), forwards or backwards; messages are never loaded. */
export async function listSessions(
  manager: EntityManager,
  namespace: string,
  tables: Tables,
  query: SessionListQuery,
): Promise<Page<Session, PagePosition>> {
  const { limit, offset = 0, position } = query
  const isBackward = position?.direction === 'previous'
  const isDescending = (query.order ?? 'newest') === 'newest'
  const direction = isDescending === isBackward ? 'ASC' : 'DESC'
  const select = visibleSessions(manager, namespace)
  where(select, query)
  whereMetadata(select, query, tables)
  if (position) whereBeyond(select, position, direction)
  const rows = await select
    .orderBy('s.createdAt', direction)
    .addOrderBy('s.id', direction)
    .limit(limit + 1)
    .offset(offset)
    .getMany()
  const hasMore = rows.length > limit
  if (isBackward) return pageOf(rows.slice(0, limit).reverse(), true, hasMore)
  return pageOf(rows.slice(0, limit), hasMore, position !== undefined || offset > 0)
}

function pageOf(items: Session[], hasNext: boolean, hasPrevious: boolean): Page<Session, PagePosition> {
  return {
    items,
    nextCursor: hasNext ? placeOf('next', items.at(-1)) : null,
    previousCursor: hasPrevious ? placeOf('previous', items[0]) : null,
  }
}

function where(select: Select, { actorName, status, createdAfter, createdBefore }: SessionFilter): void {
  if (actorName !== undefined) select.andWhere('s.actorName = :actorName', { actorName })
  if (status !== undefined) select.andWhere('s.status = :status', { status })
  if (createdAfter) select.andWhere('s.createdAt >= :since', { since: createdAfter.getTime() })
  if (createdBefore) select.andWhere('s.createdAt < :until', { until: createdBefore.getTime() })
}

function whereMetadata(select: Select, { metadata = {}, metadataKey }: SessionFilter, tables: Tables): void {
  const wanted: { name: string; hash?: string }[] = Object.entries(metadata).map(([name, value]) => ({
    name,
    hash: hashJson(value),
  }))
  if (metadataKey !== undefined) wanted.push({ name: metadataKey })
  for (const [index, { name, hash }] of wanted.entries()) {
    const isEqual = hash === undefined ? '' : ` and m.value_hash = :hash${index}`
    select.andWhere(
      `s.id in (select m.session_id from ${tables.metadata} m
        where m.namespace = :namespace and m.name = :name${index}${isEqual})`,
      { [`name${index}`]: JSON.stringify(name), [`hash${index}`]: hash },
    )
  }
}

function whereBeyond(select: Select, { at, id }: PagePosition, direction: 'ASC' | 'DESC'): void {
  const beyond = direction === 'DESC' ? '<' : '>'
  const text = `(s.createdAt ${beyond} :at or (s.createdAt = :at and s.id ${beyond} :lastId))`
  select.andWhere(text, { at, lastId: id })
}

const placeOf = (direction: 'next' | 'previous', session: Session | undefined): PagePosition | null =>
  session ? { direction, at: session.createdAt.getTime(), id: session.id } : null
