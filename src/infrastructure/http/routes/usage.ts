import type { FastifyInstance } from 'fastify'
import { InvalidInputError, isHansardError } from '../../../domain/errors.js'
import type { Session } from '../../../domain/sessions/session.js'
import type { SessionService, UsageOptions } from '../../../domain/sessions/session-service.js'
import type { TokenUsageInput } from '../../../domain/sessions/token-usage.js'
import { keyHeaders, sessionParams, usageBody } from '../input-schemas.js'
import { answers, described, session, usageReport } from '../output-schemas.js'
import { headerText } from '../request-headers.js'
import { type RouteScope, type SessionParams, sendSession } from '../route-scope.js'

const tags = ['usage']
const report = answers({ 200: described(usageReport, 'Usage by model and by UTC day') })

interface UsageBody {
  add?: TokenUsageInput
  set?: TokenUsageInput
  model?: string | null
}

/** Recording and reporting what sessions cost. */
export function addUsageRoutes(app: FastifyInstance, scope: RouteScope): void {
  addRecord(app, scope)
  const ofSession = { tags, summary: 'Usage of a session', params: sessionParams, response: report }
  app.get<{ Params: SessionParams }>('/v1/sessions/:id/usage', { schema: ofSession }, async (request) =>
    scope.store(request).sessions.usage(request.params.id),
  )
  const ofNamespace = { tags, summary: 'Usage of the namespace', response: report }
  app.get('/v1/usage', { schema: ofNamespace }, async (request) => scope.store(request).sessions.usage())
}

function addRecord(app: FastifyInstance, scope: RouteScope): void {
  const response = answers({ 200: described(session, 'The session with its new totals') })
  const input = { params: sessionParams, headers: keyHeaders, body: usageBody }
  const schema = { tags, summary: 'Add to the totals, or set them', ...input, response }
  app.post<{ Params: SessionParams; Body: UsageBody }>('/v1/sessions/:id/usage', { schema }, async (request, reply) => {
    const { sessions } = scope.store(request)
    const options = { model: request.body.model, idempotencyKey: headerText(request, 'Idempotency-Key') }
    return sendSession(reply, await record(sessions, request.params.id, request.body, options), scope)
  })
}

async function record(
  sessions: SessionService,
  id: string,
  { add, set }: UsageBody,
  options: UsageOptions,
): Promise<Session> {
  if ((add === undefined) === (set === undefined)) {
    throw new InvalidInputError([{ path: '', message: 'needs exactly one of add and set' }])
  }
  const recording = add ? sessions.updateTokenUsage(id, add, options) : sessions.setTokenUsage(id, set ?? {}, options)
  return recording.catch((error: unknown) => {
    throw inBody(error, add ? 'add' : 'set')
  })
}

/** The same error, its paths naming places in the body in place of the library's argument. */
function inBody(error: unknown, field: string): unknown {
  if (!isHansardError(error, 'INVALID_INPUT')) return error
  const { problems } = error as InvalidInputError
  return new InvalidInputError(
    problems.map(({ path, message }) => ({ path: path.replace(/^usage\b/, field), message })),
  )
}
