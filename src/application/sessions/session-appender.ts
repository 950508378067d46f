import { ConflictError } from '../../domain/errors.js'
import { SessionMessage } from '../../domain/sessions/message.js'
import type { NewMessage } from '../../domain/sessions/session-message-repository.js'
import type { AppendMessageInput, AppendOptions } from '../../domain/sessions/session-service.js'
import type { UsageEntry } from '../../domain/sessions/token-usage.js'
import { idempotencyKey } from '../idempotency.js'
import { requireText, validated } from '../validated.js'
import { type MessageContext, newMessage, usageEntry, usageOf } from './new-messages.js'
import { AppendOptionsFields } from './session-inputs.js'
import { messageContext, type SessionServiceParts, sessionNotFound } from './session-service-parts.js'

/** The append path: check everything, then one atomic write. */
export class SessionAppender {
  constructor(private readonly parts: SessionServiceParts) {}

  /** `path` names a message of the batch in errors. */
  async append(
    id: string,
    plain: AppendMessageInput[],
    plainOptions: AppendOptions,
    path: (index: number) => string,
  ): Promise<SessionMessage[]> {
    const redactor = await this.parts.findRedactor?.()
    const context = { ...messageContext(this.parts, requireText(id, 'id')), redactor }
    const options = validated(AppendOptionsFields, plainOptions, 'options')
    // From, because map would pass over the holes of a sparse list.
    const messages = Array.from(plain, (message, index) => newMessage(message, path(index), context))
    if (messages.length === 0) return this.appendNothing(id, options)
    const usage = usageOfMessages(plain, path, context)
    const payload = payloadOf(redactor ? asStored(plain, messages) : plain, options.idempotencyKey)
    const key = idempotencyKey(id, options.idempotencyKey, payload)
    const { expectedSequence } = options
    const request = { sessionId: id, messages, usage, expectedSequence, key, at: context.at }
    const result = await this.parts.messages.append(request)
    if (result.isReplay) return this.stored(id, result.firstSequence, result.lastSequence)
    this.parts.follower.notify(id)
    return messages.map((message, index) => storedMessage(message, result.firstSequence + index))
  }

  private async appendNothing(id: string, options: AppendOptionsFields): Promise<SessionMessage[]> {
    const session = await this.parts.sessions.getById(id)
    if (!session) throw sessionNotFound(this.parts, id)
    const expected = options.expectedSequence
    const actual = session.lastSequence
    if (expected === undefined || expected === actual) return []
    const message = `Session "${id}" is at sequence ${actual}, expected ${expected}. Read on from there and try again.`
    throw new ConflictError('SEQUENCE_CONFLICT', { kind: 'session', id, expected, actual }, message)
  }

  /** What an append stored. */
  private async stored(id: string, first: number, last: number): Promise<SessionMessage[]> {
    const limit = last - first + 1
    const messages = await this.parts.messages.getForSession(id, { after: first - 1, before: last + 1, limit })
    if (messages.length === limit) return messages
    const text = `This append was made before, as messages ${first} to ${last} of session "${id}", and truncated since. Use a new key to append again.`
    throw new ConflictError(
      'MESSAGES_TRUNCATED',
      { kind: 'session', id, expected: limit, actual: messages.length },
      text,
    )
  }
}

function usageOfMessages(
  plain: AppendMessageInput[],
  path: (index: number) => string,
  context: MessageContext,
): UsageEntry[] {
  return plain.flatMap((message, index) => {
    if (!message.usage) return []
    const details = { kind: 'delta' as const, model: message.usage.model ?? null }
    return [usageEntry(usageOf(message.usage, `${path(index)}.usage`), details, context)]
  })
}

/** A hash of what was hidden would still tell whether a guess is right. */
const asStored = (plain: AppendMessageInput[], messages: NewMessage[]): AppendMessageInput[] =>
  plain.map((message, index) => {
    const { content = message.content, metadata } = messages[index] ?? {}
    return { ...message, content, ...(message.metadata && { metadata }) }
  })

/** The same instant is the same payload, however it was written. */
function payloadOf(plain: AppendMessageInput[], key: string | undefined): object {
  if (key === undefined) return {}
  const instant = (value: Date | string | null | undefined) =>
    value === null || value === undefined ? undefined : new Date(value).toISOString()
  return { call: 'append', messages: plain.map((message) => ({ ...message, createdAt: instant(message.createdAt) })) }
}

function storedMessage({ contentText: _, metadataText: __, ...message }: NewMessage, sequence: number): SessionMessage {
  return Object.assign(new SessionMessage(), message, { sequence })
}
