import { hashJson, type JsonObject, type JsonValue, storedJson } from '../../domain/canonical-json.js'
import { Context, ContextStep } from '../../domain/contexts/context.js'
import type { NewStep } from '../../domain/contexts/context-repository.js'
import type { StepInput } from '../../domain/contexts/context-service.js'
import { ConflictError, type InvalidInputCode, InvalidInputError } from '../../domain/errors.js'
import { idempotencyKey } from '../idempotency.js'
import { validated } from '../validated.js'
import { defaultTtlMs, type OpenContextFields, StepFields } from './context-inputs.js'
import type { ContextLimits } from './context-limits.js'
import type { ContextServiceParts } from './context-service-parts.js'

export function newContext(input: OpenContextFields, parts: ContextServiceParts): Context {
  const savedContext = fitting(input.savedContext ?? {}, parts.limits, 'savedContext')
  const { ttlMs = defaultTtlMs } = input
  const openedAt = parts.clock()
  return Object.assign(new Context(), {
    id: parts.newId(),
    namespace: parts.namespace,
    subjectId: input.subjectId ?? null,
    status: 'open',
    savedContext,
    version: 1,
    stepCount: 0,
    ttlMs,
    sliding: input.sliding ?? false,
    openedAt,
    expiresAt: new Date(openedAt.getTime() + ttlMs),
    lastStepAt: null,
    closedAt: null,
  } as const)
}

/**
 * The saved context as it is stored.
 *
 * @throws {InvalidInputError} CONTEXT_TOO_MANY_KEYS, CONTEXT_TOO_LARGE
 */
export function fitting(savedContext: JsonObject, limits: ContextLimits, path: string): JsonObject {
  const { text, value } = storedJson(savedContext, path)
  const bytes = Buffer.byteLength(text)
  const keys = Object.keys(value as JsonObject).length
  if (keys > limits.contextKeys) {
    throw tooMuch('CONTEXT_TOO_MANY_KEYS', path, `has ${keys} top-level keys; at most ${limits.contextKeys} are taken`)
  }
  if (bytes > limits.contextBytes) {
    throw tooMuch('CONTEXT_TOO_LARGE', path, `is ${bytes} bytes as JSON; at most ${limits.contextBytes} are taken`)
  }
  return value as JsonObject
}

/** Checks a step and brings it to its stored form; its context and index are given later. */
export function newStep(plain: StepInput, path: string, parts: ContextServiceParts): NewStep {
  const input = validated(StepFields, plain, path)
  const { action = null, hashOnly = false } = input
  const at = (name: string) => (path ? `${path}.${name}` : name)
  const request = storedJson(input.request, at('request'))
  const response = storedResponse(input.response, at('response'))
  assertStepFits(request.text + (response.text ?? ''), parts.limits, path)
  const kept = <T>(value: T) => (hashOnly ? null : value)
  const step = Object.assign(new ContextStep(), {
    id: parts.newId(),
    namespace: parts.namespace,
    contextId: '',
    stepIndex: 0,
    action,
    request: kept(request.value),
    response: kept(response.value),
    requestHash: hashJson(request.value),
    responseHash: response.hash,
    hashOnly,
    createdAt: parts.clock(),
  })
  // The response is what a replay brings back, so it is no part of what must be the same.
  const key = idempotencyKey('', input.idempotencyKey, { action, request: request.value })
  return { step, requestText: kept(request.text), responseText: kept(response.text), key }
}

function storedResponse(
  response: unknown,
  path: string,
): { text: string | null; value: JsonValue; hash: string | null } {
  if (response === undefined) return { text: null, value: null, hash: null }
  const { text, value } = storedJson(response, path)
  return { text, value, hash: hashJson(value) }
}

function assertStepFits(text: string, { stepBytes }: ContextLimits, path: string): void {
  const bytes = Buffer.byteLength(text)
  if (bytes <= stepBytes) return
  const message = `request and response are ${bytes} bytes as JSON; at most ${stepBytes} are taken`
  throw tooMuch('STEP_TOO_LARGE', path, message)
}

export function stepCapReached(id: string, cap: number): ConflictError {
  const message = `Context "${id}" has ${cap} steps, the most it takes. Close it and open another.`
  return new ConflictError('STEP_CAP_REACHED', { kind: 'context', id, expected: cap, actual: cap }, message)
}

function tooMuch(code: InvalidInputCode, path: string, message: string): InvalidInputError {
  return new InvalidInputError([{ path, message }], code)
}
