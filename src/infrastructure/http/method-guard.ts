import type { FastifyInstance, HTTPMethods } from 'fastify'
import { sendProblem } from './error-replies.js'
import { ServiceError } from './problem.js'
import type { Observer } from './service-events.js'

const methods: HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/**
 * Answers the methods that a path does not have, and the paths that do not exist, in our own
 * words and below our prefix alone: a not-found handler would be the host's business.
 */
export function guardMethods(app: FastifyInstance, observe: Observer): { complete(): void } {
  const known = new Map<string, Set<string>>()
  app.addHook('onRoute', ({ url, path, method, prefix }) => {
    const place = prefix.replace(/\/$/, '')
    const own = url.startsWith(place) ? url.slice(place.length) : path
    const set = known.get(own) ?? new Set()
    for (const name of [method].flat()) set.add(name.toUpperCase())
    known.set(own, set)
  })
  return {
    complete() {
      for (const [url, taken] of [...known]) refuseOthers(app, url, taken, observe)
      refuseRest(app, observe)
    },
  }
}

/** Registers the methods of `url` that are not `taken`, to refuse them. */
export function refuseOthers(app: FastifyInstance, url: string, taken: Set<string>, observe: Observer): void {
  const others = methods.filter((method) => !taken.has(method))
  const allow = [...taken].sort().join(', ')
  app.route({
    method: others,
    url,
    schema: { hide: true },
    onRequest: (request, reply) => {
      const message = `${request.method} is not taken here; ${allow} ${taken.size === 1 ? 'is' : 'are'}.`
      sendProblem(new ServiceError('METHOD_NOT_ALLOWED', message, { allow }), request, reply, observe)
    },
    handler: () => undefined,
  })
}

function refuseRest(app: FastifyInstance, observe: Observer): void {
  app.route({
    method: methods,
    url: '/v1/*',
    schema: { hide: true },
    onRequest: (request, reply) => void sendProblem(routeNotFound(request.method), request, reply, observe),
    handler: () => undefined,
  })
}

export const routeNotFound = (method: string) =>
  new ServiceError('ROUTE_NOT_FOUND', `No route takes this ${method}. GET /openapi.json lists them.`)
