import type { ActivityEvent } from '../../domain/activity/activity-event.js'
import { type EventKindDeclaration, headlineOf } from '../../domain/activity/event-kinds.js'
import { type Column, instant, type Output, printable, shortened } from './output.js'

const payloadLength = 400

export const eventColumns: Column<ActivityEvent>[] = [
  { head: 'Event', cell: (event) => event.id },
  { head: 'When', cell: (event) => instant(event.ts) },
  { head: 'Kind', cell: (event) => event.kind },
  { head: 'Name', cell: (event) => shortened(event.name ?? '', 24) },
  { head: 'State', cell: (event) => shortened(stateOf(event), 20) },
  { head: 'Issue', cell: (event) => shortened(event.issueId ?? '', 20) },
  { head: 'Path', cell: (event) => shortened(event.path ?? '', 40) },
  { head: 'Says', cell: (event) => shortened(headlineOf(event), 48) },
]

/** With a mark when it was a failure, of which not every state tells. */
const stateOf = ({ state, failed }: ActivityEvent) => `${failed ? '✗ ' : ''}${state ?? ''}`.trim()

/** One event, whole but for a long payload. */
export function eventEntry(event: ActivityEvent, output: Output): string {
  const title = [event.kind, event.name, stateOf(event)].filter(Boolean).join(' · ')
  const carried = {
    path: event.path,
    issue: event.issueId,
    session: event.sessionId,
    project: event.projectId,
    actor: event.actorName,
    retries: event.retries,
    'native id': event.nativeId,
  }
  const facts = Object.entries(carried).filter(([, value]) => value !== null)
  const lines = [`${event.id} · ${instant(event.ts)}`, ...facts.map(([name, value]) => `${name} ${value}`)]
  const payload =
    Object.keys(event.payload).length === 0 ? [] : [shortened(JSON.stringify(event.payload), payloadLength)]
  return [
    output.emphasise('bold', printable(title)),
    ...lines.map((line) => output.emphasise('dim', printable(line))),
    ...payload.map(printable),
  ].join('\n')
}

/** A kind with the fields that it knows. */
export function kindEntry({ kind, summary, requires, payload }: EventKindDeclaration, output: Output): string {
  const head = `${output.emphasise('bold', kind)}: ${summary}; needs ${requires.join(', ')}`
  return [head, ...payload.map(({ name, type, meaning }) => `  payload.${name} (${type}): ${meaning}`)].join('\n')
}
