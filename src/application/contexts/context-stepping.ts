import type { Context, ContextStep } from '../../domain/contexts/context.js'
import type { NewStep } from '../../domain/contexts/context-repository.js'
import type { RecordedStep, StepInput } from '../../domain/contexts/context-service.js'
import { ConflictError } from '../../domain/errors.js'
import { replayOf } from '../../domain/idempotency.js'
import { type Change, type ChangingCall, changeContext, slide } from './context-change.js'
import type { ContextServiceParts } from './context-service-parts.js'
import { newStep, stepCapReached } from './new-contexts.js'

/** Appends a step to the log, or gives the stored one when its key was used before. */
export function recordStep(
  parts: ContextServiceParts,
  tokenHash: string,
  plain: StepInput,
  subjectId: string | undefined,
): Promise<RecordedStep> {
  const draft = newStep(plain, '', parts)
  const { id } = draft.step
  const wasDone: ChangingCall['wasDone'] = async (contexts, context) =>
    (await contexts.steps(context.id)).some((step) => step.id === id)
  return changeContext(parts, { tokenHash, subjectId, changeId: id, wasDone }, async (change) => {
    const { context, isRepeat } = change
    const known = await replayed(change, draft)
    if (known) return recorded(known, context, !isRepeat)
    return recorded(await append(change, draft, parts.limits.contextSteps), context, false)
  })
}

async function replayed({ context, contexts, isRepeat }: Change, { step, key }: NewStep) {
  if (isRepeat) return (await contexts.steps(context.id)).find(({ id }) => id === step.id)
  const known = key && (await contexts.keyedStep(context.id, key.key))
  if (!key || !known) return undefined
  const { step: first } = replayOf(known, key)
  if (!first.hashOnly) return first
  const message = `Step ${first.stepIndex} of context "${context.id}" kept its hashes alone; there is nothing to replay. It was not recorded again.`
  throw new ConflictError('STEP_NOT_REPLAYABLE', { kind: 'context', id: context.id }, message)
}

async function append({ context, contexts, now }: Change, draft: NewStep, cap: number): Promise<ContextStep> {
  if (context.stepCount >= cap) throw stepCapReached(context.id, cap)
  const { step } = draft
  step.contextId = context.id
  step.stepIndex = ++context.stepCount
  context.lastStepAt = now
  slide(context, now)
  await contexts.insertSteps([draft])
  return step
}

function recorded(step: ContextStep, { stepCount, expiresAt }: Context, replayed: boolean): RecordedStep {
  return Object.assign(step, { replayed, stepCount, expiresAt })
}
