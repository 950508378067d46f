import type { JsonObject, JsonValue } from '../canonical-json.js'
import { InvalidInputError } from '../errors.js'
import { isInstantText, isStorableText } from '../stored-values.js'
import { maxPathBytes, maxPathLength, maxTextLength } from './activity-event.js'
import type { ActivityEventInput } from './activity-service.js'
import { type EventKind, eventKinds, misfits } from './event-kinds.js'

/** The events of loops that have been known from the first day; each has a state, `loop_complete` an outcome. */
const loopTypes = new Set([
  'loop_start',
  'loop_resume',
  'loop_complete',
  'state_enter',
  'route',
  'retry_exhausted',
  'cycle_detected',
])

/** What becomes of an issue, by the suffix of its event; any other suffix is the state itself. */
export const issueStates: ReadonlyMap<string, string> = new Map([
  ['completed', 'done'],
  ['closed', 'done'],
  ['deferred', 'deferred'],
  ['skipped', 'cancelled'],
  ['created', 'open'],
  ['started', 'in_progress'],
])

/**
 * An event of a bus as one to record. A member that we have a column for goes there if it fits; all
 * else stays in the payload as it came.
 *
 * @throws {InvalidInputError} not a JSON object
 */
export function fromBus(event: unknown): ActivityEventInput {
  const fields = new BusFields(event)
  const type = fields.text('event', 'type') ?? 'event'
  const common = {
    ts: fields.instant('ts', 'timestamp'),
    sessionId: fields.text('sessionId', 'session_id'),
    issueId: fields.text('issueId', 'issue_id'),
    projectId: fields.text('projectId', 'project_id'),
    actorName: fields.text('actorName', 'actor_name', 'actor'),
    path: fields.path('path'),
    retries: fields.count('retries'),
  }
  const special = loopEvent(fields, type) ?? issueEvent(fields, type, common.issueId)
  const rest = special ?? { kind: 'custom' as const, name: type, state: fields.text('state') }
  return { ...common, ...rest, payload: payloadOf(rest.kind, fields.rest, special ? { transition: type } : {}) }
}

type KnownEvent = Partial<ActivityEventInput> & { kind: EventKind }

function loopEvent(fields: BusFields, type: string): KnownEvent | undefined {
  if (!loopTypes.has(type)) return undefined
  const name = fields.text('loop', 'loop_name', 'loopName', 'name')
  if (name === undefined) return undefined
  const outcome = type === 'loop_complete' ? fields.text('outcome') : undefined
  return { kind: 'loop', name, state: outcome ?? fields.text('state') }
}

function issueEvent(fields: BusFields, type: string, given: string | undefined): KnownEvent | undefined {
  const suffix = /^issue\.(.+)$/.exec(type)?.[1]
  if (suffix === undefined) return undefined
  const issueId = given ?? fields.text('issue', 'id')
  if (issueId === undefined) return undefined
  const discoveredBy = fields.text('discoveredBy', 'discovered_by')
  if (discoveredBy !== undefined) fields.rest.discoveredBy = discoveredBy
  for (const name of Object.keys(eventKinds.issue.payload)) fields.writeDown(name)
  return { kind: 'issue', issueId, state: issueStates.get(suffix) ?? suffix }
}

/**
 * A kind knows what its fields are. What a sender says by the same name, and is something else, costs
 * him no event: it is kept under `given`.
 */
function payloadOf(kind: EventKind, rest: JsonObject, ours: JsonObject): JsonObject {
  const isTaken = (name: string) => Object.hasOwn(rest, name) && rest[name] !== ours[name]
  const taken = [...misfits(kind, rest), ...Object.keys(ours).filter(isTaken)]
  if (taken.length === 0) return { ...rest, ...ours }
  const isGiven = (name: string) => name === 'given' || taken.includes(name)
  const members = Object.entries(rest)
  const given = Object.fromEntries(members.filter(([name]) => isGiven(name)))
  return { ...Object.fromEntries(members.filter(([name]) => !isGiven(name))), ...ours, given }
}

/** The members of an event; each is taken once, by whichever of its names it has. */
class BusFields {
  readonly rest: JsonObject

  constructor(event: unknown) {
    // Through text: senders leave dates, and members without a value, in what they send.
    const value = JSON.parse(JSON.stringify(event) ?? 'null') as JsonValue
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new InvalidInputError([{ path: 'event', message: 'is not an object' }])
    }
    this.rest = value
  }

  text(...names: string[]): string | undefined {
    return this.take(names, (value) => isText(value, maxTextLength))
  }

  /** A field that is text, such as a priority: a sender's number is rather written as text than lost. */
  writeDown(name: string): void {
    const value = this.rest[name]
    if (value !== undefined && value !== null && typeof value !== 'string') this.rest[name] = JSON.stringify(value)
  }

  path(...names: string[]): string | undefined {
    return this.take(names, (value) => isText(value, maxPathLength) && Buffer.byteLength(value) <= maxPathBytes)
  }

  instant(...names: string[]): string | undefined {
    return this.take(names, isInstantText)
  }

  count(...names: string[]): number | undefined {
    return this.take(names, (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) < 2 ** 31)
  }

  private take<T extends JsonValue>(names: string[], fits: (value: JsonValue) => boolean): T | undefined {
    const name = names.find((each) => Object.hasOwn(this.rest, each) && fits(this.rest[each] as JsonValue))
    if (name === undefined) return undefined
    const value = this.rest[name] as T
    delete this.rest[name]
    return value
  }
}

const isText = (value: JsonValue, maxLength: number): value is string =>
  value !== '' && isStorableText(value, maxLength)

/** Whether a value is about as small as `bytes`, found out without going through more than so much of it. */
export function isWithin(value: unknown, bytes: number): boolean {
  let left = bytes
  const fits = (each: unknown): boolean => {
    left -= typeof each === 'string' ? each.length : 1
    if (left < 0) return false
    if (typeof each !== 'object' || each === null) return true
    // Known before any key is listed, which alone would take seconds where there are many; holes have none.
    if (lengthOf(each) > left) return false
    if (Array.isArray(each)) return each.every(fits)
    return Object.keys(each).every((name) => {
      left -= name.length
      return fits((each as Record<string, unknown>)[name])
    })
  }
  return fits(value)
}

function lengthOf(value: object): number {
  if (value instanceof String || Array.isArray(value)) return value.length
  return ArrayBuffer.isView(value) ? value.byteLength : 0
}
