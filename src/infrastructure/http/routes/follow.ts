import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { eventStream } from '../event-stream.js'
import { followHeaders, followQuery, sessionParams } from '../input-schemas.js'
import { answers } from '../output-schemas.js'
import { lastEventId } from '../request-headers.js'
import type { RouteScope, SessionParams } from '../route-scope.js'

/** A session's messages as Server-Sent Events, the ones there are and then the ones that come. */
export function addFollowRoute(app: FastifyInstance, scope: RouteScope): void {
  const content = { 'text/event-stream': { schema: { type: 'string' } } }
  const response = answers({ 200: { description: 'One event for each message', content } })
  const input = { params: sessionParams, headers: followHeaders, querystring: followQuery }
  const schema = { tags: ['messages'], summary: 'Follow a session', ...input, response }
  app.get<{ Params: SessionParams; Querystring: { after?: number } }>(
    '/v1/sessions/:id/follow',
    { schema, exposeHeadRoute: false },
    async (request, reply) => {
      const { sessions } = scope.store(request)
      const { id } = request.params
      const after = lastEventId(request) ?? request.query.after
      // What does not exist is a plain 404, at which a browser stops asking.
      await sessions.get(id)
      const signal = untilGone(reply, scope)
      const frames = eventStream(sessions.follow(id, { after, signal }), signal, scope.heartbeatMs)
      return reply
        .headers({ 'cache-control': 'no-store', 'x-accel-buffering': 'no' })
        .type('text/event-stream; charset=utf-8')
        .send(Readable.from(frames, { objectMode: false }))
    },
  )
}

/** Aborted when the client goes or the server closes. */
function untilGone({ raw }: FastifyReply, { closing, observe }: RouteScope): AbortSignal {
  // Gone already, and its close with it: there is nobody to count.
  if (raw.destroyed) return AbortSignal.abort()
  const controller = new AbortController()
  const end = () => controller.abort()
  observe({ type: 'follower', change: 1 })
  closing.addEventListener('abort', end)
  raw.once('close', () => {
    end()
    closing.removeEventListener('abort', end)
    observe({ type: 'follower', change: -1 })
  })
  if (closing.aborted) end()
  return controller.signal
}
