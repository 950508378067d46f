import type { SessionMessage } from '../../domain/sessions/message.js'
import { messageJson } from '../../domain/sessions/session-archive.js'
import { problemReply } from './problem.js'
import { withinOr } from './within.js'

const heartbeat = ': still here\n\n'

/**
 * Messages as Server-Sent Events, with a comment whenever nothing came for a while, so that
 * proxies keep the connection. A failure is the last event, carrying its problem.
 */
export async function* eventStream(
  messages: AsyncIterator<SessionMessage>,
  signal: AbortSignal,
  heartbeatMs: number,
): AsyncGenerator<string> {
  try {
    // Sent at once, so that the client knows that it is connected.
    yield ': following\n\n'
    let next = messages.next()
    while (!signal.aborted) {
      const result = await withinOr(heartbeatMs, next)
      if (result === undefined) {
        yield heartbeat
        continue
      }
      if (result.done) return
      yield messageEvent(result.value)
      next = messages.next()
    }
  } catch (error) {
    yield `event: error\ndata: ${JSON.stringify(problemReply(error).problem)}\n\n`
  } finally {
    await messages.return?.()
  }
}

const messageEvent = (message: SessionMessage) =>
  `id: ${message.sequence}\nevent: message\ndata: ${JSON.stringify(messageJson(message))}\n\n`
