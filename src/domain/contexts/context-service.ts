import type { JsonInput } from '../canonical-json.js'
import type { HansardError } from '../errors.js'
import type { Page } from '../page.js'
import type { Context, ContextStep } from './context.js'
import type { PurgeReport } from './context-purge.js'

export interface OpenContextInput {
  /** Working state: a JSON object. Defaults to `{}`. At most 16 KiB and 64 top-level keys. */
  savedContext?: object
  /** Whose it is: 1 to 128 characters, opaque to us. Every later call must then bring the same one. */
  subjectId?: string
  /** Lifetime in milliseconds, from 1 to 366 days. Defaults to 24 hours. */
  ttlMs?: number
  /** Begins the lifetime anew with every step and patch. Defaults to false: the end is fixed when opened. */
  sliding?: boolean
  /**
   * Makes a repeated call give the same context under a new state token; the token of the lost
   * answer is dead. Once the context was used, a repeat is an IDEMPOTENCY_CONFLICT.
   */
  idempotencyKey?: string
}

/** The only time that the state token is told. */
export type OpenedContext = Context & { stateToken: string }
export type ContextWithSteps = Context & { steps: ContextStep[] }

export interface StepInput {
  /** What was done, in 1 to 64 characters. */
  action?: string
  /** Any JSON value; 4 KiB for request and response together. */
  request: JsonInput
  response?: JsonInput
  /** Keeps the hashes alone; a repeat with the same key cannot be replayed then. */
  hashOnly?: boolean
  /** Makes a repeated call give the stored step instead of adding another. */
  idempotencyKey?: string
}

export interface SubjectOptions {
  /** The subject that the context was opened with. */
  subjectId?: string
}

export interface PatchOptions extends SubjectOptions {
  /** Fails with VERSION_CONFLICT unless this is the context's version. */
  expectedVersion?: number
}

/** The step as stored, and where its context stands now. */
export type RecordedStep = ContextStep & { replayed: boolean; stepCount: number; expiresAt: Date }

export interface ListContextsOptions {
  /** `alive` (the default): those that can be used now; `all`: ended ones too, until they are purged. */
  state?: 'alive' | 'all'
  subjectId?: string
  /** 1 to 1,000. Defaults to 50. */
  limit?: number
  cursor?: string
}

export interface RunOptions extends Omit<OpenContextInput, 'ttlMs' | 'sliding'> {
  /** Keeps the steps that are right and tells of the others. Defaults to false: all or nothing. */
  partial?: boolean
}

export type RunStepResult =
  | { index: number; status: 'recorded'; stepIndex: number }
  | { index: number; status: 'failed'; error: HansardError }

export interface RunReport {
  /** `none` when not one of several steps was recorded. */
  outcome: 'complete' | 'partial' | 'none'
  stepsSupplied: number
  stepsRecorded: number
  results: RunStepResult[]
  /** As it was closed. */
  context: ContextWithSteps
}

export interface PurgeOptions {
  /** Counts and changes nothing. Defaults to false. */
  dryRun?: boolean
  /** How long an ended context is kept. Defaults to 7 days. */
  retentionMs?: number
  /**
   * Also deletes steps older than the retention from contexts that stay, with their idempotency keys;
   * `stepCount` and the cap still count them. Defaults to false.
   */
  agedSteps?: boolean
  /** Contexts, or steps, of one transaction: no other call waits longer than for one batch. Defaults to 500. */
  batchSize?: number
  /** Told after every batch what the run has done so far. */
  onProgress?: (soFar: Omit<PurgeReport, 'dryRun' | 'aliveRemaining'>) => void
}

/**
 * Short-lived working state between the calls of one task: opened, stepped, closed, and gone some
 * time after it expired. Whoever holds the state token holds the context.
 *
 * Every call on a token may throw {NotFoundError} CONTEXT_NOT_FOUND, {ExpiredError} CONTEXT_EXPIRED
 * or CONTEXT_CLOSED, and {ConflictError} WRONG_SUBJECT.
 *
 * @example
 * const { stateToken } = await hansard.contexts.open({ savedContext: { city: 'Oslo' } })
 * await hansard.contexts.step(stateToken, { action: 'forecast', request: { day: 1 }, response: { rain: true } })
 * await hansard.contexts.patch(stateToken, { umbrella: true })
 * const { savedContext, steps } = await hansard.contexts.close(stateToken)
 */
export abstract class ContextService {
  /**
   * @throws {ConflictError} CONTEXT_CAPACITY_REACHED, IDEMPOTENCY_CONFLICT
   * @throws {InvalidInputError} CONTEXT_TOO_LARGE, CONTEXT_TOO_MANY_KEYS
   */
  abstract open(input?: OpenContextInput): Promise<OpenedContext>

  /**
   * Appends to the log; the saved state stays as it is (see `patch`).
   *
   * @throws {ConflictError} STEP_CAP_REACHED, IDEMPOTENCY_CONFLICT, STEP_NOT_REPLAYABLE
   * @throws {InvalidInputError} STEP_TOO_LARGE
   */
  abstract step(stateToken: string, input: StepInput, options?: SubjectOptions): Promise<RecordedStep>

  /** Reads without changing anything, the lifetime of a sliding context included. */
  abstract get(stateToken: string, options?: SubjectOptions): Promise<ContextWithSteps>

  /**
   * Changes the saved state by an RFC 7396 merge patch: members replace, null removes, objects merge.
   *
   * @throws {ConflictError} VERSION_CONFLICT with `expected` and `actual`
   * @throws {InvalidInputError} CONTEXT_TOO_LARGE, CONTEXT_TOO_MANY_KEYS
   */
  abstract patch(stateToken: string, mergePatch: object, options?: PatchOptions): Promise<Context>

  /** Ends it and gives its final state and log; afterwards the token is dead. */
  abstract close(stateToken: string, options?: SubjectOptions): Promise<ContextWithSteps>

  /**
   * Newest first; without tokens, which only their holders know, and without steps. What something
   * else made unreadable is left out, for `doctor` to tell of; a page may be shorter than `limit` then.
   */
  abstract list(options?: ListContextsOptions): Promise<Page<Context>>

  /**
   * Opens, records the steps and closes in one transaction. Nothing is kept when a step is wrong,
   * unless `partial`.
   */
  abstract run(steps: readonly StepInput[], options?: RunOptions): Promise<RunReport>

  /** Marks what has expired and deletes what ended longer ago than the retention; may be stopped and run again. */
  abstract purge(options?: PurgeOptions): Promise<PurgeReport>
}
