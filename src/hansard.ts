import type { ActivityService } from './domain/activity/activity-service.js'
import type { ContextService } from './domain/contexts/context-service.js'
import type {
  ReindexOptions,
  ReindexReport,
  SearchOptions,
  SearchPage,
  SearchService,
} from './domain/search/search-service.js'
import type { SessionService } from './domain/sessions/session-service.js'
import type { TranscriptService } from './domain/transcripts/transcript-service.js'

/** One finding of `doctor`. */
export interface HealthCheck {
  name: 'connection' | 'foreign-keys' | 'migrations' | 'orphans' | 'staged' | 'search'
  ok: boolean
  detail: string
}

/** What the wiring hands to the facade; `Scope` is how it makes another one. */
export interface HansardParts<HostTransaction = unknown> {
  sessions: SessionService
  contexts: ContextService
  activity: ActivityService
  transcripts: TranscriptService
  search: SearchService
  reindexSearch(options?: ReindexOptions): Promise<ReindexReport>
  namespace(name: string): HansardParts<HostTransaction>
  withTransaction(transaction: HostTransaction): HansardParts<HostTransaction>
  doctor(only?: HealthCheck['name'][]): Promise<HealthCheck[]>
  close(): Promise<void>
}

/**
 * The session store: what hosts, the command line and every other surface see. `sessions` keeps what
 * was said, `contexts` the working state of a task until it is done, `activity` what happened around it,
 * `transcripts` what coding agents left on disk.
 *
 * @example
 * const hansard = await openHansard({ database: 'sqlite:./hansard.db' })
 * const session = await hansard.sessions.create({ actorName: 'ada' })
 * await hansard.sessions.appendMessage(session.id, { role: 'user', content: 'Hello' })
 * await hansard.close()
 */
export class Hansard<HostTransaction = unknown> {
  readonly sessions: SessionService
  readonly contexts: ContextService
  readonly activity: ActivityService
  readonly transcripts: TranscriptService

  constructor(private readonly parts: HansardParts<HostTransaction>) {
    this.sessions = parts.sessions
    this.contexts = parts.contexts
    this.activity = parts.activity
    this.transcripts = parts.transcripts
  }

  /**
   * Finds messages, events and transcripts by their words, best first: see `SearchService.search`.
   *
   * @param options.namespace searched in place of this facade's own
   * @throws {InvalidInputError} SEARCH_QUERY_INVALID, CURSOR_INVALID
   * @example
   * const { items } = await hansard.search('"flight to Oslo" -cancelled', { actorName: 'ada' })
   */
  search(query: string, options?: SearchOptions & { namespace?: string }): Promise<SearchPage> {
    if (options?.namespace === undefined) return this.parts.search.search(query, options)
    const { namespace, ...others } = options
    return this.namespace(namespace).search(query, others)
  }

  /** Writes all that search finds anew, of every namespace, while the store is in use; `doctor` tells when it is due. */
  reindexSearch(options?: ReindexOptions): Promise<ReindexReport> {
    return this.parts.reindexSearch(options)
  }

  /** The same store walled into one tenant: nothing of another namespace is seen, found or taken. */
  namespace(name: string): Hansard<HostTransaction> {
    return new Hansard(this.parts.namespace(name))
  }

  /**
   * The same services inside the host's open TypeORM transaction: they commit and vanish with it.
   * Never retried, committed or rolled back by us; an expected error leaves the transaction usable.
   */
  withTransaction(transaction: HostTransaction): Hansard<HostTransaction> {
    return new Hansard(this.parts.withTransaction(transaction))
  }

  /**
   * Checks the connection, foreign keys, migrations, orphaned or unreadable rows and left-over staging,
   * or `only` the ones named: looking for orphans reads every message, context and activity event.
   */
  doctor(only?: HealthCheck['name'][]): Promise<HealthCheck[]> {
    return this.parts.doctor(only)
  }

  /** Refuses new calls, ends followers, drains what was accepted, then closes only what it opened. */
  close(): Promise<void> {
    return this.parts.close()
  }
}
