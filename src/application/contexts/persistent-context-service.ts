import type { JsonObject } from '../../domain/canonical-json.js'
import { asSeenAt, assertUsable, type Context } from '../../domain/contexts/context.js'
import type { PurgeReport } from '../../domain/contexts/context-purge.js'
import type { ContextRepository, HeldContext } from '../../domain/contexts/context-repository.js'
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
import { validated } from '../validated.js'
import { ListContextsFields, PatchFields, SubjectFields } from './context-inputs.js'
import { openContext } from './context-opening.js'
import { purgeContexts } from './context-purging.js'
import { runSteps } from './context-running.js'
import type { ContextServiceParts } from './context-service-parts.js'
import { recordStep } from './context-stepping.js'
import { assertFits } from './new-contexts.js'

/** A context as a change finds it: usable, held, and not changed by an earlier try of the same call. */
interface Change {
  context: Context
  contexts: ContextRepository
  now: Date
}

/** Contexts kept through the repository: tokens by their hash alone, one rule of expiry, honest purges. */
export class PersistentContextService extends ContextService {
  constructor(private readonly parts: ContextServiceParts) {
    super()
  }

  async open(input: OpenContextInput = {}): Promise<OpenedContext> {
    this.parts.assertOpen()
    return openContext(this.parts, input)
  }

  async step(stateToken: string, input: StepInput, options: SubjectOptions = {}): Promise<RecordedStep> {
    this.parts.assertOpen()
    const { subjectId } = validated(SubjectFields, options, 'options')
    return recordStep(this.parts, hashStateToken(stateToken), input, subjectId)
  }

  async get(stateToken: string, options: SubjectOptions = {}): Promise<ContextWithSteps> {
    this.parts.assertOpen()
    const { subjectId } = validated(SubjectFields, options, 'options')
    const context = await this.parts.contexts.getByToken(hashStateToken(stateToken))
    assertUsable(context, { subjectId, now: this.parts.clock() })
    return withSteps(context, this.parts.contexts)
  }

  async patch(stateToken: string, patch: JsonObject, plain: PatchOptions = {}): Promise<Context> {
    this.parts.assertOpen()
    const { subjectId, expectedVersion } = validated(PatchFields, plain, 'options')
    const { patch: checked } = validated(PatchBody, { patch })
    return this.change(stateToken, subjectId, async ({ context, now }) => {
      if (expectedVersion !== undefined && expectedVersion !== context.version) {
        throw versionConflict(context, expectedVersion)
      }
      context.savedContext = mergePatch(context.savedContext, checked)
      assertFits(context.savedContext, this.parts.limits, 'savedContext')
      context.version++
      if (context.sliding) context.expiresAt = new Date(now.getTime() + context.ttlMs)
      return context
    })
  }

  async close(stateToken: string, options: SubjectOptions = {}): Promise<ContextWithSteps> {
    this.parts.assertOpen()
    const { subjectId } = validated(SubjectFields, options, 'options')
    const closed = await this.change(stateToken, subjectId, async ({ context, now }) => {
      context.status = 'closed'
      context.closedAt = now
      return context
    })
    return withSteps(closed, this.parts.contexts)
  }

  async list(plain: ListContextsOptions = {}): Promise<Page<Context>> {
    this.parts.assertOpen()
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

  async run(steps: StepInput[], options: RunOptions = {}): Promise<RunReport> {
    this.parts.assertOpen()
    return runSteps(this.parts, steps, options)
  }

  async purge(options: PurgeOptions = {}): Promise<PurgeReport> {
    this.parts.assertOpen()
    return purgeContexts(this.parts, options)
  }

  /** Holds a usable context, lets `work` change it and writes it. */
  private change(
    stateToken: string,
    subjectId: string | undefined,
    work: (change: Change) => Promise<Context>,
  ): Promise<Context> {
    const tokenHash = hashStateToken(stateToken)
    const changeId = this.parts.newId()
    const now = this.parts.clock()
    return this.parts.unitOfWork.inTransaction(async (contexts) => {
      const held = await contexts.holdByToken(tokenHash)
      // A try before this one came through and only its answer was lost.
      if (held?.changeId === changeId) return held.context
      const context = heldContext(held)
      assertUsable(context, { subjectId, now })
      const changed = await work({ context, contexts, now })
      await contexts.update(changed, changeId)
      return changed
    })
  }
}
