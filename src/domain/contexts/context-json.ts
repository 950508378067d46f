import type { JsonObject, JsonValue } from '../canonical-json.js'
import type { InputProblem } from '../errors.js'
import type { Context, ContextStatus, ContextStep } from './context.js'
import type { ContextWithSteps, OpenedContext, RecordedStep, RunReport, RunStepResult } from './context-service.js'

/** A context as the surfaces write it: instants as ISO 8601, members always in the same order. */
export interface ContextJson {
  id: string
  namespace: string
  subjectId: string | null
  status: ContextStatus
  savedContext: JsonObject
  version: number
  stepCount: number
  ttlMs: number
  sliding: boolean
  openedAt: string
  expiresAt: string
  lastStepAt: string | null
  closedAt: string | null
}

export interface ContextStepJson {
  id: string
  contextId: string
  stepIndex: number
  action: string | null
  request: JsonValue
  response: JsonValue
  requestHash: string
  responseHash: string | null
  hashOnly: boolean
  createdAt: string
}

export type OpenedContextJson = ContextJson & { stateToken: string }
export type ContextWithStepsJson = ContextJson & { steps: ContextStepJson[] }
export type RecordedStepJson = ContextStepJson & { replayed: boolean; stepCount: number; expiresAt: string }

export interface FailureJson {
  code: string
  message: string
  problems?: InputProblem[]
  expected?: unknown
  actual?: unknown
}

export type RunStepResultJson =
  | { index: number; status: 'recorded'; stepIndex: number }
  | { index: number; status: 'failed'; error: FailureJson }

export interface RunReportJson extends Omit<RunReport, 'results' | 'context'> {
  results: RunStepResultJson[]
  context: ContextWithStepsJson
}

export function contextJson(context: Context): ContextJson {
  return {
    id: context.id,
    namespace: context.namespace,
    subjectId: context.subjectId,
    status: context.status,
    savedContext: context.savedContext,
    version: context.version,
    stepCount: context.stepCount,
    ttlMs: context.ttlMs,
    sliding: context.sliding,
    openedAt: context.openedAt.toISOString(),
    expiresAt: context.expiresAt.toISOString(),
    lastStepAt: context.lastStepAt?.toISOString() ?? null,
    closedAt: context.closedAt?.toISOString() ?? null,
  }
}

/** With the state token: for the one answer that tells it. */
export function openedContextJson(context: OpenedContext): OpenedContextJson {
  return { ...contextJson(context), stateToken: context.stateToken }
}

export function contextWithStepsJson(context: ContextWithSteps): ContextWithStepsJson {
  return { ...contextJson(context), steps: context.steps.map(contextStepJson) }
}

export function contextStepJson(step: ContextStep): ContextStepJson {
  return {
    id: step.id,
    contextId: step.contextId,
    stepIndex: step.stepIndex,
    action: step.action,
    request: step.request,
    response: step.response,
    requestHash: step.requestHash,
    responseHash: step.responseHash,
    hashOnly: step.hashOnly,
    createdAt: step.createdAt.toISOString(),
  }
}

export function recordedStepJson(step: RecordedStep): RecordedStepJson {
  const { replayed, stepCount, expiresAt } = step
  return { ...contextStepJson(step), replayed, stepCount, expiresAt: expiresAt.toISOString() }
}

export function runReportJson({ results, context, ...figures }: RunReport): RunReportJson {
  return { ...figures, results: results.map(resultJson), context: contextWithStepsJson(context) }
}

function resultJson(result: RunStepResult): RunStepResultJson {
  if (result.status === 'recorded') return result
  const { code, message, problems, expected, actual } = result.error as Error & FailureJson
  return { ...result, error: { code, message, problems, expected, actual } }
}
