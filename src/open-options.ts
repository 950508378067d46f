import type { DataSource } from 'typeorm'
import {
  type ActivityLimits,
  activityLimitCeilings,
  defaultActivityLimits,
} from './application/activity/activity-limits.js'
import {
  type ContextLimits,
  contextLimitCeilings,
  defaultContextLimits,
} from './application/contexts/context-limits.js'
import { defaultLimits, type SessionLimits } from './application/sessions/new-messages.js'
import { type EventKind, eventKindNames } from './domain/activity/event-kinds.js'
import type { Clock } from './domain/clock.js'
import { InvalidInputError } from './domain/errors.js'
import type { TranscriptOptions } from './domain/transcripts/transcript-settings.js'
import type { DataSourceSettings } from './infrastructure/database/data-source.js'
import { sqliteFile } from './infrastructure/database/database-url.js'
import type { TableOptions } from './infrastructure/database/tables.js'
import type { Telemetry } from './infrastructure/database/telemetry.js'
import { assertObject } from './open-transcript-settings.js'

export interface OpenHansardOptions extends TableOptions, Partial<Omit<DataSourceSettings, 'entities'>> {
  /** A host's initialised DataSource instead of `database`; it needs `hansardEntities()` among its entities. */
  dataSource?: DataSource
  /** The tenant wall that the facade stands behind. Defaults to `default`. */
  namespace?: string
  /**
   * `run` applies pending migrations (the default for SQLite files that we open), `check` refuses a
   * stale schema by name (the default for Postgres and for a host's DataSource), `off` does neither.
   */
  migrate?: 'run' | 'check' | 'off'
  /** Source of every instant. Defaults to the system's. */
  clock?: Clock
  limits?: Partial<Limits> & {
    /** Writes that may wait before callers get OVERLOADED. Defaults to 10,000. */
    pendingWrites?: number
  }
  /**
   * Which kinds full-text search finds: `message`, the kinds of events, `transcript` and `digest`. All, unless switched off
   * here; what is switched on again is found after a reindex.
   */
  search?: Partial<Record<SearchKind, boolean>>
  /**
   * What no transcript tells: `domains` names working folders, `{ '/home/ann/shop': 'retail' }`, each with all
   * below it, or all that begin as one that ends in `*`, the longest first; `prices` are US dollars for a
   * million tokens of a model, or of all that begin as a name that ends in `*`. Each defaults to none. An ingest
   * brings what is stored up to date with them; without this option what others said of a transcript stays
   * until it grows. `bodies` is a folder for long texts, which are in the database otherwise; it changes nothing of that.
   */
  transcripts?: TranscriptOptions
  /**
   * What is redacted before it is stored, as texts of transcripts are: secrets in the content and the metadata of
   * messages that are appended, in names, paths and payloads of events. Nothing, unless switched on here.
   */
  redact?: { messages?: boolean; activity?: boolean }
  /** Told of retries, commits and refusals; the library itself never writes to the console. */
  telemetry?: Telemetry
}

const schemaCeilingBytes = 64 * 1024 * 1024
export const isOwnSqlite = (options: OpenHansardOptions) =>
  options.dataSource === undefined && kindOf(options) === 'sqlite'

export function kindOf({ dataSource, database }: OpenHansardOptions): 'sqlite' | 'postgres' {
  if (dataSource) return dataSource.options.type === 'postgres' ? 'postgres' : 'sqlite'
  return database !== undefined && sqliteFile(database) === undefined ? 'postgres' : 'sqlite'
}

export type SearchKind = 'message' | EventKind | 'transcript' | 'digest'

/** What a search can be narrowed to. */
export const searchKinds: readonly SearchKind[] = ['message', ...eventKindNames, 'transcript', 'digest']

/** Every limit of the store. */
export type Limits = SessionLimits & ContextLimits & ActivityLimits

const defaults: Limits = { ...defaultLimits, ...defaultContextLimits, ...defaultActivityLimits }
const ceilings: Limits = {
  messageBytes: schemaCeilingBytes,
  metadataBytes: schemaCeilingBytes,
  ...contextLimitCeilings,
  ...activityLimitCeilings,
}

export function checkedLimits(options: OpenHansardOptions): Limits {
  const limits = { ...defaults, ...options.limits }
  for (const name of Object.keys(ceilings) as (keyof Limits)[]) {
    const limit = limits[name]
    if (Number.isSafeInteger(limit) && limit > 0 && limit <= ceilings[name]) continue
    const message = `${limit} is not a limit; write a whole number from 1 to ${ceilings[name]}, the most that the schema takes`
    throw new InvalidInputError([{ path: `limits.${name}`, message }])
  }
  return limits
}

/** @throws {InvalidInputError} naming the first option that means nothing */
export function checkedOptions(given: OpenHansardOptions): OpenHansardOptions {
  assertObject('options', given)
  const options = withHostSchema(given)
  assertOptions(options)
  return options
}

function assertOptions({ durability, migrate, limits = {}, search, redact, ...place }: OpenHansardOptions): void {
  assertObject('limits', limits)
  assertSearch(search)
  assertRedact(redact)
  if (![undefined, 'full', 'normal'].includes(durability)) refuse('durability', durability, "'full' or 'normal'")
  if (![undefined, 'run', 'check', 'off'].includes(migrate)) refuse('migrate', migrate, "'run', 'check' or 'off'")
  const pending = limits.pendingWrites ?? 1
  if (!Number.isSafeInteger(pending) || pending < 1) refuse('limits.pendingWrites', pending, 'a whole number from 1')
  assertPlace(place)
}

function assertSearch(search: OpenHansardOptions['search'] = {}): void {
  assertObject('search', search)
  for (const [kind, isOn] of Object.entries(search)) {
    if (!(searchKinds as string[]).includes(kind)) refuse('search', kind, searchKinds.join(', '))
    if (typeof isOn !== 'boolean') refuse(`search.${kind}`, isOn, 'true or false')
  }
}

function assertRedact(redact: OpenHansardOptions['redact'] = {}): void {
  assertObject('redact', redact)
  for (const [name, isOn] of Object.entries(redact)) {
    if (name !== 'messages' && name !== 'activity') refuse('redact', name, 'messages, activity')
    if (typeof isOn !== 'boolean') refuse(`redact.${name}`, isOn, 'true or false')
  }
}

function assertPlace({ schema = 'public', tablePrefix = '', ...options }: OpenHansardOptions): void {
  // With the longest of our own names after it, still within the 63 characters that Postgres tells apart.
  const isPrefix = typeof tablePrefix === 'string' && /^[\w-]{0,30}$/.test(tablePrefix)
  if (!isPrefix) refuse('tablePrefix', tablePrefix, 'at most 30 letters, digits, _ and -')
  const isName = typeof schema === 'string' && /^[\w-]{1,63}$/.test(schema)
  if (!isName) refuse('schema', schema, 'at most 63 letters, digits, _ and -')
  if (schema !== 'public' && kindOf(options) === 'sqlite') {
    throw new InvalidInputError([{ path: 'schema', message: 'SQLite has no schemas; use tablePrefix' }])
  }
}

function refuse(path: string, value: unknown, expected: string): never {
  throw new InvalidInputError([{ path, message: `${JSON.stringify(value)} is not one; write ${expected}` }])
}

/** A host's own schema is where its entities are looked for, ours among them. */
function withHostSchema(options: OpenHansardOptions): OpenHansardOptions {
  const { schema } = (options.dataSource?.options ?? {}) as { schema?: string }
  return options.schema === undefined && schema !== undefined ? { ...options, schema } : options
}

/** @throws {TypeError} at the first instant that is none: a clock is code, not input */
export function checkedClock(clock: Clock): Clock {
  return () => {
    const now = clock()
    if (now instanceof Date && !Number.isNaN(now.getTime())) return now
    throw new TypeError(`The clock gave ${String(now)}; it must give a valid Date.`)
  }
}

export function checkedNamespace(name: string): string {
  const isName =
    typeof name === 'string' && name.length > 0 && name.length <= 255 && !name.includes('\u0000') && name.isWellFormed()
  if (isName) return name
  throw new InvalidInputError([
    { path: 'namespace', message: `${JSON.stringify(name)} is not a namespace; write 1 to 255 characters` },
  ])
}
