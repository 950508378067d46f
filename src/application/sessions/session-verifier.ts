import { hashJson } from '../../domain/canonical-json.js'
import type { SessionMessage } from '../../domain/sessions/message.js'
import type { Session, SessionTruncation } from '../../domain/sessions/session.js'
import type { SessionMessageRepository } from '../../domain/sessions/session-message-repository.js'
import type { VerifyProblem, VerifyReport } from '../../domain/sessions/session-service.js'
import { addUsage, sameUsage, TokenUsage } from '../../domain/sessions/token-usage.js'
import type { UsageLedger } from '../../domain/sessions/usage-ledger.js'
import { allMessages } from './session-archiver.js'
import type { SessionRepositories } from './session-service-parts.js'

const pageSize = 500

/** Recomputes everything that a session claims about itself. */
export async function verifySession(session: Session, repositories: SessionRepositories): Promise<VerifyReport> {
  const problems: VerifyProblem[] = []
  const truncations = await repositories.sessions.truncations(session.id)
  const messageCount = await verifyMessages(session, repositories.messages, truncations, problems)
  const usageEntries = await verifyLedger(session, repositories.ledger, problems)
  return { ok: problems.length === 0, sessionId: session.id, messages: messageCount, usageEntries, problems }
}

async function verifyMessages(
  session: Session,
  repository: SessionMessageRepository,
  truncations: SessionTruncation[],
  problems: VerifyProblem[],
): Promise<number> {
  let count = 0
  let next = 1
  for await (const message of allMessages(repository, session)) {
    reportGap(next, message.sequence - 1, truncations, problems)
    next = message.sequence + 1
    count++
    verifyMessage(message, truncations, problems)
  }
  reportGap(next, session.lastSequence, truncations, problems)
  const [beyond] = await repository.getForSession(session.id, { after: session.lastSequence, limit: 1 })
  if (beyond) {
    const message = `The session says that ${session.lastSequence} is its last sequence.`
    problems.push({ code: 'LAST_SEQUENCE', sequence: beyond.sequence, message })
  }
  if (count !== session.messageCount) {
    const message = `The session counts ${session.messageCount} messages, ${count} are stored.`
    problems.push({ code: 'MESSAGE_COUNT', sequence: null, message })
  }
  return count
}

function verifyMessage(stored: SessionMessage, truncations: SessionTruncation[], problems: VerifyProblem[]): void {
  const { sequence } = stored
  if (hashJson(stored.content) !== stored.contentHash) {
    problems.push({ code: 'CONTENT_HASH', sequence, message: 'The content does not match its hash.' })
  }
  if (truncations.some((each) => sequence > each.afterSequence && sequence <= each.lastSequence)) {
    problems.push({ code: 'UNEXPECTED_MESSAGE', sequence, message: 'A truncation is recorded to have removed it.' })
  }
}

/** Sequences missing from `from` to `to` are a problem unless a truncation removed them. */
function reportGap(from: number, to: number, truncations: SessionTruncation[], problems: VerifyProblem[]): void {
  for (let sequence = from; sequence <= to; sequence++) {
    const removal = truncations.find((each) => sequence > each.afterSequence && sequence <= each.lastSequence)
    if (removal) sequence = removal.lastSequence
    else problems.push({ code: 'GAP', sequence, message: 'The message is missing and no truncation explains it.' })
  }
}

async function verifyLedger(session: Session, ledger: UsageLedger, problems: VerifyProblem[]): Promise<number> {
  let count = 0
  let total = new TokenUsage()
  for (let after = 0; after < session.usageCount; after += pageSize) {
    for (const entry of await ledger.entries(session.id, { after, until: session.usageCount, limit: pageSize })) {
      count++
      total = addUsage(total, entry)
    }
  }
  if (count !== session.usageCount) {
    const message = `The session counts ${session.usageCount} ledger rows, ${count} are stored.`
    problems.push({ code: 'LEDGER_GAP', sequence: null, message })
  }
  if (!sameUsage(total, session.tokenUsage)) {
    problems.push({
      code: 'LEDGER_TOTAL',
      sequence: null,
      message: "The ledger does not add up to the session's token usage.",
    })
  }
  return count
}
