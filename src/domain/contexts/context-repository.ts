import type { IdempotencyKey } from '../idempotency.js'
import type { Page, PagePosition } from '../page.js'
import type { Context, ContextStep } from './context.js'
import type { PurgeReport, PurgeTerms } from './context-purge.js'

export interface ContextListQuery {
  /** Only those that can be used at this instant. */
  aliveAt?: Date
  subjectId?: string
  limit: number
  position?: PagePosition
}

/** A context held against writers until the transaction ends. */
export interface HeldContext {
  context: Context
  /** Which call changed it last: how a repeated try knows that the one before it came through. */
  changeId: string
}

/** Contexts and their steps, within one namespace. */
export interface ContextRepository {
  /** Holds the opening of contexts in this namespace until the transaction ends. */
  holdOpening(): Promise<void>
  /** How many can be used at `now`, this one aside; stops counting at `atMost`. */
  countAlive(now: Date, atMost: number, exceptId: string): Promise<number>
  /** Inserts; a context that is there already stays as it is. */
  insert(context: Context, tokenHash: string, key?: IdempotencyKey): Promise<void>
  /** What a key opened. */
  keyed(key: string): Promise<{ context: Context; payloadHash: string } | undefined>
  replaceToken(id: string, tokenHash: string): Promise<void>
  getByToken(tokenHash: string): Promise<Context | undefined>
  /** Works inside a transaction only. */
  holdByToken(tokenHash: string): Promise<HeldContext | undefined>
  /** Writes what a call may change. */
  update(context: Context, changeId: string): Promise<void>
  listAll(query: ContextListQuery): Promise<Page<Context, PagePosition>>

  /** In the order of their index. */
  steps(contextId: string): Promise<ContextStep[]>
  keyedStep(contextId: string, key: string): Promise<{ step: ContextStep; payloadHash: string } | undefined>
  /** Inserts; a step that is there already stays as it is. */
  insertSteps(steps: NewStep[]): Promise<void>

  /** What a purge would do now, all counted at one moment. */
  countPurge(terms: PurgeTerms): Promise<Omit<PurgeReport, 'dryRun'>>
  /** Each does at most `batchSize` contexts and as many steps in one transaction; fewer means that none are left. */
  markExpired(terms: PurgeTerms, batchSize: number): Promise<number>
  deleteEnded(terms: PurgeTerms, batchSize: number): Promise<{ contexts: number; steps: number }>
  deleteAgedSteps(terms: PurgeTerms, batchSize: number): Promise<number>
}

export interface NewStep {
  step: ContextStep
  /** As stored; null when only the hash is kept, or when there is no response. */
  requestText: string | null
  responseText: string | null
  key?: IdempotencyKey
}
