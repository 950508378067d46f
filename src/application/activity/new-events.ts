import { ActivityEvent } from '../../domain/activity/activity-event.js'
import type { NewEvent } from '../../domain/activity/activity-repository.js'
import type { ActivityEventInput } from '../../domain/activity/activity-service.js'
import {
  type EventKind,
  isEventKind,
  misfits,
  type PayloadType,
  rulesOf,
  searchTextOf,
} from '../../domain/activity/event-kinds.js'
import { type JsonObject, shortHashJson, storedJson } from '../../domain/canonical-json.js'
import { type InputProblem, InvalidInputError } from '../../domain/errors.js'
import { validated } from '../validated.js'
import { ActivityEventFields } from './activity-inputs.js'
import type { ActivityLimits } from './activity-limits.js'
import type { ActivityServiceParts } from './activity-service-parts.js'

const maxEvents = 1_000

/** @throws {InvalidInputError} not a list of at most 1,000 events; INVALID_INPUT or EVENT_TOO_LARGE, with every fault in their order */
export function newEvents(plain: unknown, parts: ActivityServiceParts): NewEvent[] {
  if (!Array.isArray(plain) || plain.length > maxEvents) {
    throw new InvalidInputError([{ path: 'events', message: `must be an array of at most ${maxEvents} events` }])
  }
  const faults: InvalidInputError[] = []
  const events = plain.flatMap((each: ActivityEventInput, index) => {
    try {
      return [newEvent(each, `events[${index}]`, parts)]
    } catch (error) {
      if (!(error instanceof InvalidInputError)) throw error
      faults.push(error)
      return []
    }
  })
  if (faults.length === 0) return events
  const { code } = faults.find((each) => each.code === 'INVALID_INPUT') ?? (faults[0] as InvalidInputError)
  throw new InvalidInputError(
    faults.flatMap(({ problems }) => problems),
    code,
  )
}

/** Checks an event by the rules of its kind and brings it to its stored form. */
export function newEvent(plain: ActivityEventInput, path: string, parts: ActivityServiceParts): NewEvent {
  const input = validated(ActivityEventFields, plain, path)
  const at = (name: string) => (path ? `${path}.${name}` : name)
  const kind = isEventKind(input.kind) ? input.kind : 'custom'
  const payload = { ...hashedArgs(input, at('args')), ...storedPayload(input, at('payload')) }
  const event = eventOf(input, { kind, payload }, parts)
  const problems = problemsOf(event, kind, at)
  if (problems.length > 0) throw new InvalidInputError(problems)
  event.failed = rulesOf(kind).isFailure(event)
  const payloadText = fitting(payload, parts.limits, at('payload'))
  return { event, payloadText, searchText: searchTextOf(kind, event), hasOwnTs: input.ts !== undefined }
}

function eventOf(
  input: ActivityEventFields,
  { kind, payload }: { kind: EventKind; payload: JsonObject },
  { clock, namespace, newId }: ActivityServiceParts,
): ActivityEvent {
  const recordedAt = clock()
  return Object.assign(new ActivityEvent(), {
    id: newId(),
    namespace,
    kind,
    ts: input.ts === undefined ? recordedAt : new Date(input.ts),
    ...carried(input),
    name: input.name ?? (isEventKind(input.kind) ? null : input.kind),
    payload,
    recordedAt,
    nativeId: input.nativeId ?? null,
    sourceId: null,
  })
}

function carried(input: ActivityEventFields) {
  const { sessionId = null, issueId = null, projectId = null, actorName = null } = input
  const { path = null, state = null, retries = null } = input
  return { sessionId, issueId, projectId, actorName, path, state, retries }
}

function storedPayload({ kind, payload = {} }: ActivityEventFields, path: string): JsonObject {
  const value = storedJson(payload, path).value as JsonObject
  return isEventKind(kind) ? value : { ...value, originalKind: kind }
}

/** The arguments themselves may hold secrets, and are not kept. */
function hashedArgs({ kind, args, payload }: ActivityEventFields, path: string): JsonObject {
  if (args === undefined) return {}
  if (kind !== 'tool') throw new InvalidInputError([{ path, message: 'only an event of kind tool has arguments' }])
  if (payload && Object.hasOwn(payload, 'argsHash')) {
    throw new InvalidInputError([{ path, message: 'is hashed into payload.argsHash; give one of the two' }])
  }
  return { argsHash: shortHashJson(storedJson(args, path).value) }
}

function problemsOf(event: ActivityEvent, kind: EventKind, at: (name: string) => string): InputProblem[] {
  const { requires, payload: fields } = rulesOf(kind)
  const missing = requires
    .filter((name) => isMissing(event, name))
    .map((name) => ({ path: at(name), message: `is missing; an event of kind ${kind} needs it` }))
  const wrong = misfits(kind, event.payload).map((name) => {
    const type = fields[name]?.type ?? 'text'
    return { path: at(`payload.${name}`), message: `must be ${wordsFor[type]}` }
  })
  return [...missing, ...wrong]
}

function isMissing(event: ActivityEvent, name: string): boolean {
  const inPayload = /^payload\.(.+)$/.exec(name)?.[1]
  const value: unknown = inPayload === undefined ? event[name as keyof ActivityEvent] : event.payload[inPayload]
  return value === undefined || value === null || value === ''
}

const wordsFor: Record<PayloadType, string> = {
  text: 'text',
  boolean: 'true or false',
  integer: 'a whole number',
  count: 'a whole number, 0 or more',
}

function fitting(payload: JsonObject, { eventBytes }: ActivityLimits, path: string): string {
  const text = JSON.stringify(payload)
  const bytes = Buffer.byteLength(text)
  if (bytes <= eventBytes) return text
  const message = `is ${bytes} bytes as JSON; at most ${eventBytes} are taken`
  throw new InvalidInputError([{ path, message }], 'EVENT_TOO_LARGE')
}
