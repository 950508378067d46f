import type { JsonObject, JsonValue } from '../../../domain/canonical-json.js'
import { Context, type ContextStatus, ContextStep } from '../../../domain/contexts/context.js'
import type { NewStep } from '../../../domain/contexts/context-repository.js'
import { StorageError } from '../../../domain/errors.js'
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

/** @throws {StorageError} STORAGE_FAILED: another program wrote something else than we would read */
export function contextFromRow(row: ContextRow): Context {
  const context = new Context()
  context.id = row.id
  context.namespace = row.namespace
  context.subjectId = row.subject_id
  context.status = row.status
  context.savedContext = savedContextOf(row)
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

function savedContextOf({ id, saved_context }: ContextRow): JsonObject {
  const value = parsed(saved_context)
  if (isObject(value)) return value
  const message = `The saved context of context "${id}" is not a JSON object any more. ${wayOut}`
  throw new StorageError('STORAGE_FAILED', message)
}

/** Whether `contextFromRow` reads it. */
export function isReadable({ saved_context }: Pick<ContextRow, 'saved_context'>): boolean {
  return isObject(parsed(saved_context))
}

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The value of a text; undefined when it is not JSON. The parser's words would tell of what was said. */
function parsed(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue
  } catch {
    return undefined
  }
}

const wayOut =
  'Something other than Hansard wrote it: restore it from a backup, or let it expire and be purged; "hansard doctor" finds all such rows.'

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
  step.request = stepJson(row, 'request')
  step.response = stepJson(row, 'response')
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

function stepJson(row: StepRow, name: 'request' | 'response'): JsonValue {
  const text = row[name]
  const value = text === null ? null : parsed(text)
  if (value !== undefined) return value
  const message = `The ${name} of step ${row.step_index} of context "${row.context_id}" is not JSON any more. ${wayOut}`
  throw new StorageError('STORAGE_FAILED', message)
}

/** Whether `stepFromRow` reads it. */
export function isReadableStep({ request, response }: Pick<StepRow, 'request' | 'response'>): boolean {
  return [request, response].every((text) => text === null || parsed(text) !== undefined)
}
