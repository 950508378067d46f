import type { JsonInput } from '../canonical-json.js'
import type { Page } from '../page.js'
import type { BackfillOptions, BackfillReport, RejectedPiece } from './activity-backfill.js'
import type { ActivityEvent } from './activity-event.js'
import type { ActivityPurgeReport } from './activity-purge.js'
import type { EventKind, EventKindDeclaration } from './event-kinds.js'

export interface ActivityEventInput {
  /** One of `kinds()`. Any other is kept as `custom`, with `payload.originalKind`. At most 64 characters. */
  kind: EventKind | (string & {})
  /** When it happened: a Date or an ISO 8601 instant. Defaults to now. */
  ts?: Date | string
  /** Free text of at most 255 characters, as the next four. The events of a session of this store go with it. */
  sessionId?: string
  issueId?: string
  projectId?: string
  actorName?: string
  /** What the event is of. Of an unregistered kind it defaults to the kind. */
  name?: string
  /** At most 1,024 characters and 1,800 bytes. */
  path?: string
  state?: string
  retries?: number
  /** The event's own identity: recording it again gives the event that is there. At most 255 characters. */
  nativeId?: string
  /** A JSON object; see `kinds()` for the fields that each kind knows. At most 64 KiB. */
  payload?: object
  /** Of a tool: its arguments, any JSON value; hashed into `payload.argsHash` and not kept. */
  args?: JsonInput
}

/** The event as stored, and whether it was there already. */
export type RecordedEvent = ActivityEvent & { replayed: boolean }

export interface RecentEventsOptions {
  kind?: EventKind
  /** At or after, and before, by `ts`. */
  since?: Date | string
  until?: Date | string
  sessionId?: string
  issueId?: string
  projectId?: string
  actorName?: string
  path?: string
  name?: string
  state?: string
  /** 1 to 1,000. Defaults to 50. */
  limit?: number
  cursor?: string
}

/** Exactly one of them. */
export interface RelatedSubject {
  path?: string
  issueId?: string
  sessionId?: string
  /** Name of a loop. */
  loop?: string
}

export interface EventPageOptions {
  /** 1 to 1,000. Defaults to 50. */
  limit?: number
  cursor?: string
}

/**
 * How an event has to do with the subject: it carries it; it has an issue in common with one that
 * does; or, of an issue, it names none itself and is of a session that worked on it.
 */
export type EventRelation = 'direct' | 'issue' | 'session'
export type RelatedEvent = ActivityEvent & { relation: EventRelation }

export interface FailedLoopsOptions {
  /** Of the issues that an event with this path names. */
  path: string
  since?: Date | string
  /** 1 to 1,000. Defaults to 50. */
  limit?: number
}

export interface FailedLoop {
  name: string
  issueId: string
  /** Events that were failures. */
  failures: number
  /** Of the last failure. */
  lastState: string | null
  lastAt: Date
}

export interface FailingToolsOptions {
  since?: Date | string
  projectId?: string
  /** 1 to 1,000. Defaults to 50. */
  limit?: number
}

export interface FailingTool {
  name: string
  projectId: string | null
  /** Where it failed most often; null when that was on no path. */
  path: string | null
  calls: number
  failures: number
  /** Failures of its calls, more than 0 and at most 1. */
  failureRate: number
  lastFailureAt: Date
}

export interface PurgeEventsOptions {
  /** Deletes what happened longer ago than so many milliseconds. */
  olderThanMs: number
  /** Only these. Defaults to all. */
  kinds?: EventKind[]
  /** Counts and changes nothing. Defaults to false. */
  dryRun?: boolean
  /** Events of one transaction. Defaults to 500. */
  batchSize?: number
  /** Told after every batch what the run has done so far. */
  onProgress?: (soFar: Pick<ActivityPurgeReport, 'eventsDeleted' | 'byKind'>) => void
}

export interface SinkOptions {
  /** Events that may wait, as long as their payloads have at most 64 Mi characters; more are dropped. Defaults to 10,000. */
  capacity?: number
  /** Events of one transaction. Defaults to 100. */
  batchSize?: number
  /** How long `close` may take. Defaults to 2,000. */
  closeWithinMs?: number
}

/**
 * Why a sink dropped an event: it is no JSON object; it exceeds `limits.eventBytes`; too many were
 * waiting; the database refused; the sink or the store was closed before it was written.
 */
export type DropReason = 'invalid' | 'too-large' | 'full' | 'failed' | 'closed'

export interface SinkReport {
  recorded: number
  /** Not known to be recorded. */
  dropped: number
  /** The same by reason; a reason that never applied is left out. */
  drops: Partial<Record<DropReason, number>>
}

/** A transport of an event bus that never fails its caller, nor waits for the database. */
export interface ActivitySink {
  /** Takes what is to be recorded and writes it in the background. Never throws. */
  send(event: unknown): void
  /** Writes what waits, for as long as its budget lasts. Never rejects; again, it also counts what was sent meanwhile. */
  close(): Promise<SinkReport>
}

/**
 * What happened around agents: tools called, files changed, issues moved, loops run, corrections
 * made. Recorded once, and changed by nobody but a backfill that reads its own sources anew; found again
 * by whatever they have in common.
 *
 * @example
 * await hansard.activity.record({ kind: 'file', path: 'src/a.ts', issueId: 'BUG-7', payload: { op: 'write' } })
 * await hansard.activity.record({ kind: 'loop', name: 'fix', issueId: 'BUG-7', state: 'failed' })
 * const [loop] = await hansard.activity.failedLoops({ path: 'src/a.ts' })
 */
export abstract class ActivityService {
  /**
   * @throws {InvalidInputError} EVENT_TOO_LARGE
   * @throws {ConflictError} IDEMPOTENCY_CONFLICT: the native id was recorded with another content
   */
  abstract record(event: ActivityEventInput): Promise<RecordedEvent>

  /** All or none, at most 1,000; in the order given. Throws as `record` does. */
  abstract recordAll(events: readonly ActivityEventInput[]): Promise<RecordedEvent[]>

  /** @throws {NotFoundError} EVENT_NOT_FOUND */
  abstract get(id: string): Promise<ActivityEvent>

  /**
   * Newest first by `ts`. What something else made unreadable is left out, so that a page may be
   * shorter than `limit`.
   */
  abstract recent(options?: RecentEventsOptions): Promise<Page<ActivityEvent>>

  /** What has to do with a file, an issue, a session or a loop, newest first. */
  abstract related(subject: RelatedSubject, options?: EventPageOptions): Promise<Page<RelatedEvent>>

  /** Which loops failed on issues touching a file? The last failure first. */
  abstract failedLoops(options: FailedLoopsOptions): Promise<FailedLoop[]>

  /** What happened to an issue, in order? Oldest first. */
  abstract issueHistory(issueId: string, options?: EventPageOptions): Promise<Page<ActivityEvent>>

  /** Which tools fail most, and where? By project, those with the most failures first. */
  abstract failingTools(options?: FailingToolsOptions): Promise<FailingTool[]>

  /** What kinds of events there are, and what each knows. */
  abstract kinds(): EventKindDeclaration[]

  /** @throws {NotFoundError} EVENT_NOT_FOUND */
  abstract delete(id: string): Promise<void>

  /** Deletes old events; may be stopped and run again. */
  abstract purge(options: PurgeEventsOptions): Promise<ActivityPurgeReport>

  /**
   * Reads what happened before: issues, states of loops and the tool calls of transcripts. May be run
   * again at any time: what was read is not read again, and no event comes in twice. What cannot be
   * read is told by `rejects`; it stops nothing.
   *
   * @example
   * const { inserted } = await hansard.activity.backfill({ issuesDir: '.issues', transcripts: ['session.jsonl'] })
   */
  abstract backfill(options: BackfillOptions): Promise<BackfillReport>

  /** What backfills could not read, and why; the newest first. */
  abstract rejects(options?: EventPageOptions): Promise<Page<RejectedPiece>>

  /**
   * For an event bus: takes the events of loops and issues as their senders write them, and any other
   * as `custom`. What it writes is in no transaction of a host's, not even one that it was made in.
   */
  abstract sink(options?: SinkOptions): ActivitySink
}
