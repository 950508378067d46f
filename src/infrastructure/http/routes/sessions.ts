import type { FastifyInstance } from 'fastify'
import type { JsonValue } from '../../../domain/canonical-json.js'
import { InvalidInputError } from '../../../domain/errors.js'
import type { Page } from '../../../domain/page.js'
import type { Session } from '../../../domain/sessions/session.js'
import { sessionJson } from '../../../domain/sessions/session-archive.js'
import type {
  CreateSessionInput,
  ListSessionsOptions,
  SessionService,
  UpdateSessionInput,
} from '../../../domain/sessions/session-service.js'
import { createBody, keyHeaders, listQuery, sessionParams, updateBody } from '../input-schemas.js'
import { answers, described, session, sessionPage, verifyReport } from '../output-schemas.js'
import { headerText } from '../request-headers.js'
import { type RouteScope, type SessionParams, sendSession } from '../route-scope.js'

const tags = ['sessions']

/** Making, finding, changing and checking sessions. */
export function addSessionRoutes(app: FastifyInstance, scope: RouteScope): void {
  addCreate(app, scope)
  addList(app, scope)
  addOne(app, scope)
}

function addCreate(app: FastifyInstance, scope: RouteScope): void {
  const response = answers({
    200: described(session, 'With `orGet`: the session with this external id, made if there was none'),
    201: described(session, 'The new session'),
  })
  const schema = { tags, summary: 'Create a session', headers: keyHeaders, body: createBody, response }
  app.post<{ Body: CreateSessionInput & { orGet?: boolean } }>('/v1/sessions', { schema }, async (request, reply) => {
    const { sessions } = scope.store(request)
    const { orGet, ...fields } = request.body
    const input = { ...fields, idempotencyKey: headerText(request, 'Idempotency-Key') }
    // Without an external id the library says what is missing.
    const identified = input as CreateSessionInput & { externalId: string }
    const made = orGet ? await sessions.getOrCreate(identified) : await sessions.create(input)
    return sendSession(reply.code(orGet ? 200 : 201), made, scope)
  })
}

type ListQuery = Omit<ListSessionsOptions, 'metadata'> & { metadata?: string; externalId?: string }

function addList(app: FastifyInstance, scope: RouteScope): void {
  const response = answers({ 200: described(sessionPage, 'One page, newest first unless `order` says otherwise') })
  const schema = { tags, summary: 'List sessions', querystring: listQuery, response }
  app.get<{ Querystring: ListQuery }>('/v1/sessions', { schema }, async (request) => {
    const { sessions } = scope.store(request)
    const { externalId, ...filters } = request.query
    const page =
      externalId === undefined
        ? await sessions.list(listOptions(filters))
        : await found(sessions, externalId, Object.keys(filters))
    return { ...page, items: page.items.map(sessionJson) }
  })
}

async function found(sessions: SessionService, externalId: string, others: string[]): Promise<Page<Session>> {
  if (others.length > 0) {
    throw new InvalidInputError([{ path: 'externalId', message: `stands alone; leave out ${others.join(', ')}` }])
  }
  const session = await sessions.find({ externalId })
  return { items: session ? [session] : [], nextCursor: null, previousCursor: null }
}

function listOptions({ metadata, ...rest }: ListQuery): ListSessionsOptions {
  return { ...rest, metadata: metadata === undefined ? undefined : metadataFilter(metadata) }
}

function metadataFilter(text: string): Record<string, JsonValue> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, JsonValue>
  } catch {
    // Said below, with what would do.
  }
  throw new InvalidInputError([{ path: 'metadata', message: 'is not a JSON object such as {"channel":"web"}' }])
}

function addOne(app: FastifyInstance, scope: RouteScope): void {
  const one = { tags, params: sessionParams }
  const response = answers({ 200: described(session, 'The session') })
  app.get<{ Params: SessionParams }>(
    '/v1/sessions/:id',
    { schema: { ...one, summary: 'Get a session', response } },
    async (request, reply) => sendSession(reply, await scope.store(request).sessions.get(request.params.id), scope),
  )
  app.patch<{ Params: SessionParams; Body: UpdateSessionInput }>(
    '/v1/sessions/:id',
    { schema: { ...one, summary: 'Change title, status or metadata', body: updateBody, response } },
    async (request, reply) => {
      const { sessions } = scope.store(request)
      return sendSession(reply, await sessions.update(request.params.id, request.body), scope)
    },
  )
  addDelete(app, scope)
  addVerify(app, scope)
}

function addDelete(app: FastifyInstance, scope: RouteScope): void {
  const response = answers({ 204: { type: 'null', description: 'Gone, with everything recorded in it' } })
  const schema = { tags, summary: 'Delete a session', params: sessionParams, response }
  app.delete<{ Params: SessionParams }>('/v1/sessions/:id', { schema }, async (request, reply) => {
    await scope.store(request).sessions.delete(request.params.id)
    return reply.code(204).send()
  })
}

function addVerify(app: FastifyInstance, scope: RouteScope): void {
  const response = answers({ 200: described(verifyReport, 'What was checked, and what is wrong') })
  const schema = { tags, summary: 'Recompute hashes, order and sums', params: sessionParams, response }
  app.get<{ Params: SessionParams }>('/v1/sessions/:id/verify', { schema }, async (request) =>
    scope.store(request).sessions.verify(request.params.id),
  )
}
