import { ConflictError } from '../../domain/errors.js'
import type { IdempotencyKey } from '../../domain/idempotency.js'
import type { Session, SessionTruncation } from '../../domain/sessions/session.js'
import type { NewMessage } from '../../domain/sessions/session-message-repository.js'
import type { KeyedOutcome } from '../../domain/sessions/session-repository.js'
import type { UsageEntry } from '../../domain/sessions/token-usage.js'
import { claimMark, claimScope } from './once-for-key.js'
import type { SessionServiceParts } from './session-service-parts.js'

const batchRows = 200
const batchBytes = 1024 * 1024
/** Staging that wrote no batch for so long has died: a batch takes a fraction of a second. */
const stalledMs = 30_000

export type StagedRow = { message: NewMessage & { sequence: number } } | { usage: UsageEntry }

export interface Staging {
  /** The session as it is to become visible. */
  session: Session
  rows: AsyncIterable<StagedRow>
  truncations: SessionTruncation[]
  key?: IdempotencyKey
  onBatch?: (messages: number) => void
  /** What it means that fewer rows arrived than the session counts. */
  incomplete: () => ConflictError
}

/**
 * Writes a whole session in bounded batches that no read sees, then makes it visible in one small
 * transaction: no other append waits longer than one batch.
 *
 * @returns the outcome of an earlier call with the same key, if there was one
 * @throws {ConflictError} EXTERNAL_ID_TAKEN, ID_TAKEN; what was staged is gone
 */
export async function stageAndPublish(
  repositories: SessionServiceParts,
  staging: Staging,
): Promise<KeyedOutcome | undefined> {
  const { session, truncations } = staging
  const { sessions, messages, ledger, clock } = repositories
  const claimed = await claim(repositories, session, staging.key)
  try {
    await sessions.stage(session.id, truncations, clock())
    for await (const batch of batched(staging.rows)) {
      await messages.stage(session.id, batch.messages, clock())
      if (batch.usage.length > 0) await ledger.stage(session.id, batch.usage)
      staging.onBatch?.(batch.messages.length)
    }
    const earlier = await publish(repositories, staging)
    if (earlier) await sessions.deleteClaimed(session.id, claimed)
    return earlier
  } catch (error) {
    await sessions.deleteClaimed(session.id, claimed)
    throw error
  }
}

/** The key comes before the first write: who waited for another call with it has nothing to undo. */
function publish(
  { unitOfWork, clock }: Pick<SessionServiceParts, 'unitOfWork' | 'clock'>,
  { session, key, incomplete }: Staging,
): Promise<KeyedOutcome | undefined> {
  return unitOfWork.inTransaction(async ({ sessions, messages, ledger }) => {
    if ((await messages.countForSession(session.id)) !== session.messageCount) throw incomplete()
    if ((await ledger.countForSession(session.id)) !== session.usageCount) throw incomplete()
    if (key && !(await sessions.keepKey(key, session.id, clock()))) {
      const earlier = await sessions.keyed(key.scope, key.key)
      if (earlier && earlier.sessionId !== session.id) return earlier
    }
    if (await sessions.publish(session)) return undefined
    throw externalIdTaken(session.externalId ?? '')
  })
}

/**
 * Stages the empty session and proves it ours: of callers that bring one preserved id, all may find
 * the row, and only one gets the claim. What follows, clean-up included, touches nobody else's.
 */
async function claim(
  { unitOfWork, clock, newId }: Pick<SessionServiceParts, 'unitOfWork' | 'clock' | 'newId'>,
  session: Session,
  underKey: IdempotencyKey | undefined,
): Promise<IdempotencyKey> {
  const at = clock()
  const stalledBefore = new Date(at.getTime() - stalledMs)
  const key = { scope: claimScope, key: session.id, payloadHash: newId() + (underKey ? claimMark(underKey) : '') }
  await unitOfWork.inTransaction(async ({ sessions }) => {
    // What a killed process left behind stands in nobody's way for long; if it was only slow, its count falls short.
    await sessions.deleteStalled(session.id, stalledBefore)
    if (!(await sessions.create({ ...session, externalId: null, stagedAt: at }))) throw idTaken(session.id)
    if (await sessions.keepKey(key, session.id, clock())) return
    const claimed = await sessions.keyed(key.scope, key.key)
    if (claimed?.payloadHash !== key.payloadHash) throw idTaken(session.id)
  })
  return key
}

export function externalIdTaken(externalId: string): ConflictError {
  const waysOut =
    'Take another, or get that session (getOrCreate, create --or-get); an import can leave it out (externalId: null, --drop-external-id).'
  const message = `External id ${JSON.stringify(externalId)} belongs to another session here. ${waysOut}`
  return new ConflictError('EXTERNAL_ID_TAKEN', { kind: 'session', id: externalId }, message)
}

export function idTaken(id: string): ConflictError {
  const message = `Session "${id}", or one of its messages, exists already. Import it with fresh ids instead.`
  return new ConflictError('ID_TAKEN', { kind: 'session', id }, message)
}

interface Batch {
  messages: (NewMessage & { sequence: number })[]
  usage: UsageEntry[]
}

async function* batched(rows: AsyncIterable<StagedRow>): AsyncGenerator<Batch> {
  let batch: Batch = { messages: [], usage: [] }
  let bytes = 0
  for await (const row of rows) {
    if ('message' in row) {
      batch.messages.push(row.message)
      bytes += row.message.contentText.length
    } else batch.usage.push(row.usage)
    if (batch.messages.length + batch.usage.length < batchRows && bytes < batchBytes) continue
    yield batch
    batch = { messages: [], usage: [] }
    bytes = 0
  }
  if (batch.messages.length + batch.usage.length > 0) yield batch
}
