import { SequenceAudit, type SequenceRange } from '../../domain/sessions/sequence-audit.js'
import {
  ArchiveChecksum,
  archiveError,
  type MessageJson,
  sameChecksum,
  type UsageJson,
} from '../../domain/sessions/session-archive.js'
import { addUsage, sameUsage, TokenUsage, unkeptTotal } from '../../domain/sessions/token-usage.js'
import type { ArchiveReader, ArchiveRow } from './archive-reader.js'
import { asMalformed, checkMessage, checkSession, checkUsage, malformed } from './archive-rows.js'
import type { MessageContext } from './new-messages.js'

export interface VerifiedCounts {
  checksum: string
  messages: number
  usageEntries: number
}

/**
 * Reads the whole archive once and holds it against its checksum, against itself and against what the
 * store takes: what passes is stored, and is sound then.
 *
 * @throws {InvalidInputError} ARCHIVE_CHECKSUM_MISMATCH, ARCHIVE_MALFORMED, MESSAGE_TOO_LARGE
 */
export async function verifyArchive(reader: ArchiveReader, context: MessageContext): Promise<VerifiedCounts> {
  checkSession(reader.session, context.limits)
  const tally = new ArchiveTally(reader, context)
  for await (const row of reader.rows()) tally.add(row)
  return tally.result()
}

/** What the rows add up to, held against what the archive says of itself. */
class ArchiveTally {
  private readonly checksum: ArchiveChecksum
  private readonly audit: SequenceAudit
  private readonly ids = new Set<string>()
  private messages = 0
  private usageEntries = 0
  private lastSequence = 0
  private total = new TokenUsage()

  constructor(
    private readonly reader: ArchiveReader,
    private readonly context: MessageContext,
  ) {
    this.checksum = new ArchiveChecksum(reader.session)
    this.audit = new SequenceAudit(reader.session.truncations)
  }

  add(row: ArchiveRow): void {
    if ('message' in row && this.usageEntries === 0) this.addMessage(row.message, `messages[${this.messages}]`)
    else if ('usage' in row) this.addUsage(row.usage, `usage[${this.usageEntries}]`)
    else throw malformed(`messages[${this.messages}]`, 'is neither a message nor a usage row in its place')
  }

  result(): VerifiedCounts {
    const computed = asMalformed('', () => this.checksum.digest())
    const stated = this.reader.checksum()
    if (typeof stated !== 'string' || !sameChecksum(stated, computed)) {
      const message = `is ${JSON.stringify(stated)} but the content gives ${computed}; the archive was altered or damaged`
      throw archiveError('ARCHIVE_CHECKSUM_MISMATCH', 'checksum', message)
    }
    this.checkCounts()
    const { messages, usageEntries } = this
    return { checksum: computed, messages, usageEntries }
  }

  private checkCounts(): void {
    const { messageCount, lastSequence, tokenUsage } = this.reader.session
    if (messageCount !== this.messages) {
      throw malformed('session.messageCount', `is ${messageCount}, the archive holds ${this.messages}`)
    }
    if (lastSequence < this.lastSequence) {
      throw malformed('session.lastSequence', `is ${lastSequence}, a message has ${this.lastSequence}`)
    }
    requireNoGap(this.audit.gapsBefore(lastSequence + 1), 'session.lastSequence', lastSequence)
    if (!sameUsage(this.total, tokenUsage)) throw malformed('session.tokenUsage', 'is not the sum of its rows')
    this.checkFooter('messages', this.messages)
    this.checkFooter('usage', this.usageEntries)
  }

  private checkFooter(name: 'messages' | 'usage', actual: number): void {
    const stated = this.reader.footer()
    if (!stated || stated[name] === actual) return
    throw malformed(`footer.${name}`, `is ${JSON.stringify(stated[name])}, the archive holds ${actual}`)
  }

  private addMessage(message: MessageJson, path: string): void {
    checkMessage(message, path, this.context)
    const { id, sequence } = message
    if (sequence <= this.lastSequence) throw malformed(`${path}.sequence`, `does not follow ${this.lastSequence}`)
    requireNoGap(this.audit.gapsBefore(sequence), `${path}.sequence`, sequence)
    if (this.audit.isRemoved(sequence)) {
      throw malformed(`${path}.sequence`, `is ${sequence}, which a truncation is recorded to have removed`)
    }
    this.requireNewId(id, path)
    this.lastSequence = sequence
    this.messages++
    asMalformed(path, () => this.checksum.message(message))
  }

  private addUsage(entry: UsageJson, path: string): void {
    checkUsage(entry, this.usageEntries + 1, path)
    // Messages and ledger rows are ids of two tables.
    this.requireNewId(`usage ${entry.id}`, path)
    this.total = addUsage(this.total, entry)
    const unkept = unkeptTotal(this.total)
    if (unkept) throw malformed(`${path}.${unkept.name}`, `brings the total to ${unkept.total}, which no session has`)
    this.usageEntries++
    asMalformed(path, () => this.checksum.usage(entry))
  }

  private requireNewId(id: string, path: string): void {
    if (this.ids.size === this.ids.add(id).size) throw malformed(`${path}.id`, 'is the id of an earlier row as well')
  }
}

function requireNoGap([gap]: SequenceRange[], path: string, sequence: number): void {
  if (!gap) return
  throw malformed(path, `is ${sequence}, but ${gap.from} to ${gap.to} are missing and no truncation explains it`)
}
