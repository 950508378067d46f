import { createHash } from 'node:crypto'
import { canonicalJson, type JsonObject, type JsonValue } from '../canonical-json.js'
import { type InvalidInputCode, InvalidInputError } from '../errors.js'
import type { MessageRole, SessionMessage } from './message.js'
import type { ForkOrigin, Session, SessionStatus, SessionTruncation } from './session.js'
import { type TokenUsage, tokenNames, type UsageEntry } from './token-usage.js'

export const archiveFormat = 'hansard.session'
export const archiveVersion = 1

/** A session as JSON: what archives hold and what every surface prints. Instants are ISO 8601. */
export interface SessionJson {
  id: string
  namespace: string
  externalId: string | null
  actorName: string
  title: string | null
  status: SessionStatus
  metadata: JsonObject
  messageCount: number
  lastSequence: number
  tokenUsage: TokenUsage
  forkedFrom: ForkOrigin | null
  importedFrom: { sessionId: string; namespace: string; checksum: string; importedAt: string } | null
  createdAt: string
  updatedAt: string
}

export interface TruncationJson {
  afterSequence: number
  lastSequence: number
  removedCount: number
  createdAt: string
}

/** The session of an archive: with its recorded truncations, so that its gaps stay explained. */
export interface ArchivedSession extends SessionJson {
  truncations: TruncationJson[]
}

export interface MessageJson {
  id: string
  sequence: number
  role: MessageRole
  content: JsonValue
  metadata: JsonObject
  toolCallId: string | null
  tokenCount: number | null
  contentHash: string
  createdAt: string
  recordedAt: string
}

export interface UsageJson extends TokenUsage {
  id: string
  sequence: number
  kind: 'delta' | 'correction'
  model: string | null
  createdAt: string
}

/** A whole session as one self-describing, checksummed document. */
export interface SessionArchive {
  format: typeof archiveFormat
  version: typeof archiveVersion
  session: ArchivedSession
  messages: MessageJson[]
  usage: UsageJson[]
  /** `sha256:<hex>` over the canonical JSON of everything but itself and `session.importedFrom`. */
  checksum: string
}

/** One line of the JSONL form: a header, then messages, then usage, then a footer. */
export type ArchiveLine =
  | { format: typeof archiveFormat; version: typeof archiveVersion; form: 'jsonl'; session: ArchivedSession }
  | { message: MessageJson }
  | { usage: UsageJson }
  | { footer: { messages: number; usage: number; checksum: string } }

export function sessionJson(session: Session): SessionJson {
  const origin = session.importedFrom
  return {
    id: session.id,
    namespace: session.namespace,
    externalId: session.externalId,
    actorName: session.actorName,
    title: session.title,
    status: session.status,
    metadata: session.metadata,
    messageCount: session.messageCount,
    lastSequence: session.lastSequence,
    tokenUsage: usageFigures(session.tokenUsage),
    forkedFrom: session.forkedFrom && {
      sessionId: session.forkedFrom.sessionId,
      sequence: session.forkedFrom.sequence,
    },
    importedFrom: origin && { ...origin, importedAt: origin.importedAt.toISOString() },
    createdAt: session.createdAt.toISOString(),
    updatedAt: session.updatedAt.toISOString(),
  }
}

export function archivedSession(session: Session, truncations: SessionTruncation[]): ArchivedSession {
  return {
    ...sessionJson(session),
    truncations: truncations.map(({ afterSequence, lastSequence, removedCount, createdAt }) => ({
      afterSequence,
      lastSequence,
      removedCount,
      createdAt: createdAt.toISOString(),
    })),
  }
}

export function messageJson(message: SessionMessage): MessageJson {
  return {
    id: message.id,
    sequence: message.sequence,
    role: message.role,
    content: message.content,
    metadata: message.metadata,
    toolCallId: message.toolCallId,
    tokenCount: message.tokenCount,
    contentHash: message.contentHash,
    createdAt: message.createdAt.toISOString(),
    recordedAt: message.recordedAt.toISOString(),
  }
}

export function usageJson(entry: UsageEntry): UsageJson {
  const { id, sequence, kind, model } = entry
  return { id, sequence, kind, model, ...usageFigures(entry), createdAt: entry.createdAt.toISOString() }
}

/** The figures alone, always in the same order. */
export function usageFigures(usage: TokenUsage): TokenUsage {
  const figures = Object.fromEntries(tokenNames.map((name) => [name, usage[name]]))
  return { ...figures, estimatedCostUsd: usage.estimatedCostUsd } as TokenUsage
}

/**
 * The archive's checksum, fed a row at a time, so that the document and the JSONL form of any
 * size share one definition. Canonical key order happens to put messages before session and usage.
 */
export class ArchiveChecksum {
  private readonly hash = createHash('sha256').update(`{"format":"${archiveFormat}","messages":[`)
  private isFirst = true
  private inUsage = false

  constructor(private readonly session: ArchivedSession) {}

  message(message: MessageJson): void {
    this.row(message)
  }

  usage(entry: UsageJson): void {
    this.startUsage()
    this.row(entry)
  }

  digest(): string {
    this.startUsage()
    return `sha256:${this.hash.update(`],"version":${archiveVersion}}`).digest('hex')}`
  }

  private row(row: object): void {
    this.hash.update((this.isFirst ? '' : ',') + canonicalJson(row))
    this.isFirst = false
  }

  private startUsage(): void {
    if (this.inUsage) return
    const { importedFrom: _, ...session } = this.session
    this.hash.update(`],"session":${canonicalJson(session)},"usage":[`)
    this.inUsage = true
    this.isFirst = true
  }
}

/** Checksums are written with their algorithm; a bare hex digest is accepted on reading. */
export function sameChecksum(given: string, computed: string): boolean {
  return given === computed || `sha256:${given}` === computed
}

/** Brings the header of an older archive version to the next one; index 0 lifts version 1 to 2. */
const upcasters: ((archive: Record<string, unknown>) => Record<string, unknown>)[] = []

/**
 * Checks format and version and lifts older versions through the chain.
 *
 * @throws {InvalidInputError} ARCHIVE_MALFORMED, or ARCHIVE_VERSION_UNSUPPORTED naming both versions
 */
export function currentArchive(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || (value as Record<string, unknown>).format !== archiveFormat) {
    throw archiveError('ARCHIVE_MALFORMED', 'format', `is not "${archiveFormat}"; pass what exportSession gave`)
  }
  let archive = value as Record<string, unknown>
  const version = archive.version
  if (!Number.isInteger(version) || (version as number) < 1) {
    throw archiveError('ARCHIVE_MALFORMED', 'version', `${JSON.stringify(version)} is not an archive version`)
  }
  if ((version as number) > archiveVersion) {
    const message = `is ${String(version)}; this release reads up to ${archiveVersion}: upgrade hansard to import it`
    throw archiveError('ARCHIVE_VERSION_UNSUPPORTED', 'version', message)
  }
  for (const upcast of upcasters.slice((version as number) - 1)) archive = upcast(archive)
  return archive
}

export function archiveError(code: InvalidInputCode, path: string, message: string): InvalidInputError {
  return new InvalidInputError([{ path, message }], code)
}
