import type { IdempotencyKey } from '../../domain/idempotency.js'
import { Session, SessionTruncation } from '../../domain/sessions/session.js'
import type { ArchivedSession, MessageJson, UsageJson } from '../../domain/sessions/session-archive.js'
import type { NewMessage } from '../../domain/sessions/session-message-repository.js'
import type { KeyedOutcome } from '../../domain/sessions/session-repository.js'
import type { ArchiveSource, ImportOptions, ImportReport } from '../../domain/sessions/session-service.js'
import { TokenUsage, UsageEntry } from '../../domain/sessions/token-usage.js'
import { idempotencyKey } from '../idempotency.js'
import { validated } from '../validated.js'
import { type ArchiveReader, openArchive } from './archive-reader.js'
import { type VerifiedCounts, verifyArchive } from './archive-verification.js'
import type { MessageContext } from './new-messages.js'
import { onceForKey } from './once-for-key.js'
import { ImportFields } from './session-inputs.js'
import { messageContext, type SessionServiceParts } from './session-service-parts.js'
import { externalIdTaken, idTaken, type StagedRow, stageAndPublish } from './session-staging.js'

/** Brings archives in: verified whole first, then staged, then visible all at once. */
export class SessionImporter {
  constructor(private readonly parts: SessionServiceParts) {}

  async import(source: ArchiveSource, plain: ImportOptions): Promise<ImportReport> {
    const options = validated(ImportFields, plain, 'options')
    const reader = await openArchive(source)
    try {
      return await this.importVerified(reader, await verifyArchive(reader, this.context()), options)
    } finally {
      await reader.dispose()
    }
  }

  /** The limits of this store, for messages that are read and not made. */
  private context(): MessageContext {
    return { ...messageContext(this.parts, ''), newId: () => '' }
  }

  private async importVerified(
    reader: ArchiveReader,
    verified: VerifiedCounts,
    options: ImportFields,
  ): Promise<ImportReport> {
    const key = this.keyOf(options, verified.checksum)
    const session = this.sessionFrom(reader.session, verified, options)
    const earlier = await onceForKey(this.parts, key, session.id, () => this.store(reader, session, options, key))
    const made = options.dryRun && options.ids !== 'preserve' ? null : session.id
    return { ...this.report(reader, verified, earlier?.sessionId ?? made), dryRun: options.dryRun ?? false }
  }

  private async store(
    reader: ArchiveReader,
    session: Session,
    options: ImportFields,
    key: IdempotencyKey | undefined,
  ): Promise<KeyedOutcome | undefined> {
    const ids = options.ids ?? 'fresh'
    await this.refuseTaken(session, ids)
    if (options.dryRun) return undefined
    return stageAndPublish(this.parts, {
      session,
      rows: this.rows(reader, session, ids),
      truncations: reader.session.truncations.map((each) => this.truncationFrom(each, session)),
      key,
      incomplete: () => idTaken(session.id),
      onBatch: counting(session.messageCount, options.onProgress),
    })
  }

  private report(
    reader: ArchiveReader,
    verified: VerifiedCounts,
    sessionId: string | null,
  ): Omit<ImportReport, 'dryRun'> {
    const { id, namespace } = reader.session
    const origin = { sessionId: id, namespace, checksum: verified.checksum }
    return { sessionId, origin, messages: verified.messages, usageEntries: verified.usageEntries }
  }

  private keyOf(options: ImportFields, checksum: string): IdempotencyKey | undefined {
    // An external id that is left as it is, and one that is left out, are two inputs.
    const payload = { call: 'import', checksum, ids: options.ids ?? 'fresh', externalId: options.externalId }
    return idempotencyKey('', options.idempotencyKey, payload)
  }

  private async refuseTaken(session: Session, ids: 'fresh' | 'preserve'): Promise<void> {
    const { sessions } = this.parts
    if (ids === 'preserve' && (await sessions.isIdTaken(session.id))) throw idTaken(session.id)
    if (session.externalId !== null && (await sessions.getByExternalId(session.externalId)))
      throw externalIdTaken(session.externalId)
  }

  private sessionFrom(archived: ArchivedSession, verified: VerifiedCounts, options: ImportFields): Session {
    const now = this.parts.clock()
    const ids = options.ids ?? 'fresh'
    const { truncations: _, importedFrom, forkedFrom, createdAt, updatedAt, tokenUsage, ...fields } = archived
    const origin = {
      sessionId: archived.id,
      namespace: archived.namespace,
      checksum: verified.checksum,
      importedAt: now,
    }
    const kept = importedFrom && { ...importedFrom, importedAt: new Date(importedFrom.importedAt) }
    return Object.assign(new Session(), fields, {
      id: ids === 'preserve' ? archived.id : this.parts.newId(),
      namespace: this.parts.namespace,
      externalId: options.externalId === undefined ? (archived.externalId ?? null) : options.externalId,
      title: archived.title ?? null,
      tokenUsage: Object.assign(new TokenUsage(), tokenUsage),
      usageCount: verified.usageEntries,
      forkedFrom: forkedFrom ?? null,
      importedFrom: ids === 'preserve' ? kept : origin,
      createdAt: new Date(createdAt),
      updatedAt: new Date(updatedAt),
    })
  }

  private async *rows(reader: ArchiveReader, session: Session, ids: 'fresh' | 'preserve'): AsyncGenerator<StagedRow> {
    const idOf = (row: { id: string }) => (ids === 'preserve' ? row.id : this.parts.newId())
    for await (const row of reader.rows()) {
      if ('message' in row) yield { message: { ...messageFrom(row.message, session), id: idOf(row.message) } }
      else yield { usage: Object.assign(usageFrom(row.usage, session), { id: idOf(row.usage) }) }
    }
  }

  private truncationFrom(archived: ArchivedSession['truncations'][number], session: Session): SessionTruncation {
    return Object.assign(new SessionTruncation(), archived, {
      id: this.parts.newId(),
      namespace: session.namespace,
      sessionId: session.id,
      createdAt: new Date(archived.createdAt),
    })
  }
}

function counting(total: number, onProgress: ImportFields['onProgress']): (messages: number) => void {
  let stored = 0
  return (messages) => {
    stored += messages
    onProgress?.({ messages: stored, total })
  }
}

function messageFrom(json: MessageJson, session: Session): NewMessage & { sequence: number } {
  return {
    ...json,
    namespace: session.namespace,
    sessionId: session.id,
    contentText: JSON.stringify(json.content),
    metadataText: JSON.stringify(json.metadata),
    toolCallId: json.toolCallId ?? null,
    tokenCount: json.tokenCount ?? null,
    createdAt: new Date(json.createdAt),
    recordedAt: new Date(json.recordedAt),
  }
}

function usageFrom(json: UsageJson, session: Session): UsageEntry {
  return Object.assign(new UsageEntry(), json, {
    namespace: session.namespace,
    sessionId: session.id,
    model: json.model ?? null,
    createdAt: new Date(json.createdAt),
  })
}
