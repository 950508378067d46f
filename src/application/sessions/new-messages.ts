import { hashJson, type JsonObject, sha256, storedJson } from '../../domain/canonical-json.js'
import { InvalidInputError } from '../../domain/errors.js'
import type { IdFactory } from '../../domain/ids.js'
import type { Redactor } from '../../domain/redaction.js'
import type { NewMessage } from '../../domain/sessions/session-message-repository.js'
import type { AppendMessageInput } from '../../domain/sessions/session-service.js'
import { TokenUsage, type TokenUsageInput, UsageEntry } from '../../domain/sessions/token-usage.js'
import { redactedJson } from '../redacted-json.js'
import { validated } from '../validated.js'
import { AppendMessageFields, MessageUsageFields } from './session-inputs.js'

export interface MessageContext {
  sessionId: string
  namespace: string
  at: Date
  newId: IdFactory
  limits: SessionLimits
  /** What it finds is hidden before anything is measured, hashed or stored. */
  redactor?: Redactor
}

/** Configurable limits, in bytes of the stored JSON as UTF-8. */
export interface SessionLimits {
  /** Defaults to 8 MiB; at most 64 MiB, which the schema enforces. */
  messageBytes: number
  /** Defaults to 64 KiB. */
  metadataBytes: number
}

export const defaultLimits: SessionLimits = { messageBytes: 8 * 1024 * 1024, metadataBytes: 64 * 1024 }

/** Checks a message and brings it to its stored form, before any connection is taken. */
export function newMessage(plain: AppendMessageInput, path: string, context: MessageContext): NewMessage {
  const input = validated(AppendMessageFields, plain, path)
  const { text: contentText, value: content } = redactedStored(input.content, `${path}.content`, context)
  const bytes = Buffer.byteLength(contentText)
  if (bytes > context.limits.messageBytes) {
    const message = `is ${bytes} bytes as JSON; at most ${context.limits.messageBytes} are taken`
    throw new InvalidInputError([{ path: `${path}.content`, message }], 'MESSAGE_TOO_LARGE')
  }
  const metadata = storedMetadata(input.metadata ?? {}, `${path}.metadata`, context.limits, context.redactor)
  return {
    id: context.newId(),
    namespace: context.namespace,
    sessionId: context.sessionId,
    role: input.role,
    content,
    contentText,
    metadata: metadata.value,
    metadataText: metadata.text,
    toolCallId: input.toolCallId ?? null,
    tokenCount: input.tokenCount ?? null,
    // JSON.stringify of a bare string is its canonical form already.
    contentHash: typeof content === 'string' ? sha256(contentText) : hashJson(content),
    createdAt: input.createdAt === undefined ? context.at : new Date(input.createdAt),
    recordedAt: context.at,
  }
}

/** Checked as it was given, kept as it was redacted. */
function redactedStored(given: unknown, path: string, { redactor }: Pick<MessageContext, 'redactor'>) {
  const stored = storedJson(given, path)
  if (!redactor) return stored
  return storedJson(redactedJson(stored.value, redactor), path)
}

/** @throws {InvalidInputError} when it is larger than the limit, or holds what JSON cannot carry */
export function storedMetadata(
  metadata: object,
  path: string,
  limits: SessionLimits,
  redactor?: Redactor,
): { text: string; value: JsonObject } {
  const { text, value } = redactedStored(metadata, path, { redactor })
  const bytes = Buffer.byteLength(text)
  if (bytes <= limits.metadataBytes) return { text, value: value as JsonObject }
  throw new InvalidInputError([
    { path, message: `is ${bytes} bytes as JSON; at most ${limits.metadataBytes} are taken` },
  ])
}

export function usageOf(
  plain: TokenUsageInput,
  path: string,
  Fields: new () => TokenUsageInput = MessageUsageFields,
): TokenUsage {
  const input = validated(Fields, plain, path)
  const usage = new TokenUsage()
  usage.inputTokens = input.inputTokens ?? 0
  usage.cacheReadTokens = input.cacheReadTokens ?? 0
  usage.cacheWriteTokens = input.cacheWriteTokens ?? 0
  usage.outputTokens = input.outputTokens ?? 0
  usage.reasoningTokens = input.reasoningTokens ?? 0
  // Rounded once, here, so that what is summed is what is stored.
  usage.estimatedCostUsd = Math.round((input.estimatedCostUsd ?? 0) * 1e9) / 1e9
  return usage
}

export function usageEntry(
  usage: TokenUsage,
  details: { kind: UsageEntry['kind']; model: string | null },
  context: MessageContext,
): UsageEntry {
  return Object.assign(new UsageEntry(), usage, details, {
    id: context.newId(),
    namespace: context.namespace,
    sessionId: context.sessionId,
    sequence: 0,
    createdAt: context.at,
  })
}
