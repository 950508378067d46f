import type { NewEvent } from '../../../domain/activity/activity-repository.js'
import type { EventOutcome } from '../../../domain/activity/activity-source-repository.js'
import type { IssueState } from '../../../domain/activity/issue-order.js'
import type { JsonObject } from '../../../domain/canonical-json.js'
import type { Database } from '../database.js'
import { insertRows } from '../insert-rows.js'
import { type EventKey, keyOf, ofEvents } from './event-keys.js'

interface KeptRow {
  kind: string
  native_id: string
}

const identified = (row: KeptRow): string => keyOf({ kind: row.kind, nativeId: row.native_id }) ?? ''

/** Those of the events that were deleted for good, by `keyOf`. */
export async function deletedAmong(transaction: Database, namespace: string, events: EventKey[]): Promise<Set<string>> {
  const sql = `select kind, native_id from ${transaction.tables.deletions}`
  return new Set((await ofEvents<KeptRow>(transaction, namespace, sql, events)).map(identified))
}

export async function forgetDeletions(transaction: Database, namespace: string, events: EventKey[]): Promise<void> {
  await ofEvents(transaction, namespace, `delete from ${transaction.tables.deletions}`, events)
}

/** What became of calls that no file has told of yet, by `keyOf`. */
export async function waitingOutcomes(
  transaction: Database,
  namespace: string,
  events: EventKey[],
): Promise<Map<string, EventOutcome>> {
  const sql = `select kind, native_id, state, payload from ${transaction.tables.outcomes}`
  const rows = await ofEvents<OutcomeRow>(transaction, namespace, sql, events)
  return new Map(rows.map((row) => [identified(row), outcomeOf(row)]))
}

type OutcomeRow = KeptRow & { state: string | null; payload: string }

const outcomeOf = ({ kind, native_id: nativeId, state, payload }: OutcomeRow): EventOutcome => ({
  ...{ kind, nativeId, state },
  payload: JSON.parse(payload) as JsonObject,
})

/** Keeps the outcomes that still wait; those of the events that have come wait no more. */
export async function keepWaiting(
  transaction: Database,
  namespace: string,
  waiting: Map<string, EventOutcome>,
  come: NewEvent[],
): Promise<void> {
  const { outcomes } = transaction.tables
  const events = come.map(({ event }) => event)
  await ofEvents(transaction, namespace, `delete from ${outcomes}`, events)
  const rows = [...waiting.values()].map(({ kind, nativeId, state, payload }) => [
    ...[namespace, kind, nativeId, state],
    JSON.stringify(payload),
  ])
  const update = 'do update set state = excluded.state, payload = excluded.payload'
  const columns = 'namespace, kind, native_id, state, payload'
  await insertRows(transaction, outcomes, columns, rows, `on conflict (namespace, kind, native_id) ${update}`)
}

/** The states that an issue was in, the newest first: enough of them to know which came last. */
export async function statesOf(
  transaction: Database,
  namespace: string,
  issueId: string | null,
): Promise<IssueState[]> {
  const rows = await transaction.query<{ state: string | null; ts: number | string; native_id: string | null }>(
    `select state, ts, native_id from ${transaction.tables.events}
     where namespace = ? and issue_id = ? and kind = 'issue' order by ts desc, id desc limit 100`,
    [namespace, issueId],
  )
  return rows.map(({ state, ts, native_id: nativeId }) => ({ state, ts: new Date(Number(ts)), nativeId }))
}
