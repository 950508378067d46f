import { hashJson, storedJson } from '../../domain/canonical-json.js'
import type { Context } from '../../domain/contexts/context.js'
import type { NewStep } from '../../domain/contexts/context-repository.js'
import type { RunOptions, RunReport, RunStepResult, StepInput } from '../../domain/contexts/context-service.js'
import { hashStateToken, newStateToken } from '../../domain/contexts/state-token.js'
import { HansardError, InvalidInputError } from '../../domain/errors.js'
import { replayOf } from '../../domain/idempotency.js'
import { idempotencyKey } from '../idempotency.js'
import { validated } from '../validated.js'
import { RunFields, StepFields } from './context-inputs.js'
import { contextLimitCeilings } from './context-limits.js'
import type { ContextServiceParts } from './context-service-parts.js'
import { newContext, newStep, stepCapReached } from './new-contexts.js'

/** Opens, records and closes at once: every step is judged first, then all is written in one transaction. */
export async function runSteps(
  parts: ContextServiceParts,
  plain: readonly StepInput[],
  options: RunOptions,
): Promise<RunReport> {
  const { partial = false, idempotencyKey: given, ...fields } = validated(RunFields, options, 'options')
  const context = newContext(fields, parts)
  const { drafts, results } = judge(parts, stepsOf(plain), context.id, partial)
  const { savedContext, subjectId } = context
  const steps = plain.map((input, index) => identityOf(input, results[index], drafts))
  const key = idempotencyKey('', given, { call: 'run', savedContext, subjectId, partial, steps })
  end(context, drafts)
  const tokenHash = hashStateToken(newStateToken())
  const stored = await parts.unitOfWork.inTransaction(async (contexts) => {
    if (key) await contexts.holdOpening()
    const known = key && (await contexts.keyed(key.key))
    if (key && known) return replayOf(known, key).context
    await contexts.insert(context, tokenHash, key)
    await contexts.insertSteps(drafts)
    return context
  })
  const isComplete = results.every(({ status }) => status === 'recorded')
  return {
    outcome: isComplete ? 'complete' : drafts.length > 0 ? 'partial' : 'none',
    stepsSupplied: plain.length,
    stepsRecorded: drafts.length,
    results,
    context: Object.assign(stored, { steps: await parts.contexts.steps(stored.id) }),
  }
}

function stepsOf(plain: unknown): readonly StepInput[] {
  const most = contextLimitCeilings.contextSteps
  if (Array.isArray(plain) && plain.length <= most) return plain as StepInput[]
  throw new InvalidInputError([{ path: 'steps', message: `must be an array of at most ${most} steps` }])
}

function judge(parts: ContextServiceParts, plain: readonly StepInput[], contextId: string, partial: boolean) {
  const drafts: NewStep[] = []
  const results = plain.map((input, index): RunStepResult => {
    try {
      return { index, status: 'recorded', stepIndex: take(newStep(input, `steps[${index}]`, parts)) }
    } catch (error) {
      if (partial && error instanceof HansardError) return { index, status: 'failed', error }
      throw error
    }
  })
  return { drafts, results }

  function take(draft: NewStep): number {
    const { step, key } = draft
    const known = key && drafts.find((other) => other.key?.key === key.key)
    if (key && known?.key) {
      replayOf(known.key, key)
      return known.step.stepIndex
    }
    const cap = parts.limits.contextSteps
    if (drafts.length >= cap) throw stepCapReached(contextId, cap)
    step.contextId = contextId
    step.stepIndex = drafts.push(draft)
    return step.stepIndex
  }
}

/**
 * What must be the same of a step when a run is repeated. Not the response, which a replay brings back;
 * but where the step was recorded, or that it failed, since nobody could tell the first outcome again.
 */
function identityOf(input: StepInput, result: RunStepResult | undefined, drafts: NewStep[]): object | null {
  if (result?.status === 'recorded') {
    const { stepIndex } = result
    const { action, requestHash } = drafts[stepIndex - 1]?.step ?? {}
    return { action, requestHash, stepIndex }
  }
  try {
    const { action = null, request } = validated(StepFields, input)
    return { action, requestHash: hashJson(storedJson(request, 'request').value) }
  } catch {
    return null
  }
}

function end(context: Context, drafts: NewStep[]): void {
  context.status = 'closed'
  context.closedAt = context.openedAt
  context.stepCount = drafts.length
  context.lastStepAt = drafts.length > 0 ? context.openedAt : null
}
