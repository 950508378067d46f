import { HansardError, InvalidInputError } from '../../domain/errors.js'
import {
  type ArchivedSession,
  archiveError,
  type MessageJson,
  type UsageJson,
} from '../../domain/sessions/session-archive.js'
import { validated } from '../validated.js'
import {
  ArchivedMessageFields,
  ArchivedSessionFields,
  ArchivedUsageFields,
  ForkOriginFields,
  ImportOriginFields,
  TotalFields,
  TruncationFields,
} from './archive-fields.js'
import { type MessageContext, newMessage, type SessionLimits, storedMetadata } from './new-messages.js'

export const malformed = (path: string, message: string) => archiveError('ARCHIVE_MALFORMED', path, message)

/** @throws {InvalidInputError} ARCHIVE_MALFORMED: nothing else of a session could be stored */
export function checkSession(session: ArchivedSession, limits: SessionLimits): void {
  checked(ArchivedSessionFields, session, 'session')
  const { forkedFrom, importedFrom, lastSequence } = session
  checked(TotalFields, session.tokenUsage, 'session.tokenUsage')
  if (forkedFrom) checked(ForkOriginFields, forkedFrom, 'session.forkedFrom')
  if (importedFrom) checked(ImportOriginFields, importedFrom, 'session.importedFrom')
  asMalformed('session.metadata', () => storedMetadata(session.metadata, 'session.metadata', limits))
  for (const [index, each] of session.truncations.entries()) {
    const path = `session.truncations[${index}]`
    const truncation = checked(TruncationFields, each, path)
    if (truncation.afterSequence >= truncation.lastSequence || truncation.lastSequence > lastSequence) {
      const range = `from ${truncation.afterSequence} to ${truncation.lastSequence}`
      throw malformed(`${path}.lastSequence`, `is wrong: ${range} is no part of a session that ends at ${lastSequence}`)
    }
  }
}

/** @throws {InvalidInputError} ARCHIVE_MALFORMED, MESSAGE_TOO_LARGE, ARCHIVE_CHECKSUM_MISMATCH */
export function checkMessage(message: MessageJson, path: string, context: MessageContext): void {
  const { id, sequence, contentHash, recordedAt, ...input } = requireObject(message, path)
  checked(ArchivedMessageFields, { id, sequence, contentHash, createdAt: input.createdAt, recordedAt }, path)
  const computed = asMalformed(path, () => newMessage(input, path, context).contentHash)
  if (computed === contentHash) return
  const reason = 'does not match the content; the archive was altered or damaged'
  throw archiveError('ARCHIVE_CHECKSUM_MISMATCH', `${path}.contentHash`, reason)
}

/** @throws {InvalidInputError} ARCHIVE_MALFORMED */
export function checkUsage(entry: UsageJson, sequence: number, path: string): void {
  checked(ArchivedUsageFields, requireObject(entry, path), path)
  if (entry.sequence !== sequence) throw malformed(`${path}.sequence`, `is ${entry.sequence}, expected ${sequence}`)
}

function checked<T extends object>(Fields: new () => T, value: unknown, path: string): T {
  return asMalformed(path, () => validated(Fields, value, path))
}

function requireObject<T>(value: T, path: string): T {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw malformed(path, 'is not an object')
}

/** In an archive a wrong input, or what canonical JSON cannot carry (1e999), is a fault of the archive. */
export function asMalformed<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof InvalidInputError && error.code === 'INVALID_INPUT') {
      throw new InvalidInputError(error.problems, 'ARCHIVE_MALFORMED')
    }
    if (error instanceof HansardError) throw error
    throw malformed(path, `The archive holds a value that JSON cannot carry: ${(error as Error).message}`)
  }
}
