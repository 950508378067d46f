import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { InvalidInputError, isHansardError } from '../../domain/errors.js'
import { problemReply, ServiceError } from './problem.js'
import { schemaProblems } from './schema-validation.js'
import type { Observer } from './service-events.js'

/** Answers what fails in the service by itself, whoever failed. */
export function answerErrors(app: FastifyInstance, observe: Observer): void {
  app.setErrorHandler((error: FastifyError, request, reply) =>
    sendProblem(asOurs(error, request) ?? error, request, reply, observe),
  )
}

/** Requests that failed in code of ours, not in a hook of the host. */
const failedHere = new WeakSet<FastifyRequest>()

/** Runs a piece of ours that answers `request`, so that its failure is known for ours. */
export async function answering<T>(request: FastifyRequest, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    failedHere.add(request)
    throw error
  }
}

/** And those in which something of the host's failed, that we had called. */
const failedAtHost = new WeakSet<FastifyRequest>()

/** Asks the host about `request`: a refusal, by its status, is for the host's own handler, and a fault is ours to hide. */
export function askingHost<T>(request: FastifyRequest, ask: () => T): T {
  try {
    return ask()
  } catch (error) {
    const { statusCode, status = statusCode } = error as { statusCode?: unknown; status?: unknown }
    if (typeof status === 'number' && status >= 400 && status < 500) failedAtHost.add(request)
    throw error
  }
}

/**
 * Answers what fails in the routes of `app`. What the host's own hooks throw, be it even an error of
 * this library, goes on to the host's handler: it knows what its hooks mean.
 */
export function answerOwnErrors(app: FastifyInstance, observe: Observer): void {
  app.addHook('onRoute', (route) => {
    const { handler } = route
    route.handler = function (request, reply) {
      return answering(request, () => handler.call(this, request, reply))
    }
  })
  // Async, because Fastify takes what a plain handler throws for an error only if it is an Error.
  app.setErrorHandler(async (error: FastifyError, request, reply) => {
    const isOurs = failedHere.has(request) && !failedAtHost.has(request)
    const known = isOurs ? (asOurs(error, request) ?? error) : ofFastify(error, request)
    if (known === undefined) throw error
    return sendProblem(known, request, reply, observe)
  })
}

export function sendProblem(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  observe: Observer,
): FastifyReply {
  const { problem, headers, isFault } = problemReply(error)
  if (isFault) request.log.error({ code: problem.code, err: error }, 'request failed')
  observe({ type: 'problem', code: problem.code })
  return reply
    .code(problem.status)
    .headers({ ...headers, 'cache-control': 'no-store' })
    .type('application/problem+json')
    .send(JSON.stringify(problem))
}

const isOurs = (error: unknown): boolean => error instanceof ServiceError || isHansardError(error)

/** An error that has a code of ours, or is given one; else undefined. */
function asOurs(error: FastifyError, request: FastifyRequest): unknown {
  if (isOurs(error)) return error
  const known = ofFastify(error, request)
  if (known) return known
  const isRefusal = error?.statusCode !== undefined && error.statusCode < 500
  return isRefusal && error.code?.startsWith('FST_') ? invalidRequest(error.message) : undefined
}

/** What Fastify itself refuses in the body and by the schemas of a route, under our codes. */
function ofFastify(error: FastifyError | undefined, request: FastifyRequest): unknown {
  if (error?.validation) return new InvalidInputError(schemaProblems(error.validation))
  if (request.raw.readableAborted) return invalidRequest('The request ended before its body did.')
  if (!error?.code?.startsWith?.('FST_ERR_CTP_')) return undefined
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') return bodyTooLarge()
  if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return mediaTypeUnsupported(request)
  return invalidRequest(error.message)
}

export function bodyTooLarge(limit?: number): ServiceError {
  const most = limit === undefined ? 'the limit of this service' : `${limit} bytes`
  return new ServiceError('BODY_TOO_LARGE', `The body is larger than ${most}. Send it in parts.`)
}

export function mediaTypeUnsupported(request: FastifyRequest): ServiceError {
  const given = JSON.stringify(request.headers['content-type'] ?? 'none')
  return new ServiceError('MEDIA_TYPE_UNSUPPORTED', `Content type ${given} is not taken here. Send application/json.`)
}

export const invalidRequest = (message: string) => new InvalidInputError([{ path: '', message }])
