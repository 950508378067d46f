import { hashJson, type JsonObject, toJsonText } from '../../domain/canonical-json.js'
import { Context, ContextStep } from '../../domain/contexts/context.js'
import type { NewStep } from '../../domain/contexts/context-repository.js'
import type { StepInput } from '../../domain/contexts/context-service.js'
import { ConflictError, type InvalidInputCode, InvalidInputError } from '../../domain/errors.js'
import { idempotencyKey } from '../idempotency.js'
import { validated } from '../validated.js'
import { defaultTtlMs, type OpenContextFields, StepFields } from './context-inputs.js'
import type { ContextServiceParts } from './context-service-parts.js'

/** Configurable limits; bytes are those of the stored JSON as UTF-8. */
export interface ContextLimits {
  /** Saved context. Defaults to 16 KiB; at most 1 MiB, which the schema enforces. */
  contextBytes: number
  /** Top-level keys of the saved context. Defaults to 64; at most 1,024. */
  contextKeys: number
  /** Request and response of a step together. Defaults to 4 KiB; at most 64 KiB, which the schema enforces. */
  stepBytes: number
  /** Steps of a context. Defaults to 32; at most 1,024, which the schema enforces. */
  contextSteps: number
  /** Contexts of a namespace that can be used at the same time. Defaults to 10,000; at most 1,000,000. */
  openContexts: number
}

export const defaultContextLimits: ContextLimits = {
  contextBytes: 16 * 1024,
  contextKeys: 64,
  stepBytes: 4 * 1024,
  contextSteps: 32,
  openContexts: 10_000,
}

/** What a limit may be raised to at most. */
export const contextLimitCeilings: ContextLimits = {
  contextBytes: 1024 * 1024,
  contextKeys: 1_024,
  stepBytes: 64 * 1024,
  contextSteps: 1_024,
  openContexts: 1_000_000,
}

export function newContext(input: OpenContextFields, parts: ContextServiceParts): Context {
  const savedContext = input.savedContext ?? {}
  assertFits(savedContext, parts.limits, 'savedContext')
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

/** @throws {InvalidInputError} CONTEXT_TOO_MANY_KEYS, CONTEXT_TOO_LARGE */
export function assertFits(savedContext: JsonObject, limits: ContextLimits, path: string): void {
  const bytes = Buffer.byteLength(toJsonText(savedContext, path))
  const keys = Object.keys(savedContext).length
  if (keys > limits.contextKeys) {
    throw tooMuch('CONTEXT_TOO_MANY_KEYS', path, `has ${keys} top-level keys; at most ${limits.contextKeys} are taken`)
  }
  if (bytes > limits.contextBytes) {
    throw tooMuch('CONTEXT_TOO_LARGE', path, `is ${bytes} bytes as JSON; at most ${limits.contextBytes} are taken`)
  }
}

/** Checks a step and brings it to its stored form; its context and index are given later. */
export function newStep(plain: StepInput, path: string, parts: ContextServiceParts): NewStep {
  const { action = null, request, response, hashOnly = false, ...input } = validated(StepFields, plain, path)
  const at = (name: string) => (path ? `${path}.${name}` : name)
  const requestText = toJsonText(request, at('request'))
  const responseText = response === undefined ? null : toJsonText(response, at('response'))
  const bytes = Buffer.byteLength(requestText) + Buffer.byteLength(responseText ?? '')
  if (bytes > parts.limits.stepBytes) {
    const message = `request and response are ${bytes} bytes as JSON; at most ${parts.limits.stepBytes} are taken`
    throw tooMuch('STEP_TOO_LARGE', path, message)
  }
  const step = Object.assign(new ContextStep(), {
    id: parts.newId(),
    namespace: parts.namespace,
    contextId: '',
    stepIndex: 0,
    action,
    request: hashOnly ? null : request,
    response: hashOnly ? null : (response ?? null),
    requestHash: hashJson(request),
    responseHash: response === undefined ? null : hashJson(response),
    hashOnly,
    createdAt: parts.clock(),
  })
  // The response is what a replay brings back, so it is no part of what must be the same.
  const key = idempotencyKey('', input.idempotencyKey, { action, request })
  return { step, requestText: hashOnly ? null : requestText, responseText: hashOnly ? null : responseText, key }
}

export function stepCapReached(id: string, cap: number): ConflictError {
  const message = `Context "${id}" has ${cap} steps, the most it takes. Close it and open another.`
  return new ConflictError('STEP_CAP_REACHED', { kind: 'context', id, expected: cap, actual: cap }, message)
}

function tooMuch(code: InvalidInputCode, path: string, message: string): InvalidInputError {
  return new InvalidInputError([{ path, message }], code)
}
