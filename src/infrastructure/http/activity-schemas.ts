import { activityPurgeBounds } from '../../domain/activity/activity-purge.js'
import { eventKindNames } from '../../domain/activity/event-kinds.js'
import { bound, closed, cursor, limit, name } from './input-schemas.js'
import { described, flag, instant, list, maybe, maybeText, page, record, text, whole } from './output-schemas.js'

/** Null says no more than leaving it out. */
const optional = (schema: object) => ({ ...schema, type: ['string', 'null'] })

const kind = { type: 'string', enum: eventKindNames }
const path = described({ type: 'string', minLength: 1, maxLength: 1_024 }, 'The path of a file.')
const sessionId = described(name, 'Of a coding agent, or of this store.')
const issueId = name
const projectId = name
const actorName = name

const newEvent = {
  kind: described(
    { type: 'string', minLength: 1, maxLength: 64 },
    `${eventKindNames.join(', ')}; any other is custom.`,
  ),
  ts: described(maybeText, 'When it happened, ISO 8601 with its offset; now unless given.'),
  sessionId: optional(sessionId),
  issueId: optional(issueId),
  projectId: optional(projectId),
  actorName: optional(actorName),
  path: optional(path),
  name: described(optional(name), 'What it is of: the tool, the loop.'),
  state: described(optional(name), 'Where the thing stands after it.'),
  retries: { type: ['integer', 'null'], minimum: 0, maximum: 2_147_483_647 },
  nativeId: described(optional(name), 'Its own identity: recording it again gives the event that is there.'),
  payload: { type: ['object', 'null'], additionalProperties: true },
  args: { description: 'The arguments of a tool, any JSON value; hashed and not kept.' },
}
const example = { kind: 'file', path: 'src/a.ts', issueId: 'BUG-7', payload: { op: 'write' } }

/** An object is one event; those of a list are judged by the library, which names each by its place. */
export const recordBody = {
  ...closed(newEvent, ['kind']),
  type: ['object', 'array'],
  items: { description: 'An event, as it would stand by itself.' },
  examples: [example],
}

const since = bound('Then or later.')
const paging = { limit, cursor }

export const recentQuery = closed({
  ...{ kind, since, until: bound('Before it.'), sessionId, issueId, projectId, actorName, path, name, state: name },
  ...paging,
})
/** Exactly one of them: the library says so. */
export const relatedQuery = closed({
  path,
  issueId,
  sessionId,
  loop: described(name, 'The name of a loop.'),
  ...paging,
})
export const historyQuery = closed({ issueId, ...paging }, ['issueId'])
export const failedLoopsQuery = closed({ path, since, limit }, ['path'])
export const failingToolsQuery = closed({ since, projectId, limit })

const bounds = ({ min, max }: { min: number; max: number }) => ({ type: 'integer', minimum: min, maximum: max })
export const purgeBody = {
  ...closed(
    {
      olderThanMs: bounds(activityPurgeBounds.olderThanMs),
      kinds: { type: 'array', items: kind, minItems: 1 },
      dryRun: { type: 'boolean' },
      batchSize: bounds(activityPurgeBounds.batchSize),
    },
    ['olderThanMs'],
  ),
  examples: [{ olderThanMs: 30 * 24 * 60 * 60_000, dryRun: true }],
}

/** Open: a host's prefix may have parameters of its own, such as `/t/:tenant`. */
export const eventParams = {
  type: 'object',
  properties: { id: { type: 'string', description: 'the id of the event' } },
  required: ['id'],
}

const eventFields = {
  id: text,
  namespace: text,
  kind,
  ts: instant,
  sessionId: maybeText,
  issueId: maybeText,
  projectId: maybeText,
  actorName: maybeText,
  path: maybeText,
  name: maybeText,
  state: maybeText,
  retries: maybe(whole),
  failed: flag,
  payload: { type: 'object', additionalProperties: true },
  nativeId: maybeText,
  sourceId: maybeText,
  recordedAt: instant,
}

export const event = record(eventFields)
const recordedEvent = record({ ...eventFields, replayed: flag })
/** As was sent: one, or a list of them. */
export const recorded = { anyOf: [recordedEvent, record({ items: list(recordedEvent) })] }
export const eventPage = page(event, maybeText)
const relation = { type: 'string', enum: ['direct', 'issue', 'session'] }
export const relatedPage = page(record({ ...eventFields, relation }), maybeText)
export const failedLoops = record({
  items: list(record({ name: text, issueId: text, failures: whole, lastState: maybeText, lastAt: instant })),
})
export const failingTools = record({
  items: list(
    record({
      name: text,
      projectId: maybeText,
      path: maybeText,
      calls: whole,
      failures: whole,
      failureRate: { type: 'number' },
      lastFailureAt: instant,
    }),
  ),
})
export const kinds = record({
  items: list(
    record({
      kind,
      summary: text,
      requires: list(text),
      payload: list(record({ name: text, type: text, meaning: text })),
    }),
  ),
})
export const purgeReport = record({
  dryRun: flag,
  eventsDeleted: whole,
  byKind: { type: 'object', additionalProperties: whole },
  remaining: whole,
})
