import { hashJson, type JsonValue } from '../../domain/canonical-json.js'
import { SequenceAudit } from '../../domain/sessions/sequence-audit.js'
import type { Session } from '../../domain/sessions/session.js'
import { maxSequence } from '../../domain/sessions/session.js'
import type { StoredMessage } from '../../domain/sessions/session-message-repository.js'
import type { VerifyReport } from '../../domain/sessions/session-service.js'
import { addUsage, sameUsage, TokenUsage } from '../../domain/sessions/token-usage.js'
import { sessionChanged } from './session-archiver.js'
import type { SessionRepositories } from './session-service-parts.js'
import { VerifyProblems } from './verify-problems.js'

const pageSize = 500
const attempts = 5

/**
 * Recomputes everything that a session claims about itself, up to where its row was when it was read:
 * appends meanwhile are beyond that. Only a truncation reaches back; then all is read again.
 *
 * @throws {ConflictError} SESSION_CHANGED: truncated or deleted in the course of every attempt
 */
export async function verifySession(session: Session, repositories: SessionRepositories): Promise<VerifyReport> {
  let asked: Session | undefined = session
  for (let attempt = 1; attempt <= attempts && asked; attempt++) {
    const report = await new SessionVerifier(asked, repositories).report()
    const now: Session | undefined = await repositories.sessions.getById(session.id)
    if (report.ok || (now && removedFrom(now) === removedFrom(asked))) return report
    asked = now
  }
  throw sessionChanged(session)
}

/** An append moves both alike, a truncation only one of them. */
const removedFrom = (session: Session) => session.lastSequence - session.messageCount

class SessionVerifier {
  private readonly problems = new VerifyProblems()

  constructor(
    private readonly session: Session,
    private readonly repositories: SessionRepositories,
  ) {}

  async report(): Promise<VerifyReport> {
    const messages = await this.verifyMessages()
    const usageEntries = await this.verifyLedger()
    await this.verifyWhatLiesBeyond()
    const problems = this.problems.list()
    return { ok: problems.length === 0, sessionId: this.session.id, messages, usageEntries, problems }
  }

  private async verifyMessages(): Promise<number> {
    const { session, problems } = this
    const audit = new SequenceAudit(await this.repositories.sessions.truncations(session.id))
    let count = 0
    for await (const message of this.storedMessages()) {
      const { sequence } = message
      problems.gaps(audit.gapsBefore(sequence))
      const damage = damageOf(message)
      if (damage) problems.add('CONTENT_HASH', sequence, damage)
      if (audit.isRemoved(sequence)) {
        problems.add('UNEXPECTED_MESSAGE', sequence, 'A truncation is recorded to have removed it.')
      }
      count++
    }
    problems.gaps(audit.gapsBefore(session.lastSequence + 1))
    if (count !== session.messageCount) {
      problems.add('MESSAGE_COUNT', null, `The session counts ${session.messageCount} messages, ${count} are stored.`)
    }
    return count
  }

  private async *storedMessages(): AsyncGenerator<StoredMessage> {
    const { id, lastSequence } = this.session
    for (let after = 0; ; ) {
      const range = { after, before: lastSequence + 1, limit: pageSize }
      const { messages: page, isCut } = await this.repositories.messages.storedPage(id, range)
      yield* page
      if (page.length < pageSize && !isCut) return
      after = page.at(-1)?.sequence ?? lastSequence
    }
  }

  private async verifyLedger(): Promise<number> {
    const { session, problems } = this
    let count = 0
    let total = new TokenUsage()
    for (let after = 0; ; ) {
      const range = { after, until: session.usageCount, limit: pageSize }
      const page = await this.repositories.ledger.entries(session.id, range)
      for (const entry of page) total = addUsage(total, entry)
      count += page.length
      if (page.length < pageSize) break
      after = page.at(-1)?.sequence ?? session.usageCount
    }
    if (count !== session.usageCount) {
      problems.add('LEDGER_GAP', null, `The session counts ${session.usageCount} ledger rows, ${count} are stored.`)
    }
    if (!sameUsage(total, session.tokenUsage)) {
      problems.add('LEDGER_TOTAL', null, "The ledger does not add up to the session's token usage.")
    }
    return count
  }

  /** A row beyond is a later append's, if the session's row, read after it, counts it. */
  private async verifyWhatLiesBeyond(): Promise<void> {
    const { id, lastSequence, usageCount } = this.session
    const { messages, ledger, sessions } = this.repositories
    const {
      messages: [message],
    } = await messages.storedPage(id, { after: lastSequence, limit: 1 })
    const [entry] = await ledger.entries(id, { after: usageCount, until: maxSequence, limit: 1 })
    if (!message && !entry) return
    const now = (await sessions.getById(id)) ?? this.session
    if (message && message.sequence > now.lastSequence) {
      const text = `The session says that ${now.lastSequence} is its last sequence.`
      this.problems.add('LAST_SEQUENCE', message.sequence, text)
    }
    if (entry && entry.sequence > now.usageCount) {
      this.problems.add('LEDGER_GAP', entry.sequence, `The session counts ${now.usageCount} ledger rows.`)
    }
  }
}

/** What is wrong with a message in itself; read as text, for what is no JSON cannot be read otherwise. */
function damageOf({ contentText, contentHash, metadataText }: StoredMessage): string | undefined {
  const content = parsed(contentText)
  if (content === undefined) return 'The content is no longer JSON.'
  if (hashJson(content) !== contentHash) return 'The content does not match its hash.'
  return parsed(metadataText) === undefined ? 'The metadata is no longer JSON.' : undefined
}

function parsed(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue
  } catch {
    return undefined
  }
}
