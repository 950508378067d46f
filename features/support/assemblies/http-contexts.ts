import {
  type Context,
  ContextService,
  type ContextWithSteps,
  type ListContextsOptions,
  type OpenContextInput,
  type OpenedContext,
  type Page,
  type PatchOptions,
  type PurgeOptions,
  type PurgeReport,
  type RecordedStep,
  type RunOptions,
  type RunReport,
  type StepInput,
  type SubjectOptions,
} from '../../../src/index.js'
import { HttpClient } from './http-client.js'

/** The context service as the HTTP service offers it. */
export class HttpContexts extends ContextService {
  private readonly http: HttpClient

  constructor(url: string, namespace: string) {
    super()
    this.http = new HttpClient(url, namespace)
  }

  open({ idempotencyKey, ...body }: OpenContextInput = {}): Promise<OpenedContext> {
    return this.http.send('POST', '/v1/session/open', { body, idempotencyKey })
  }

  step(
    stateToken: string,
    { idempotencyKey, ...step }: StepInput,
    { subjectId }: SubjectOptions = {},
  ): Promise<RecordedStep> {
    return this.http.send('POST', '/v1/session/step', { body: { stateToken, subjectId, ...step }, idempotencyKey })
  }

  get(stateToken: string, { subjectId }: SubjectOptions = {}): Promise<ContextWithSteps> {
    const headers = { 'state-token': stateToken, ...(subjectId !== undefined && { 'subject-id': subjectId }) }
    return this.http.send('GET', '/v1/session', { headers })
  }

  patch(stateToken: string, patch: object, options: PatchOptions = {}): Promise<Context> {
    return this.http.send('PATCH', '/v1/session', { body: { stateToken, patch, ...options } })
  }

  close(stateToken: string, { subjectId }: SubjectOptions = {}): Promise<ContextWithSteps> {
    return this.http.send('POST', '/v1/session/close', { body: { stateToken, subjectId } })
  }

  list(options: ListContextsOptions = {}): Promise<Page<Context>> {
    return this.http.send('GET', '/v1/contexts', { query: { ...options } })
  }

  run(steps: readonly StepInput[], { idempotencyKey, ...options }: RunOptions = {}): Promise<RunReport> {
    return this.http.send('POST', '/v1/session/run', { body: { steps, ...options }, idempotencyKey })
  }

  purge({ dryRun, retentionMs, agedSteps, batchSize }: PurgeOptions = {}): Promise<PurgeReport> {
    return this.http.send('POST', '/v1/contexts/purge', { body: { dryRun, retentionMs, agedSteps, batchSize } })
  }
}
