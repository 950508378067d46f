import type { NewEvent } from '../../../domain/activity/activity-repository.js'
import type { EventOutcome } from '../../../domain/activity/activity-source-repository.js'
import type { IssueState } from '../../../domain/activity/issue-order.js'
import type { JsonObject } from '../../../domain/canonical-json.js'
import type { Database } from '../database.js'
import { insertRows } from '../insert-rows.js'
import { type EventKey, keyOf } from './record-events.js'

interface KeptRow {
  kind: string
  native_id: string
}

const identified = (row: KeptRow): string => keyOf({ kind: row.kind, nativeId: row.native_id }) ?? ''

/** Those of the events that were deleted for good, by `keyOf`. */
export async function deletedAmong(transaction: Database, namespace: string, events: EventKey[]): Promise<Set<string>> {
  if (events.length === 0) return new Set()
  const rows = await transaction.query<KeptRow>(
    `select kind, native_id from ${transaction.tables.deletions} where ${among(events)}`,
    parametersOf(namespace, events),
  )
  return new Set(rows.map(identified))
}

export async function forgetDeletions(transaction: Database, namespace: string, events: EventKey[]): Promise<void> {
  if (events.length === 0) return
  const sql = `delete from ${transaction.tables.deletions} where ${among(events)}`
  await transaction.query(sql, parametersOf(namespace, events))
}

/** What became of calls that no file has told of yet, by `keyOf`. */
export async function waitingOutcomes(
  transaction: Database,
  namespace: string,
  events: EventKey[],
): Promise<Map<string, EventOutcome>> {
  if (events.length === 0) return new Map()
  const rows = await transaction.query<KeptRow & { state: string | null; payload: string }>(
    `select kind, native_id, state, payload from ${transaction.tables.outcomes} where ${among(events)}`,
    parametersOf(namespace, events),
  )
  const outcomeOf = ({ kind, native_id: nativeId, state, payload }: (typeof rows)[number]) => ({
    ...{ kind, nativeId, state },
    payload: JSON.parse(payload) as JsonObject,
  })
  return new Map(rows.map((row) => [identified(row), outcomeOf(row)]))
}

/** Keeps the outcomes that still wait; those of the events that have come wait no more. */
export async function keepWaiting(
  transaction: Database,
  namespace: string,
  waiting: Map<string, EventOutcome>,
  come: NewEvent[],
): Promise<void> {
  const { outcomes } = transaction.tables
  const events = come.map(({ event }) => event)
  if (events.length > 0) {
    await transaction.query(`delete from ${outcomes} where ${among(events)}`, parametersOf(namespace, events))
  }
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

const among = (events: EventKey[]) =>
  `namespace = ? and (kind, native_id) in (values ${events.map(() => '(?, ?)').join(', ')})`

const parametersOf = (namespace: string, events: EventKey[]): unknown[] => [
  namespace,
  ...events.flatMap(({ kind, nativeId }) => [kind, nativeId]),
]
