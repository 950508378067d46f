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
import { HttpClient, HttpFailure } from './http-client.js'
import { eventsOf } from './server-sent-events.js'

/** The session service as the HTTP service offers it. */
export class HttpSessions extends SessionService {
  private readonly http: HttpClient

  constructor(
    url: string,
    namespace: string,
    private readonly connecting: Set<Promise<unknown>>,
  ) {
    super()
    this.http = new HttpClient(url, namespace)
  }

  create({ idempotencyKey, ...body }: CreateSessionInput): Promise<Session> {
    return this.http.send('POST', '/v1/sessions', { body, idempotencyKey })
  }

  getOrCreate({ idempotencyKey, ...input }: CreateSessionInput & { externalId: string }): Promise<Session> {
    return this.http.send('POST', '/v1/sessions', { body: { ...input, orGet: true }, idempotencyKey })
  }

  get(id: string): Promise<Session> {
    return this.http.send('GET', sessionPath(id))
  }

  async find({ id, externalId }: SessionReference): Promise<Session | undefined> {
    if (id === undefined) {
      return (await this.http.send<Page<Session>>('GET', '/v1/sessions', { query: { externalId } })).items[0]
    }
    return this.get(id).catch((error: unknown) => {
      if (error instanceof HttpFailure && error.code === 'SESSION_NOT_FOUND') return undefined
      throw error
    })
  }

  list({ metadata, ...rest }: ListSessionsOptions = {}): Promise<Page<Session>> {
    const query = { ...rest, metadata: metadata && JSON.stringify(metadata) }
    return this.http.send('GET', '/v1/sessions', { query })
  }

  update(id: string, body: UpdateSessionInput): Promise<Session> {
    return this.http.send('PATCH', sessionPath(id), { body })
  }

  delete(id: string): Promise<void> {
    return this.http.send('DELETE', sessionPath(id))
  }

  async appendMessage(id: string, message: AppendMessageInput, options?: AppendOptions): Promise<SessionMessage> {
    return (await this.appendMessages(id, [message], options))[0] as SessionMessage
  }

  async appendMessages(
    id: string,
    messages: AppendMessageInput[],
    { expectedSequence, idempotencyKey }: AppendOptions = {},
  ): Promise<SessionMessage[]> {
    const ifMatch = expectedSequence === undefined ? undefined : `"${expectedSequence}"`
    const call = { body: { messages }, idempotencyKey, ifMatch }
    return (await this.http.send<{ items: SessionMessage[] }>('POST', `${sessionPath(id)}/messages`, call)).items
  }

  messages(id: string, options: ListMessagesOptions = {}): Promise<Page<SessionMessage, number>> {
    return this.http.send('GET', `${sessionPath(id)}/messages`, { query: { ...options } })
  }

  async *follow(id: string, { after, signal }: FollowOptions = {}): AsyncIterableIterator<SessionMessage> {
    const headers = after === undefined ? undefined : { 'last-event-id': String(after) }
    try {
      const answer = this.http.request('GET', `${sessionPath(id)}/follow`, { headers, signal })
      this.connecting.add(answer)
      const { body } = await answer.finally(() => this.connecting.delete(answer))
      for await (const { event, data } of eventsOf(body)) {
        if (event === 'error') throw HttpFailure.of(data)
        if (event === 'message') yield this.http.revived<SessionMessage>(data)
      }
    } catch (error) {
      if (!signal?.aborted) throw error
    }
  }

  truncate(
    id: string,
    body: { afterSequence: number },
  ): Promise<{ removed: number; truncation: SessionTruncation | null }> {
    return this.http.send('POST', `${sessionPath(id)}/truncate`, { body })
  }

  async exportSession(id: string): Promise<SessionArchive> {
    const answer = await this.http.request('GET', `${sessionPath(id)}/export`)
    return JSON.parse(await answer.text()) as SessionArchive
  }

  async *exportLines(id: string, form: 'jsonl' | 'markdown'): AsyncIterableIterator<string> {
    const answer = await this.http.request('GET', `${sessionPath(id)}/export`, { query: { form } })
    yield* (await answer.text()).split(/(?<=\n)/)
  }

  importSession(
    archive: ArchiveSource,
    { ids, externalId, dryRun, idempotencyKey }: ImportOptions = {},
  ): Promise<ImportReport> {
    const id = externalId === null ? { dropExternalId: true } : { externalId }
    const text = typeof archive === 'string' ? archive : JSON.stringify(archive)
    return this.http.send('POST', '/v1/sessions/import', { query: { ids, dryRun, ...id }, text, idempotencyKey })
  }

  updateTokenUsage(id: string, add: TokenUsageInput, options: UsageOptions = {}): Promise<Session> {
    return this.recordUsage(id, { add }, options)
  }

  setTokenUsage(id: string, set: TokenUsageInput, options: UsageOptions = {}): Promise<Session> {
    return this.recordUsage(id, { set }, options)
  }

  usage(id?: string): Promise<UsageReport> {
    return this.http.send('GET', id === undefined ? '/v1/usage' : `${sessionPath(id)}/usage`)
  }

  fork(id: string, { idempotencyKey, ...body }: ForkOptions = {}): Promise<Session> {
    return this.http.send('POST', `${sessionPath(id)}/fork`, { body, idempotencyKey })
  }

  verify(id: string): Promise<VerifyReport> {
    return this.http.send('GET', `${sessionPath(id)}/verify`)
  }

  private recordUsage(id: string, figures: object, { model, idempotencyKey }: UsageOptions): Promise<Session> {
    return this.http.send('POST', `${sessionPath(id)}/usage`, { body: { ...figures, model }, idempotencyKey })
  }
}

const sessionPath = (id: string) => `/v1/sessions/${encodeURIComponent(id)}`
