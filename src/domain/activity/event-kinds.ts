import type { JsonObject, JsonValue } from '../canonical-json.js'
import type { ActivityEvent } from './activity-event.js'

/** What the rules of a kind look at. */
export type EventFacts = Pick<
  ActivityEvent,
  'sessionId' | 'issueId' | 'projectId' | 'actorName' | 'path' | 'name' | 'state' | 'retries' | 'payload'
>

export type PayloadType = 'text' | 'count' | 'integer' | 'boolean'

interface PayloadField {
  type: PayloadType
  meaning: string
}

interface EventKindRules {
  summary: string
  /** The field of the payload that says most to a reader of a list. */
  headline?: string
  /** What an event of the kind cannot be without. */
  requires: readonly (keyof EventFacts | `payload.${string}`)[]
  /** The fields that the kind knows; others are kept as they come. */
  payload: Readonly<Record<string, PayloadField>>
  isFailure(event: EventFacts): boolean
  /** What full-text search finds it by. */
  searchText(event: EventFacts): string
  /** Where a reader is sent to see it. */
  anchor(event: EventFacts): string
}

const text = (meaning: string): PayloadField => ({ type: 'text', meaning })
/** A whole number, 0 or more. */
const count = (meaning: string): PayloadField => ({ type: 'count', meaning })
const integer = (meaning: string): PayloadField => ({ type: 'integer', meaning })
const truth = (meaning: string): PayloadField => ({ type: 'boolean', meaning })

const failedStates = new Set(
  'failed failure fail error errored aborted timeout timed_out max_steps max_iterations exhausted cycle_detected'.split(
    ' ',
  ),
)
const endedBadly = ({ state }: EventFacts) => state !== null && failedStates.has(state.toLowerCase())

/** Of these the state is a place on the way, and may well be called `failed`. */
const stepsOfLoops: unknown[] = ['loop_start', 'loop_resume', 'state_enter', 'route']

const said = (payload: JsonObject, ...names: string[]): string[] =>
  names.map((name) => payload[name]).filter((value) => typeof value === 'string')

const unless = (told: string | null, texts: string[]) => texts.filter((text) => text !== told)

const words = (...parts: (string | null)[]) => parts.filter((part) => part !== null && part !== '').join(' ')

function place({ path, payload }: EventFacts): string | undefined {
  if (path === null) return undefined
  return typeof payload.line === 'number' ? `${path}:${payload.line}` : path
}

function reference({ issueId, sessionId }: EventFacts): string {
  if (issueId !== null) return `issue ${issueId}`
  return sessionId === null ? '' : `session ${sessionId}`
}

/**
 * The kinds of events, each declared here and nowhere else: validation, search text, failures, the
 * answers of `kinds()` and what the surfaces show all follow from it.
 */
export const eventKinds = {
  tool: {
    summary: 'A call of a tool',
    headline: 'error',
    requires: ['name'],
    payload: {
      argsHash: text('the first 16 hex digits of the SHA-256 over the canonical JSON of its arguments'),
      resultSize: count('bytes of its result'),
      bytesIn: count('bytes that it read'),
      bytesOut: count('bytes that it wrote'),
      cacheHit: truth('whether its result came from a cache'),
      success: truth('whether it did what it was asked'),
      exitCode: integer('exit code of the process that it ran'),
      durationMs: count('how long it took, in milliseconds'),
      error: text('what it said of its failure'),
    },
    isFailure: (event) => {
      const { success, exitCode } = event.payload
      return success === false || (typeof exitCode === 'number' && exitCode !== 0) || endedBadly(event)
    },
    searchText: ({ name, path, state, payload }) => words(name, path, state, ...said(payload, 'error')),
    anchor: (event) => place(event) ?? reference(event),
  },
  file: {
    summary: 'A file that was read or changed',
    headline: 'op',
    requires: ['path'],
    payload: {
      op: text('what was done to it, such as read, write or delete'),
      gitSha: text('the commit that it belongs to'),
      line: count('where in the file'),
    },
    isFailure: endedBadly,
    searchText: ({ path, name, issueId, payload }) => words(path, name, issueId, ...said(payload, 'op', 'gitSha')),
    anchor: (event) => place(event) ?? '',
  },
  issue: {
    summary: 'An issue that went on to another state',
    headline: 'title',
    requires: ['issueId'],
    payload: {
      transition: text('what happened to it, in the words of its tracker'),
      discoveredBy: text('who or what found it'),
      title: text('what it is about'),
      priority: text('how urgent it is, in the words of its tracker'),
    },
    // Given up is not gone wrong.
    isFailure: () => false,
    searchText: ({ issueId, name, state, path, payload }) =>
      words(
        issueId,
        name,
        state,
        path,
        ...unless(state, said(payload, 'transition')),
        ...said(payload, 'discoveredBy', 'title'),
      ),
    anchor: reference,
  },
  loop: {
    summary: 'A step of an automated loop',
    headline: 'transition',
    requires: ['name'],
    payload: { transition: text('which step, such as loop_start, state_enter or loop_complete') },
    isFailure: (event) => {
      const { transition } = event.payload
      if (transition === 'retry_exhausted' || transition === 'cycle_detected') return true
      return !stepsOfLoops.includes(transition) && endedBadly(event)
    },
    searchText: ({ name, state, issueId, payload }) => words(name, state, ...said(payload, 'transition'), issueId),
    anchor: ({ name }) => `loop ${name}`,
  },
  correction: {
    summary: 'What a user set right',
    headline: 'content',
    requires: ['payload.content'],
    payload: {
      content: text('what the user said'),
      source: text('how it was found, such as a hook or a rule'),
    },
    isFailure: () => false,
    searchText: ({ path, payload }) => words(...said(payload, 'content'), path),
    anchor: (event) => reference(event) || (place(event) ?? ''),
  },
  custom: {
    summary: 'Any other event, kept as it came',
    requires: ['name'],
    payload: { originalKind: text('the kind that it came with, where that is not registered') },
    isFailure: endedBadly,
    searchText: ({ name, path, state, issueId, payload }) =>
      words(name, path, state, issueId, ...Object.values(payload).filter((value) => typeof value === 'string')),
    anchor: (event) => place(event) ?? reference(event),
  },
} satisfies Record<string, EventKindRules>

export type EventKind = keyof typeof eventKinds

export const eventKindNames = Object.keys(eventKinds) as EventKind[]

export const isEventKind = (kind: unknown): kind is EventKind =>
  typeof kind === 'string' && Object.hasOwn(eventKinds, kind)

export const rulesOf = (kind: EventKind): EventKindRules => eventKinds[kind]

const isInteger = (value: JsonValue): value is number => Number.isSafeInteger(value)

/** What is left out, or null, says nothing and is never wrong. */
const accepts: Record<PayloadType, (value: JsonValue) => boolean> = {
  text: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  integer: isInteger,
  count: (value) => isInteger(value) && value >= 0,
}

/** The fields that the kind knows and that are here of another type. */
export const misfits = (kind: EventKind, payload: JsonObject): string[] =>
  Object.entries(rulesOf(kind).payload)
    .filter(([name, { type }]) => {
      const value = payload[name] ?? null
      return value !== null && !accepts[type](value)
    })
    .map(([name]) => name)

/** A kind as plain data. */
export interface EventKindDeclaration {
  kind: EventKind
  summary: string
  requires: string[]
  payload: { name: string; type: PayloadType; meaning: string }[]
}

export function declarations(): EventKindDeclaration[] {
  return eventKindNames.map((kind) => {
    const { summary, requires, payload } = rulesOf(kind)
    const fields = Object.entries(payload).map(([name, field]) => ({ name, ...field }))
    return { kind, summary, requires: [...requires], payload: fields }
  })
}

/** What an event says in a few words, if it says anything. */
export function headlineOf({ kind, payload }: Pick<ActivityEvent, 'kind' | 'payload'>): string {
  const name = isEventKind(kind) ? rulesOf(kind).headline : undefined
  const value = name === undefined ? undefined : payload[name]
  return typeof value === 'string' ? value : ''
}

/** The search text is derived, and the columns it comes from have no bound in common. */
export function searchTextOf(kind: EventKind, event: EventFacts): string {
  return rulesOf(kind).searchText(event).toWellFormed().replaceAll('\u0000', ' ')
}
