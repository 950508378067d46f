import { hashJson, toJsonText } from '../../domain/canonical-json.js'
import { HansardError } from '../../domain/errors.js'
import { messageRoles } from '../../domain/sessions/message.js'
import { type ForkOrigin, sessionStatuses } from '../../domain/sessions/session.js'
import {
  ArchiveChecksum,
  archiveError,
  type MessageJson,
  sameChecksum,
  type TruncationJson,
  type UsageJson,
} from '../../domain/sessions/session-archive.js'
import { addUsage, sameUsage, TokenUsage, tokenNames } from '../../domain/sessions/token-usage.js'
import type { ArchiveReader, ArchiveRow } from './archive-reader.js'

export interface VerifiedCounts {
  checksum: string
  messages: number
  usageEntries: number
}

/**
 * Reads the whole archive once and holds it against its checksum and against itself.
 *
 * @throws {InvalidInputError} ARCHIVE_CHECKSUM_MISMATCH, ARCHIVE_MALFORMED
 */
export async function verifyArchive(reader: ArchiveReader): Promise<VerifiedCounts> {
  verifySessionShape(reader)
  const tally = new ArchiveTally(reader)
  for await (const row of reader.rows()) tally.add(row)
  return tally.result()
}

/** What the rows add up to, held against what the archive says of itself. */
class ArchiveTally {
  private readonly checksum: ArchiveChecksum
  private messages = 0
  private usageEntries = 0
  private lastSequence = 0
  private total = new TokenUsage()

  constructor(private readonly reader: ArchiveReader) {
    this.checksum = new ArchiveChecksum(reader.session)
  }

  add(row: ArchiveRow): void {
    if ('message' in row && this.usageEntries === 0) this.addMessage(row.message)
    else if ('usage' in row) this.addUsage(row.usage)
    else throw malformed(`messages[${this.messages}]`, 'is neither a message nor a usage row in its place')
  }

  result(): VerifiedCounts {
    const { session } = this.reader
    const computed = asMalformed(() => this.checksum.digest())
    const stated = this.reader.checksum()
    if (typeof stated !== 'string' || !sameChecksum(stated, computed)) {
      const message = `is ${JSON.stringify(stated)} but the content gives ${computed}; the archive was altered or damaged`
      throw archiveError('ARCHIVE_CHECKSUM_MISMATCH', 'checksum', message)
    }
    if (session.messageCount !== this.messages) {
      throw malformed('session.messageCount', `is ${session.messageCount}, the archive holds ${this.messages}`)
    }
    if (session.lastSequence < this.lastSequence) {
      throw malformed('session.lastSequence', `is ${session.lastSequence}, a message has ${this.lastSequence}`)
    }
    if (!sameUsage(this.total, session.tokenUsage)) throw malformed('session.tokenUsage', 'is not the sum of its rows')
    return { checksum: computed, messages: this.messages, usageEntries: this.usageEntries }
  }

  private addMessage(message: MessageJson): void {
    verifyMessageShape(message, this.lastSequence, `messages[${this.messages}]`)
    this.lastSequence = message.sequence
    this.messages++
    asMalformed(() => this.checksum.message(message))
  }

  private addUsage(entry: UsageJson): void {
    verifyUsageShape(entry, this.usageEntries + 1, `usage[${this.usageEntries}]`)
    this.total = addUsage(this.total, entry)
    this.usageEntries++
    asMalformed(() => this.checksum.usage(entry))
  }
}

function verifySessionShape({ session }: ArchiveReader): void {
  const { id, actorName, status, metadata, lastSequence, tokenUsage, createdAt, updatedAt, truncations } = session
  const path = 'session'
  requireId(id, path)
  requireText(actorName, `${path}.actorName`)
  if (actorName === '') throw malformed(`${path}.actorName`, 'is empty')
  requireTextOrNull(session.externalId, `${path}.externalId`)
  requireTextOrNull(session.title, `${path}.title`, 10_000)
  if (!sessionStatuses.includes(status)) throw malformed(`${path}.status`, `${JSON.stringify(status)} is no status`)
  if (typeof metadata !== 'object' || metadata === null) throw malformed(`${path}.metadata`, 'is not an object')
  if (!isCount(lastSequence)) throw malformed(`${path}.lastSequence`, 'is not a sequence')
  if (typeof tokenUsage !== 'object' || tokenUsage === null) throw malformed(`${path}.tokenUsage`, 'is missing')
  if (!Array.isArray(truncations)) throw malformed(`${path}.truncations`, 'is not a list')
  for (const [index, truncation] of truncations.entries()) verifyTruncation(truncation, `${path}.truncations[${index}]`)
  requireInstants({ createdAt, updatedAt }, path)
  verifyForkShape(session.forkedFrom)
}

function verifyTruncation(truncation: TruncationJson, path: string): void {
  requireObject(truncation, path)
  const { afterSequence, lastSequence, removedCount, createdAt } = truncation
  for (const [name, value] of Object.entries({ afterSequence, lastSequence, removedCount })) {
    if (!isCount(value)) throw malformed(`${path}.${name}`, 'is not a whole number')
  }
  requireInstants({ createdAt }, path)
}

function verifyForkShape(forkedFrom: ForkOrigin | null | undefined): void {
  if (forkedFrom === null || forkedFrom === undefined) return
  requireObject(forkedFrom, 'session.forkedFrom')
  requireText(forkedFrom.sessionId, 'session.forkedFrom.sessionId')
  if (!isCount(forkedFrom.sequence)) throw malformed('session.forkedFrom.sequence', 'is not a sequence')
}

function verifyMessageShape(message: MessageJson, last: number, path: string): void {
  requireObject(message, path)
  requireId(message.id, path)
  if (!isCount(message.sequence) || message.sequence <= last)
    throw malformed(`${path}.sequence`, `does not follow ${last}`)
  if (!messageRoles.includes(message.role))
    throw malformed(`${path}.role`, `${JSON.stringify(message.role)} is no role`)
  if (message.content === undefined) throw malformed(`${path}.content`, 'is missing')
  requireObject(message.metadata, `${path}.metadata`)
  requireTextOrNull(message.toolCallId, `${path}.toolCallId`)
  const { tokenCount } = message
  const isTokenCount = tokenCount == null || (isCount(tokenCount) && tokenCount <= 2_147_483_647)
  if (!isTokenCount) throw malformed(`${path}.tokenCount`, 'is not a number of tokens')
  requireInstants({ createdAt: message.createdAt, recordedAt: message.recordedAt }, path)
  toJsonText(message.content, `${path}.content`)
  if (hashJson(message.content) === message.contentHash) return
  throw archiveError(
    'ARCHIVE_CHECKSUM_MISMATCH',
    `${path}.contentHash`,
    'does not match the content; the archive was altered or damaged',
  )
}

function verifyUsageShape(entry: UsageJson, sequence: number, path: string): void {
  requireObject(entry, path)
  requireId(entry.id, path)
  if (entry.sequence !== sequence)
    throw malformed(`${path}.sequence`, `is ${String(entry.sequence)}, expected ${sequence}`)
  if (entry.kind !== 'delta' && entry.kind !== 'correction')
    throw malformed(`${path}.kind`, 'is neither delta nor correction')
  for (const name of tokenNames) {
    if (!Number.isSafeInteger(entry[name])) throw malformed(`${path}.${name}`, 'is not a whole number')
  }
  requireTextOrNull(entry.model, `${path}.model`)
  if (!Number.isFinite(entry.estimatedCostUsd)) throw malformed(`${path}.estimatedCostUsd`, 'is not a number')
  requireInstants({ createdAt: entry.createdAt }, path)
}

const malformed = (path: string, message: string) => archiveError('ARCHIVE_MALFORMED', path, message)
const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0

function requireId(id: unknown, path: string): void {
  if (typeof id !== 'string' || !/^[0-9A-HJKMNP-TV-Z]{26}$/.test(id))
    throw malformed(`${path}.id`, `${JSON.stringify(id)} is not a ULID`)
}

/** What both databases take as it is. */
function requireText(value: unknown, path: string, maxLength = 255): void {
  const isText =
    typeof value === 'string' && value.length <= maxLength && value.isWellFormed() && !value.includes('\u0000')
  if (!isText) throw malformed(path, `is not text of at most ${maxLength} characters without U+0000`)
}

function requireTextOrNull(value: unknown, path: string, maxLength?: number): void {
  if (value !== null && value !== undefined) requireText(value, path, maxLength)
}

function requireObject(value: unknown, path: string): void {
  if (typeof value !== 'object' || value === null) throw malformed(path, 'is not an object')
}

function requireInstants(instants: Record<string, unknown>, path: string): void {
  for (const [name, value] of Object.entries(instants)) {
    if (typeof value !== 'string' || Number.isNaN(Date.parse(value)))
      throw malformed(`${path}.${name}`, `${JSON.stringify(value)} is not an instant`)
  }
}

/** What canonical JSON cannot carry (1e999 parses to Infinity) is a fault of the archive. */
function asMalformed<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof HansardError) throw error
    throw malformed('', `The archive holds a value that JSON cannot carry: ${(error as Error).message}`)
  }
}
