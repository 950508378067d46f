import {
  type AppendMessageInput,
  type AppendOptions,
  type ArchiveSource,
  type CreateSessionInput,
  type FollowOptions,
  type ForkOptions,
  type ImportOptions,
  type ImportReport,
  type ListMessagesOptions,
  type ListSessionsOptions,
  type Page,
  type Session,
  type SessionArchive,
  type SessionMessage,
  type SessionReference,
  SessionService,
  type SessionTruncation,
  type TokenUsageInput,
  type UpdateSessionInput,
  type UsageOptions,
  type UsageReport,
  type VerifyReport,
} from '../../../src/index.js'
import type { RunCommand } from './cli.js'
import { documentOf, type Option } from './command-words.js'

/** The session service as the commands offer it. */
export class CommandLineSessions extends SessionService {
  constructor(private readonly runCommand: RunCommand) {
    super()
  }

  create(input: CreateSessionInput): Promise<Session> {
    return this.run('create', [], createOptions(input))
  }

  getOrCreate(input: CreateSessionInput & { externalId: string }): Promise<Session> {
    return this.run('create', [], { ...createOptions(input), 'or-get': true })
  }

  get(id: string): Promise<Session> {
    return this.run('show', [id], { latest: 1 })
  }

  async find({ id, externalId }: SessionReference): Promise<Session | undefined> {
    return (await this.run<Session | null>('find', [], { id, 'external-id': externalId })) ?? undefined
  }

  list({ actorName, metadata, metadataKey, createdAfter, createdBefore, ...rest }: ListSessionsOptions = {}) {
    const conditions = Object.entries(metadata ?? {}).map(
      ([key, value]) => `--metadata=${key}=${JSON.stringify(value)}`,
    )
    const dates = { 'created-after': createdAfter, 'created-before': createdBefore }
    return this.run<Page<Session>>('list', conditions, {
      actor: actorName,
      'metadata-key': metadataKey,
      ...dates,
      ...rest,
    })
  }

  update(id: string, { title, status, metadata }: UpdateSessionInput): Promise<Session> {
    return this.run('update', [id], { ...(title === null ? { 'no-title': true } : { title }), status, metadata })
  }

  async delete(id: string): Promise<void> {
    await this.run('delete', [id])
  }

  async appendMessage(id: string, message: AppendMessageInput, options: AppendOptions = {}): Promise<SessionMessage> {
    if (message.usage) return (await this.appendMessages(id, [message], options))[0] as SessionMessage
    const { role, content, metadata, toolCallId, tokenCount, createdAt } = message
    const details = { metadata, 'tool-call-id': toolCallId, 'token-count': tokenCount, 'created-at': createdAt }
    return this.run('append', [id], {
      role,
      'content-json': JSON.stringify(content),
      ...details,
      ...appendOptions(options),
    })
  }

  async appendMessages(
    id: string,
    messages: AppendMessageInput[],
    options: AppendOptions = {},
  ): Promise<SessionMessage[]> {
    const lines = messages.map((message) => JSON.stringify(message)).join('\n')
    const appended = await this.run<{ items: SessionMessage[] }>(
      'append',
      [id],
      { from: '-', ...appendOptions(options) },
      lines,
    )
    return appended.items
  }

  messages(id: string, options: ListMessagesOptions = {}): Promise<Page<SessionMessage, number>> {
    return this.run('messages', [id], { ...options })
  }

  follow(_id: string, _options?: FollowOptions): AsyncIterableIterator<SessionMessage> {
    throw new TypeError('Following by command is tested with the command line')
  }

  truncate(
    id: string,
    { afterSequence }: { afterSequence: number },
  ): Promise<{ removed: number; truncation: SessionTruncation | null }> {
    return this.run('truncate', [id], { 'after-sequence': afterSequence })
  }

  async exportSession(id: string): Promise<SessionArchive> {
    return JSON.parse(await this.runCommand(['export', id, '--json'])) as SessionArchive
  }

  async *exportLines(id: string, form: 'jsonl' | 'markdown'): AsyncIterableIterator<string> {
    yield* (await this.runCommand(['export', id, `--form=${form}`])).split(/(?<=\n)/)
  }

  importSession(
    archive: ArchiveSource,
    { ids, externalId, dryRun, idempotencyKey }: ImportOptions = {},
  ): Promise<ImportReport> {
    const id = externalId === null ? { 'drop-external-id': true } : { 'external-id': externalId }
    const options = { 'preserve-ids': ids === 'preserve', 'dry-run': dryRun, 'idempotency-key': idempotencyKey, ...id }
    return this.run('import', ['-'], options, typeof archive === 'string' ? archive : JSON.stringify(archive))
  }

  updateTokenUsage(id: string, delta: TokenUsageInput, options: UsageOptions = {}): Promise<Session> {
    return this.run('usage', [id], { add: delta, model: options.model, 'idempotency-key': options.idempotencyKey })
  }

  setTokenUsage(id: string, total: TokenUsageInput, options: UsageOptions = {}): Promise<Session> {
    return this.run('usage', [id], { set: total, model: options.model, 'idempotency-key': options.idempotencyKey })
  }

  usage(id?: string): Promise<UsageReport> {
    return this.run('usage', id === undefined ? [] : [id])
  }

  fork(id: string, { atSequence, title, idempotencyKey }: ForkOptions = {}): Promise<Session> {
    return this.run('fork', [id], { 'at-sequence': atSequence, title, 'idempotency-key': idempotencyKey })
  }

  verify(id: string): Promise<VerifyReport> {
    return this.run('verify', [id])
  }

  private run<T>(command: string, args: string[], options: Record<string, Option> = {}, stdin?: string) {
    return documentOf<T>(this.runCommand, [command, ...args], options, stdin)
  }
}

function createOptions({
  actorName,
  externalId,
  title,
  metadata,
  idempotencyKey,
}: CreateSessionInput): Record<string, Option> {
  return { actor: actorName, 'external-id': externalId, title, metadata, 'idempotency-key': idempotencyKey }
}

function appendOptions({ idempotencyKey, expectedSequence }: AppendOptions): Record<string, Option> {
  return { 'idempotency-key': idempotencyKey, 'expected-sequence': expectedSequence }
}
