import type { SessionMessage } from '../../domain/sessions/message.js'
import type { FollowOptions } from '../../domain/sessions/session-service.js'
import { requireText, validated } from '../validated.js'
import { FollowFields } from './session-inputs.js'
import { type SessionServiceParts, sessionNotFound } from './session-service-parts.js'

const pageSize = 500

/**
 * What is there and then what comes, until the signal, the store or the session ends. Leaving it
 * ends it at once, also while it waits.
 */
export function followMessages(
  parts: SessionServiceParts,
  id: string,
  plain: FollowOptions,
): AsyncIterableIterator<SessionMessage> {
  const left = new AbortController()
  const messages = ended(parts, id, plain, left.signal)
  return {
    next: () => messages.next(),
    return(value?: unknown) {
      left.abort()
      return messages.return(value)
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

async function* ended(
  parts: SessionServiceParts,
  id: string,
  plain: FollowOptions,
  left: AbortSignal,
): AsyncGenerator<SessionMessage> {
  parts.calls.assertOpen()
  const { signal = left, ...options } = validated(FollowFields, plain)
  requireText(id, 'id')
  try {
    yield* follow(parts, id, { ...options, signal: AbortSignal.any([signal, left]) })
  } catch (error) {
    // A store that closes under a follower is an end that was asked for.
    if (!parts.follower.isClosed) throw error
  }
}

async function* follow(parts: SessionServiceParts, id: string, options: FollowFields): AsyncGenerator<SessionMessage> {
  const { signal } = options
  let after = options.after ?? 0
  while (!signal?.aborted && !parts.follower.isClosed) {
    // Listening begins before the read, so that what comes in between is not slept over.
    const { ready, reached, cancel } = parts.follower.waitForMore(id, after, signal)
    try {
      const { messages: page, isCut } = await parts.messages.pageForSession(id, { after, limit: pageSize })
      if (page.length === 0) await assertExists(parts, id)
      after = page.at(-1)?.sequence ?? after
      reached(after)
      yield* untilAborted(page, signal)
      // A page that is not full was the end: what comes after it wakes us.
      if (page.length < pageSize && !isCut) await ready
    } finally {
      cancel()
    }
  }
}

function* untilAborted(page: SessionMessage[], signal?: AbortSignal): Generator<SessionMessage> {
  for (const message of page) {
    if (signal?.aborted) return
    yield message
  }
}

async function assertExists(parts: SessionServiceParts, id: string): Promise<void> {
  if (!(await parts.sessions.getById(id))) throw sessionNotFound(parts, id)
}
