import { type JsonObject, storedJson } from '../../domain/canonical-json.js'
import { asSeenAt, assertUsable, type Context, contextNotFound } from '../../domain/contexts/context.js'
import type { PurgeReport } from '../../domain/contexts/context-purge.js'
import {
  ContextService,
  type ContextWithSteps,
  type ListContextsOptions,
  type OpenContextInput,
  type OpenedContext,
  type PatchOptions,
  type PurgeOptions,
  type RecordedStep,
  type RunOptions,
  type RunReport,
  type StepInput,
  type SubjectOptions,
} from '../../domain/contexts/context-service.js'
import { mergePatch } from '../../domain/contexts/merge-patch.js'
import { hashStateToken } from '../../domain/contexts/state-token.js'
import { ConflictError } from '../../domain/errors.js'
import { decodeCursor, encodeCursor, listingFingerprint, type Page } from '../../domain/page.js'
import { accepted } from '../open-calls.js'
import { validated } from '../validated.js'
import { changeContext, slide } from './context-change.js'
import { ListContextsFields, PatchFields, PatchOptionsFields, SubjectFields } from './context-inputs.js'
import { openContext } from './context-opening.js'
import { purgeContexts } from './context-purging.js'
import { runSteps } from './context-running.js'
import type { ContextServiceParts } from './context-service-parts.js'
import { recordStep } from './context-stepping.js'
import { fitting } from './new-contexts.js'

/** Contexts kept through the repository: tokens by their hash alone, one rule of expiry, honest purges. */
export class PersistentContextService extends ContextService {
  constructor(readonly parts: ContextServiceParts) {
    super()
  }

  @accepted()
  async open(input: OpenContextInput = {}): Promise<OpenedContext> {
    return openContext(this.parts, input)
  }

  @accepted()
  async step(stateToken: string, input: StepInput, options: SubjectOptions = {}): Promise<RecordedStep> {
    const { subjectId } = validated(SubjectFields, options, 'options')
    return recordStep(this.parts, hashStateToken(stateToken), input, subjectId)
  }

  @accepted()
  async get(stateToken: string, options: SubjectOptions = {}): Promise<ContextWithSteps> {
    const { subjectId } = validated(SubjectFields, options, 'options')
    const context = await this.parts.contexts.getByToken(hashStateToken(stateToken))
    if (!context) throw contextNotFound()
    assertUsable(context, { subjectId, now: this.parts.clock() })
    return this.withSteps(context)
  }

  @accepted()
  async patch(stateToken: string, plainPatch: object, plain: PatchOptions = {}): Promise<Context> {
    const { subjectId, expectedVersion } = validated(PatchOptionsFields, plain, 'options')
    const { patch: checked } = validated(PatchFields, { patch: plainPatch })
    const patch = storedJson(checked, 'patch').value as JsonObject
    const call = { tokenHash: hashStateToken(stateToken), subjectId, changeId: this.parts.newId() }
    return changeContext(this.parts, call, async ({ context, now, isRepeat }) => {
      if (isRepeat) return context
      if (expectedVersion !== undefined && expectedVersion !== context.version) {
        throw versionConflict(context, expectedVersion)
      }
      context.savedContext = fitting(mergePatch(context.savedContext, patch), this.parts.limits, 'savedContext')
      context.version++
      slide(context, now)
      return context
    })
  }

  @accepted()
  async close(stateToken: string, options: SubjectOptions = {}): Promise<ContextWithSteps> {
    const { subjectId } = validated(SubjectFields, options, 'options')
    const call = { tokenHash: hashStateToken(stateToken), subjectId, changeId: this.parts.newId() }
    const closed = await changeContext(this.parts, call, async ({ context, now, isRepeat }) => {
      if (isRepeat) return context
      context.status = 'closed'
      context.closedAt = now
      return context
    })
    return this.withSteps(closed)
  }

  @accepted()
  async list(plain: ListContextsOptions = {}): Promise<Page<Context>> {
    const { cursor, limit = 50, state = 'alive', subjectId } = validated(ListContextsFields, plain)
    const now = this.parts.clock()
    const fingerprint = listingFingerprint(this.parts.namespace, { contexts: state, subjectId })
    const position = cursor === undefined ? undefined : decodeCursor(cursor, fingerprint)
    const aliveAt = state === 'alive' ? now : undefined
    const page = await this.parts.contexts.listAll({ aliveAt, subjectId, limit, position })
    return {
      items: page.items.map((context) => asSeenAt(context, now)),
      nextCursor: page.nextCursor && encodeCursor(page.nextCursor, fingerprint),
      previousCursor: page.previousCursor && encodeCursor(page.previousCursor, fingerprint),
    }
  }

  @accepted()
  async run(steps: readonly StepInput[], options: RunOptions = {}): Promise<RunReport> {
    return runSteps(this.parts, steps, options)
  }

  @accepted()
  async purge(options: PurgeOptions = {}): Promise<PurgeReport> {
    return purgeContexts(this.parts, options)
  }

  private async withSteps(context: Context): Promise<ContextWithSteps> {
    const steps = await this.parts.contexts.steps(context.id)
    // What another call added since the context was read is not of this state of it.
    return Object.assign(context, { steps: steps.filter(({ stepIndex }) => stepIndex <= context.stepCount) })
  }
}

function versionConflict({ id, version }: Context, expected: number): ConflictError {
  const message = `Context "${id}" is at version ${version}, expected ${expected}. Read it again and patch what you find.`
  return new ConflictError('VERSION_CONFLICT', { kind: 'context', id, expected, actual: version }, message)
}
