import type { JsonObject, JsonValue } from '../../../domain/canonical-json.js'
import { Context, type ContextStatus, ContextStep } from '../../../domain/contexts/context.js'
import type { NewStep } from '../../../domain/contexts/context-repository.js'
import type { IdempotencyKey } from '../../../domain/idempotency.js'

export const contextColumns =
  'id, namespace, subject_id, status, saved_context, version, step_count, ttl_ms, sliding, opened_at, expires_at, last_step_at, closed_at'
/** What only the repository knows of a context; no read gives the token's hash away. */
export const hiddenColumns = 'token_hash, change_id, idempotency_key, payload_hash'

export interface ContextRow {
  id: string
  namespace: string
  subject_id: string | null
  status: ContextStatus
  saved_context: string
  version: number
  step_count: number
  ttl_ms: number | string
  sliding: number
  opened_at: number | string
  expires_at: number | string
  last_step_at: number | string | null
  closed_at: number | string | null
}

export function contextFromRow(row: ContextRow): Context {
  const context = new Context()
  context.id = row.id
  context.namespace = row.namespace
  context.subjectId = row.subject_id
  context.status = row.status
  context.savedContext = JSON.parse(row.saved_context) as JsonObject
  context.version = row.version
  context.stepCount = row.step_count
  context.ttlMs = Number(row.ttl_ms)
  context.sliding = row.sliding === 1
  context.openedAt = new Date(Number(row.opened_at))
  context.expiresAt = new Date(Number(row.expires_at))
  context.lastStepAt = dateOr(row.last_step_at)
  context.closedAt = dateOr(row.closed_at)
  return context
}

export function contextParameters(context: Context, tokenHash: string, key?: IdempotencyKey): unknown[] {
  return [
    context.id,
    context.namespace,
    context.subjectId,
    context.status,
    JSON.stringify(context.savedContext),
    context.version,
    context.stepCount,
    context.ttlMs,
    context.sliding ? 1 : 0,
    context.openedAt.getTime(),
    context.expiresAt.getTime(),
    context.lastStepAt?.getTime() ?? null,
    context.closedAt?.getTime() ?? null,
    tokenHash,
    context.id,
    key?.key ?? null,
    key?.payloadHash ?? null,
  ]
}

export const stepColumns =
  'id, namespace, context_id, step_index, action, request, response, request_hash, response_hash, created_at'
export const hiddenStepColumns = 'idempotency_key, payload_hash'

export interface StepRow {
  id: string
  namespace: string
  context_id: string
  step_index: number
  action: string | null
  request: string | null
  response: string | null
  request_hash: string
  response_hash: string | null
  created_at: number | string
}

export function stepFromRow(row: StepRow): ContextStep {
  const step = new ContextStep()
  step.id = row.id
  step.namespace = row.namespace
  step.contextId = row.context_id
  step.stepIndex = row.step_index
  step.action = row.action
  step.request = jsonOr(row.request)
  step.response = jsonOr(row.response)
  step.requestHash = row.request_hash
  step.responseHash = row.response_hash
  // A request is any JSON value, and null has a text too.
  step.hashOnly = row.request === null
  step.createdAt = new Date(Number(row.created_at))
  return step
}

export function stepParameters({ step, requestText, responseText, key }: NewStep): unknown[] {
  return [
    step.id,
    step.namespace,
    step.contextId,
    step.stepIndex,
    step.action,
    requestText,
    responseText,
    step.requestHash,
    step.responseHash,
    step.createdAt.getTime(),
    key?.key ?? null,
    key?.payloadHash ?? null,
  ]
}

const dateOr = (at: number | string | null) => (at === null ? null : new Date(Number(at)))
const jsonOr = (text: string | null) => (text === null ? null : (JSON.parse(text) as JsonValue))
