import type { FastifyInstance } from 'fastify'
import { messageJson } from '../../../domain/sessions/session-archive.js'
import type { AppendMessageInput, ListMessagesOptions } from '../../../domain/sessions/session-service.js'
import { appendBody, appendHeaders, messagesQuery, sessionParams, truncateBody } from '../input-schemas.js'
import { answers, appended, described, messagePage, truncated } from '../output-schemas.js'
import { expectedSequence, headerText } from '../request-headers.js'
import { type RouteScope, type SessionParams, sequenceTag } from '../route-scope.js'

const tags = ['messages']
const path = '/v1/sessions/:id/messages'

/** Appending, reading and cutting off messages. */
export function addMessageRoutes(app: FastifyInstance, scope: RouteScope): void {
  addAppend(app, scope)
  addMessages(app, scope)
  addTruncate(app, scope)
}

function addAppend(app: FastifyInstance, scope: RouteScope): void {
  const response = answers({ 201: described(appended, 'The messages as stored') })
  const input = { params: sessionParams, headers: appendHeaders, body: appendBody }
  const schema = { tags, summary: 'Append messages, all or none', ...input, response }
  app.post<{ Params: SessionParams; Body: { messages: AppendMessageInput[] } }>(
    path,
    { schema },
    async (request, reply) => {
      const { sessions } = scope.store(request)
      const key = headerText(request, 'Idempotency-Key')
      const options = { idempotencyKey: key, expectedSequence: expectedSequence(request) }
      const startedAt = performance.now()
      const items = await sessions.appendMessages(request.params.id, request.body.messages, options)
      scope.observe({ type: 'append', messages: items.length, durationMs: performance.now() - startedAt })
      const last = items.at(-1)
      if (last) void reply.header('etag', sequenceTag(last.sequence))
      void reply.code(201)
      return { items: items.map(messageJson) }
    },
  )
}

function addMessages(app: FastifyInstance, scope: RouteScope): void {
  const response = answers({ 200: described(messagePage, 'One page, in ascending order') })
  const schema = { tags, summary: 'Read messages', params: sessionParams, querystring: messagesQuery, response }
  app.get<{ Params: SessionParams; Querystring: ListMessagesOptions }>(path, { schema }, async (request) => {
    const page = await scope.store(request).sessions.messages(request.params.id, { ...request.query })
    return { ...page, items: page.items.map(messageJson) }
  })
}

function addTruncate(app: FastifyInstance, scope: RouteScope): void {
  const response = answers({ 200: described(truncated, 'What was removed, and the record of it') })
  const schema = { tags, summary: 'Remove the messages after one', params: sessionParams, body: truncateBody, response }
  app.post<{ Params: SessionParams; Body: { afterSequence: number } }>(
    '/v1/sessions/:id/truncate',
    { schema },
    async (request) => {
      const { removed, truncation } = await scope.store(request).sessions.truncate(request.params.id, request.body)
      if (!truncation) return { removed, truncation }
      const { afterSequence, lastSequence, removedCount, createdAt } = truncation
      return { removed, truncation: { afterSequence, lastSequence, removedCount, createdAt: createdAt.toISOString() } }
    },
  )
}
