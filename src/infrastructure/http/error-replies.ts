import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { InvalidInputError, isHansardError } from '../../domain/errors.js'
import { problemReply, ServiceError } from './problem.js'
import { schemaProblems } from './schema-validation.js'
import type { Observer } from './service-events.js'

/**
 * Answers what fails in the routes of `app`. What a host's own hooks refused, such as its
 * authentication, goes on to the host's handler: `isOutermost` says that there is none.
 */
export function answerErrors(app: FastifyInstance, observe: Observer, { isOutermost }: { isOutermost: boolean }): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const known = asOurs(error, request)
    if (known === error && !isOutermost && isForeignRefusal(error)) throw error
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

const isForeignRefusal = (error: FastifyError) =>
  !isOurs(error) && error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500

/** Fastify's own refusals under our codes; anything else as it is. */
function asOurs(error: FastifyError, request: FastifyRequest): unknown {
  if (isOurs(error)) return error
  if (error.validation) return new InvalidInputError(schemaProblems(error.validation))
  if (request.raw.readableAborted) return invalidRequest('The request ended before its body did.')
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') return bodyTooLarge()
  if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return mediaTypeUnsupported(request)
  const isRefusal = error.statusCode !== undefined && error.statusCode < 500
  return isRefusal && error.code?.startsWith('FST_') ? invalidRequest(error.message) : error
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
