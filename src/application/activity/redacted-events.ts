import type { NewEvent } from '../../domain/activity/activity-repository.js'
import type { SourceBatch, SourceStatement } from '../../domain/activity/activity-source-repository.js'
import { isEventKind, rulesOf, searchTextOf } from '../../domain/activity/event-kinds.js'
import type { Redactor } from '../../domain/redaction.js'
import { redactedJson } from '../redacted-json.js'
import { maxPathBytes, maxPathLength, maxTextLength } from './activity-inputs.js'
import type { ActivityServiceParts } from './activity-service-parts.js'

type Parts = Pick<ActivityServiceParts, 'findRedactor'>

/** As they are to be stored: before they are compared with what is there, indexed or written. */
export async function redactedEvents(events: NewEvent[], findRedactor: Parts['findRedactor']): Promise<NewEvent[]> {
  const redactor = await findRedactor?.()
  return redactor ? events.map((each) => redactedEvent(each, redactor)) : events
}

/** The same for what a backfill found, and for the excerpts of what it could not read. */
export async function redactedBatch(batch: SourceBatch, { findRedactor }: Parts): Promise<SourceBatch> {
  const redactor = await findRedactor?.()
  if (!redactor) return batch
  const hidden = (text: string | null) => (text === null ? null : redactor.redact(text).text)
  const rejects = batch.rejects.map((each) => ({
    ...each,
    reason: redactor.redact(each.reason).text,
    excerpt: hidden(each.excerpt),
  }))
  return { ...batch, statements: batch.statements.map((each) => redactedStatement(each, redactor)), rejects }
}

function redactedStatement(statement: SourceStatement, redactor: Redactor): SourceStatement {
  if ('outcome' in statement) {
    const { outcome } = statement
    return { outcome: { ...outcome, payload: redactedJson(outcome.payload, redactor) } }
  }
  const event = redactedEvent(statement.event, redactor)
  return statement.later ? { event, later: redactedEvent(statement.later, redactor) } : { event }
}

/** What an event is found by stays: ids, and whose it is. */
function redactedEvent(draft: NewEvent, redactor: Redactor): NewEvent {
  const payload = redactedJson(draft.event.payload, redactor)
  const event = Object.assign(Object.create(Object.getPrototypeOf(draft.event)) as NewEvent['event'], draft.event, {
    payload,
    path: short(draft.event.path, redactor, maxPathLength, maxPathBytes),
    name: short(draft.event.name, redactor, maxTextLength),
  })
  const kind = isEventKind(event.kind) ? event.kind : 'custom'
  event.failed = rulesOf(kind).isFailure(event)
  return { ...draft, event, payloadText: JSON.stringify(payload), searchText: searchTextOf(kind, event) }
}

/** A marker may be longer than the secret, and a column holds only so much. */
function short(text: string | null, redactor: Redactor, maxLength: number, maxBytes = maxLength * 4): string | null {
  if (text === null) return null
  let cut = redactor.redact(text).text.slice(0, maxLength).toWellFormed()
  while (Buffer.byteLength(cut) > maxBytes) cut = cut.slice(0, -1).toWellFormed()
  return cut
}
