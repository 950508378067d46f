import type { EventChanges } from '../../../domain/activity/activity-backfill.js'
import type { ActivityEvent } from '../../../domain/activity/activity-event.js'
import type { NewEvent } from '../../../domain/activity/activity-repository.js'
import type { EventOutcome, SourceBatch, SourceStatement } from '../../../domain/activity/activity-source-repository.js'
import { inOrder } from '../../../domain/activity/issue-order.js'
import { revisedEvent } from '../../../domain/activity/revised-event.js'
import type { Database } from '../database.js'
import { keyOf, statementsFor } from './event-keys.js'
import { insertEvents, reviseEvents } from './insert-events.js'
import { deletedAmong, forgetDeletions, keepWaiting, statesOf, waitingOutcomes } from './kept-of-events.js'
import { knownEvents } from './record-events.js'

/** Writes the events that are new and those that have changed; how many there were of each, by kind. */
export async function saveStatements(
  transaction: Database,
  namespace: string,
  sourceId: string,
  batch: Pick<SourceBatch, 'statements' | 'isAgain'>,
): Promise<Record<string, EventChanges>> {
  const { isAgain } = batch
  const { statements, left } = await ordered(transaction, namespace, batch.statements)
  const known = await knownEvents(transaction, namespace, statements.map(subjectOf))
  const unknown = statements.map(subjectOf).filter((each) => !known.has(keyOf(each) ?? ''))
  if (isAgain) await forgetDeletions(transaction, namespace, unknown)
  const deleted = await deletedAmong(transaction, namespace, unknown)
  const waiting = await waitingOutcomes(transaction, namespace, unknown)
  const changes = new Changes({ known, deleted, waiting }, sourceId)
  for (const statement of statements) changes.take(statement)
  for (const statement of left) changes.leave(statement)
  await insertEvents(transaction, [...changes.fresh.values()])
  for (const batch of statementsFor([...changes.revised.values()])) await reviseEvents(transaction, batch)
  await keepWaiting(transaction, namespace, waiting, [...changes.fresh.values()])
  return changes.counts()
}

/** An issue stands behind what was recorded of it before; left is what was recorded without a native id. */
async function ordered(transaction: Database, namespace: string, told: SourceStatement[]) {
  const statements: SourceStatement[] = []
  const left: SourceStatement[] = []
  for (const statement of told) {
    const isToBePlaced = 'event' in statement && statement.later !== undefined
    const history = isToBePlaced ? await statesOf(transaction, namespace, statement.event.event.issueId) : []
    const event = isToBePlaced ? inOrder(statement, history) : undefined
    if (event) statements.push({ event })
    else if (isToBePlaced) left.push(statement)
    else statements.push(statement)
  }
  return { statements, left }
}

const subjectOf = (statement: SourceStatement) => ('event' in statement ? statement.event.event : statement.outcome)

class Changes {
  readonly fresh = new Map<string, NewEvent>()
  readonly revised = new Map<string, NewEvent>()
  private readonly told: { kind: string; key: string }[] = []

  constructor(
    private readonly before: {
      known: Map<string, ActivityEvent>
      deleted: Set<string>
      waiting: Map<string, EventOutcome>
    },
    private readonly sourceId: string,
  ) {}

  take(statement: SourceStatement): void {
    const { kind, nativeId } = subjectOf(statement)
    const key = keyOf({ kind, nativeId }) ?? ''
    if ('event' in statement) this.told.push({ kind, key })
    if (this.before.deleted.has(key)) return
    if (this.isNew(key, statement)) this.begin(key, statement.event)
    else this.goOn(key, statement)
  }

  /** It is known, as something that a source has no say in. */
  leave(statement: SourceStatement): void {
    const { kind, nativeId } = subjectOf(statement)
    this.told.push({ kind, key: keyOf({ kind, nativeId }) ?? '' })
  }

  /** With no event to go on with, an outcome waits for one. */
  private goOn(key: string, statement: SourceStatement): void {
    const at = this.fresh.has(key) ? this.fresh : this.revised
    const first = at.get(key)?.event ?? this.before.known.get(key)
    if (!first && 'outcome' in statement) this.before.waiting.set(key, statement.outcome)
    const next = first && isTheirs(first, statement) ? revisedEvent(first, statement) : undefined
    if (next) at.set(key, next)
  }

  /** What became of it may have been told before, by another file. */
  private begin(key: string, event: NewEvent): void {
    event.event.sourceId = this.sourceId
    const outcome = this.before.waiting.get(key)
    this.fresh.set(key, (outcome && revisedEvent(event.event, { outcome })) ?? event)
    if (outcome) this.before.waiting.delete(key)
  }

  /** One under the very id that it has here was left by an earlier try of the same batch. */
  private isNew(key: string, statement: SourceStatement): statement is { event: NewEvent } {
    if (!('event' in statement) || this.fresh.has(key)) return false
    const first = this.before.known.get(key)
    return first === undefined || first.id === statement.event.event.id
  }

  counts(): Record<string, EventChanges> {
    const counts: Record<string, EventChanges> = {}
    const of = (kind: string) => (counts[kind] ??= { inserted: 0, updated: 0, skipped: 0 })
    for (const { event } of this.fresh.values()) of(event.kind).inserted++
    for (const { event } of this.revised.values()) of(event.kind).updated++
    const counted = new Set<string>()
    for (const { kind, key } of this.told) {
      const isCounted = !counted.has(key) && (this.fresh.has(key) || this.revised.has(key))
      if (!isCounted) of(kind).skipped++
      counted.add(key)
    }
    return counts
  }
}

/**
 * Whether the source may say something else of it: not of what a caller recorded, and not of what
 * another session told first, whose copy this is.
 */
function isTheirs(first: ActivityEvent, statement: SourceStatement): boolean {
  if (first.sourceId === null) return false
  return !('event' in statement) || statement.event.event.sessionId === first.sessionId
}
