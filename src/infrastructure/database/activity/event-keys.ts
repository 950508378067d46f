import type { ActivityEvent } from '../../../domain/activity/activity-event.js'
import type { Database } from '../database.js'

/** What an event is called where it comes from. */
export type EventKey = Pick<ActivityEvent, 'kind' | 'nativeId'>

export const keyOf = ({ kind, nativeId }: EventKey): string | undefined =>
  nativeId === null ? undefined : JSON.stringify([kind, nativeId])

/** So many events in one statement as the engines take parameters for. */
const maxEvents = 500

/** A line of a transcript may tell of any number of calls. */
export function* statementsFor<T>(events: T[]): Generator<T[]> {
  for (let start = 0; start < events.length; start += maxEvents) yield events.slice(start, start + maxEvents)
}

/** The rows of `sql`, a statement without conditions, that are of the events with these native ids. */
export async function ofEvents<Row>(
  transaction: Database,
  namespace: string,
  sql: string,
  events: EventKey[],
): Promise<Row[]> {
  const rows: Row[] = []
  for (const batch of statementsFor(events)) {
    const pairs = batch.map(() => '(?, ?)').join(', ')
    const found = await transaction.query<Row>(
      `${sql} where namespace = ? and (kind, native_id) in (values ${pairs})`,
      [namespace, ...batch.flatMap(({ kind, nativeId }) => [kind, nativeId])],
    )
    rows.push(...found)
  }
  return rows
}
