import type { Page, PagePosition } from '../../domain/page.js'

/** A condition and what its `?` stand for. */
export type Condition = [sql: string, ...parameters: unknown[]]

interface KeysetQuery {
  limit: number
  offset?: number
  order?: 'newest' | 'oldest'
  position?: PagePosition
}

/** Listing by keyset on an instant and the id, forwards or backwards. */
export class Keyset {
  private readonly isBackward: boolean
  private readonly direction: 'asc' | 'desc'

  constructor(
    private readonly column: string,
    private readonly query: KeysetQuery,
  ) {
    const isDescending = (query.order ?? 'newest') === 'newest'
    this.isBackward = query.position?.direction === 'previous'
    this.direction = isDescending === this.isBackward ? 'asc' : 'desc'
  }

  /**
   * Everything after `from <table>`: one row more than the page, to know whether it goes on. Ordered by
   * an expression instead of the column, no index is walked for the order.
   */
  clauses(conditions: Condition[], orderedBy = this.column): { sql: string; parameters: unknown[] } {
    const { direction, query } = this
    const all = query.position ? [...conditions, this.beyond(query.position)] : conditions
    const where = all.map(([sql]) => sql).join(' and ')
    return {
      sql: `where ${where} order by ${orderedBy} ${direction}, id ${direction} limit ? offset ?`,
      parameters: [...all.flatMap(([, ...parameters]) => parameters), query.limit + 1, query.offset ?? 0],
    }
  }

  page<T extends { id: string }>(rows: T[], instantOf: (row: T) => Date): Page<T, PagePosition> {
    const { limit, offset = 0, position } = this.query
    const items = rows.slice(0, limit)
    if (this.isBackward) items.reverse()
    const hasMore = rows.length > limit
    const hasNext = this.isBackward || hasMore
    const hasPrevious = this.isBackward ? hasMore : position !== undefined || offset > 0
    const place = (direction: 'next' | 'previous', row: T | undefined) =>
      row ? { direction, at: instantOf(row).getTime(), id: row.id } : null
    return {
      items,
      nextCursor: hasNext ? place('next', items.at(-1)) : null,
      previousCursor: hasPrevious ? place('previous', items[0]) : null,
    }
  }

  private beyond({ at, id }: PagePosition): Condition {
    const sign = this.direction === 'desc' ? '<' : '>'
    return [`(${this.column} ${sign} ? or (${this.column} = ? and id ${sign} ?))`, at, at, id]
  }
}
