import { ConflictError } from '../../domain/errors.js'
import type { SessionMessage } from '../../domain/sessions/message.js'
import type { Session } from '../../domain/sessions/session.js'
import type { ArchivedSession, ArchiveLine, MessageJson, UsageJson } from '../../domain/sessions/session-archive.js'
import {
  ArchiveChecksum,
  archivedSession,
  archiveFormat,
  archiveVersion,
  messageJson,
  type SessionArchive,
  usageJson,
} from '../../domain/sessions/session-archive.js'
import { messageMarkdown, sessionMarkdown } from '../../domain/sessions/session-markdown.js'
import type { SessionMessageRepository } from '../../domain/sessions/session-message-repository.js'
import type { SessionRepositories } from './session-service-parts.js'

const pageSize = 500

/** Reads a session out as an archive, a page at a time. */
export class SessionArchiver {
  constructor(private readonly repositories: SessionRepositories) {}

  async document(session: Session): Promise<SessionArchive> {
    const archive: Partial<SessionArchive> = { format: archiveFormat, version: archiveVersion }
    const messages: MessageJson[] = []
    const usage: UsageJson[] = []
    for await (const line of this.lines(session)) {
      if ('session' in line) archive.session = line.session
      else if ('message' in line) messages.push(line.message)
      else if ('usage' in line) usage.push(line.usage)
      else archive.checksum = line.footer.checksum
    }
    return { ...archive, messages, usage, checksum: archive.checksum } as SessionArchive
  }

  async *jsonl(session: Session): AsyncGenerator<string> {
    for await (const line of this.lines(session)) yield `${JSON.stringify(line)}\n`
  }

  async *markdown(session: Session): AsyncGenerator<string> {
    for await (const line of this.lines(session)) {
      if ('session' in line) yield sessionMarkdown(line.session)
      else if ('message' in line) yield messageMarkdown(line.message)
    }
  }

  /** The archive of the session as it was when `session` was read: later appends stay out. */
  private async *lines(session: Session): AsyncGenerator<ArchiveLine> {
    // One that came since, and reaches what is archived, shows in the counts below; of others nothing is archived.
    const truncations = (await this.repositories.sessions.truncations(session.id)).filter(
      (each) => each.afterSequence < session.lastSequence,
    )
    const archived: ArchivedSession = archivedSession(session, truncations)
    const checksum = new ArchiveChecksum(archived)
    yield { format: archiveFormat, version: archiveVersion, form: 'jsonl', session: archived }
    const counts = { messages: 0, usage: 0 }
    for await (const message of allMessages(this.repositories.messages, session)) {
      counts.messages++
      const json = messageJson(message)
      checksum.message(json)
      yield { message: json }
    }
    for await (const entry of this.allUsage(session)) {
      counts.usage++
      const json = usageJson(entry)
      checksum.usage(json)
      yield { usage: json }
    }
    if (counts.messages !== session.messageCount || counts.usage !== session.usageCount) throw sessionChanged(session)
    yield { footer: { ...counts, checksum: checksum.digest() } }
  }

  private async *allUsage(session: Session) {
    for (let after = 0; after < session.usageCount; after += pageSize) {
      yield* await this.repositories.ledger.entries(session.id, { after, until: session.usageCount, limit: pageSize })
    }
  }
}

/** The session's messages up to its last sequence, a page at a time. */
export async function* allMessages(
  messages: SessionMessageRepository,
  session: Session,
): AsyncGenerator<SessionMessage> {
  const before = session.lastSequence + 1
  for (let after = 0; after < session.lastSequence; ) {
    const { messages: page, isCut } = await messages.pageForSession(session.id, { after, before, limit: pageSize })
    yield* page
    if (page.length < pageSize && !isCut) return
    after = page.at(-1)?.sequence ?? session.lastSequence
  }
}

export function sessionChanged(session: Session): ConflictError {
  const message = `Session "${session.id}" was truncated or deleted while it was being read. Try again.`
  return new ConflictError('SESSION_CHANGED', { kind: 'session', id: session.id }, message)
}
