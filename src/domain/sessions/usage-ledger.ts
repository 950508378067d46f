import type { TokenUsage, UsageEntry, UsageReport } from './token-usage.js'

/** The usage ledgers of one namespace's sessions: rows in the order of their own sequence, and their totals. */
export interface UsageLedger {
  /**
   * Appends rows and adds them to the session's totals; a row id seen before makes it a no-op.
   *
   * @throws {NotFoundError} SESSION_NOT_FOUND
   */
  record(sessionId: string, entries: UsageEntry[]): Promise<void>
  /**
   * The session's totals, held against writers until the transaction ends.
   *
   * @throws {NotFoundError} SESSION_NOT_FOUND
   */
  lock(sessionId: string): Promise<TokenUsage>
  entries(sessionId: string, range: { after: number; until: number; limit: number }): Promise<UsageEntry[]>
  countForSession(sessionId: string): Promise<number>
  /** Of one session, or of all that are visible in the namespace. */
  report(sessionId?: string): Promise<UsageReport>
  /** Inserts rows of a staged session with the sequences that they bring. */
  stage(sessionId: string, entries: UsageEntry[]): Promise<void>
}
