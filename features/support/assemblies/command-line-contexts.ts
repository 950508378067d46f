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
import type { RunCommand } from './cli.js'
import { documentOf, jsonOf, type Option } from './command-words.js'

/** The context service as the commands offer it; tokens go through stdin. */
export class CommandLineContexts extends ContextService {
  constructor(private readonly runCommand: RunCommand) {
    super()
  }

  open({ savedContext, subjectId, ttlMs, sliding, idempotencyKey }: OpenContextInput = {}): Promise<OpenedContext> {
    const options = { subject: subjectId, 'ttl-ms': ttlMs, sliding, 'idempotency-key': idempotencyKey }
    return this.command('open', [], { context: savedContext, ...options })
  }

  step(token: string, input: StepInput, { subjectId }: SubjectOptions = {}): Promise<RecordedStep> {
    const { action, request, response, hashOnly, idempotencyKey } = input
    const options = { action, 'hash-only': hashOnly, 'idempotency-key': idempotencyKey, subject: subjectId }
    const bodies = { request: jsonOf(request), response: jsonOf(response) }
    return this.command('step', ['-'], { ...bodies, ...options }, token)
  }

  get(token: string, { subjectId }: SubjectOptions = {}): Promise<ContextWithSteps> {
    return this.command('get', ['-'], { subject: subjectId }, token)
  }

  patch(token: string, patch: object, { subjectId, expectedVersion }: PatchOptions = {}): Promise<Context> {
    return this.command('patch', ['-'], { patch, 'expected-version': expectedVersion, subject: subjectId }, token)
  }

  close(token: string, { subjectId }: SubjectOptions = {}): Promise<ContextWithSteps> {
    return this.command('close', ['-'], { subject: subjectId }, token)
  }

  list({ state, subjectId, limit, cursor }: ListContextsOptions = {}): Promise<Page<Context>> {
    return this.command('list', [], { all: state === 'all', subject: subjectId, limit, cursor })
  }

  run(steps: readonly StepInput[], options: RunOptions = {}): Promise<RunReport> {
    const { savedContext, subjectId, partial, idempotencyKey } = options
    const rest = { subject: subjectId, partial, 'idempotency-key': idempotencyKey }
    return this.command(
      'run',
      [],
      { from: '-', context: savedContext, ...rest },
      steps.map((step) => JSON.stringify(step)).join('\n'),
    )
  }

  purge({ dryRun, retentionMs, agedSteps, batchSize }: PurgeOptions = {}): Promise<PurgeReport> {
    const options = { 'dry-run': dryRun, 'retention-ms': retentionMs, 'aged-steps': agedSteps, 'batch-size': batchSize }
    return this.command('purge', [], options)
  }

  private command<T>(command: string, args: string[], options: Record<string, Option> = {}, stdin?: string) {
    return documentOf<T>(this.runCommand, [command, ...args], options, stdin)
  }
}
