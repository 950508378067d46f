import { hashJson } from '../../domain/canonical-json.js'
import { type IdempotencyKey, replayOf } from '../../domain/idempotency.js'
import { Session, SessionTruncation } from '../../domain/sessions/session.js'
import type { ArchivedSession, MessageJson, UsageJson } from '../../domain/sessions/session-archive.js'
import type { NewMessage } from '../../domain/sessions/session-message-repository.js'
import type { ArchiveSource, ImportOptions, ImportReport } from '../../domain/sessions/session-service.js'
import { TokenUsage, UsageEntry } from '../../domain/sessions/token-usage.js'
import { validated } from '../validated.js'
import { type ArchiveReader, openArchive } from './archive-reader.js'
import { type VerifiedCounts, verifyArchive } from './archive-verification.js'
import { ImportFields } from './session-inputs.js'
import type { SessionServiceParts } from './session-service-parts.js'
import { externalIdTaken, idTaken, type StagedRow, stageAndPublish } from './session-staging.js'

/** Brings archives in: verified whole first, then staged, then visible all at once. */
export class SessionImporter {
  constructor(private readonly parts: SessionServiceParts) {}

  async import(source: ArchiveSource, plain: ImportOptions): Promise<ImportReport> {
    const options = validated(ImportFields, plain, 'options')
    const reader = await openArchive(source)
    try {
      return await this.importVerified(reader, await verifyArchive(reader), options)
    } finally {
      await reader.dispose()
    }
  }

  private async importVerified(
    reader: ArchiveReader,
    verified: VerifiedCounts,
    options: ImportFields,
  ): Promise<ImportReport> {
    const ids = options.ids ?? 'fresh'
    const key = this.keyOf(options, verified.checksum)
    const known = key && (await this.parts.sessions.keyed(key.scope, key.key))
    if (key && known) return this.report(reader, verified, replayOf(known, key).sessionId)
    const session = this.sessionFrom(reader.session, verified, options)
    await this.refuseTaken(session, ids)
    if (options.dryRun) {
      return { ...this.report(reader, verified, ids === 'preserve' ? session.id : null), dryRun: true }
    }
    const outcome = await stageAndPublish(this.parts, {
      session,
      rows: this.rows(reader, session, ids),
      truncations: reader.session.truncations.map((each) => this.truncationFrom(each, session)),
      key,
      incomplete: () => idTaken(session.id),
      onBatch: counting(verified.messages, options.onProgress),
    })
    return this.report(reader, verified, key && outcome ? replayOf(outcome, key).sessionId : session.id)
  }

  private report(reader: ArchiveReader, verified: VerifiedCounts, sessionId: string | null): ImportReport {
    const { id, namespace } = reader.session
    const origin = { sessionId: id, namespace, checksum: verified.checksum }
    return { dryRun: false, sessionId, origin, messages: verified.messages, usageEntries: verified.usageEntries }
  }

  private keyOf(options: ImportFields, checksum: string): IdempotencyKey | undefined {
    if (options.idempotencyKey === undefined) return undefined
    const payload = { call: 'import', checksum, ids: options.ids ?? 'fresh', externalId: options.externalId ?? null }
    return { scope: '', key: options.idempotencyKey, payloadHash: hashJson(payload) }
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
