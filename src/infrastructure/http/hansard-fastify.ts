import { setMaxListeners } from 'node:events'
import type { FastifyInstance, FastifyPluginAsync, FastifyRequest } from 'fastify'
import type { Hansard } from '../../hansard.js'
import { readJsonBodies } from './bodies.js'
import { answerOwnErrors, askingHost } from './error-replies.js'
import { closed } from './input-schemas.js'
import { guardMethods } from './method-guard.js'
import { describeRoutes } from './openapi.js'
import { ServiceError } from './problem.js'
import type { RouteScope } from './route-scope.js'
import { addActivityRoutes } from './routes/activity.js'
import { addContextRoutes } from './routes/contexts.js'
import { addFollowRoute } from './routes/follow.js'
import { addMessageRoutes } from './routes/messages.js'
import { addSearchRoute } from './routes/search.js'
import { addSessionRoutes } from './routes/sessions.js'
import { addTranscriptRoutes } from './routes/transcripts.js'
import { addTransferRoutes } from './routes/transfer.js'
import { addUsageRoutes } from './routes/usage.js'
import { validateBySchema } from './schema-validation.js'
import type { Observer } from './service-events.js'

export type { Problem } from './problem.js'
export type { ServiceEvent } from './service-events.js'

export interface HansardFastifyOptions {
  /** Where to mount the routes, such as `/agents`. */
  prefix?: string
  /** The open store; the plugin does not close it. */
  hansard: Hansard
  /** The namespace of a request, for hosts with tenants; one of which it gives undefined is refused. Defaults to the store's own. */
  namespace?: (request: FastifyRequest) => string | undefined
  /** The largest JSON body, in bytes. Defaults to 16 MiB. */
  bodyLimit?: number
  /** The largest archive, in bytes. Defaults to 1 GiB. */
  importLimit?: number
  /** How long a follower hears nothing before a sign of life. Defaults to 15,000. */
  heartbeatMs?: number
  /** Told of appends, problems and followers. */
  observe?: Observer
  /** Whether the document tells of the service's own tokens and namespaces. Defaults to false. */
  isService?: boolean
}

const mebibyte = 1024 * 1024

/**
 * The routes of the service inside a host's Fastify, behind the host's own authentication.
 * Its parser, validator, serializer and error handler stay inside.
 *
 * @example
 * app.register(hansardFastify, { prefix: '/agents', hansard, namespace: (request) => request.tenant })
 */
export const hansardFastify: FastifyPluginAsync<HansardFastifyOptions> = async (app, options) => {
  const observe = options.observe ?? (() => undefined)
  const methods = guardMethods(app, observe)
  readJsonBodies(app, options.bodyLimit ?? 16 * mebibyte)
  validateBySchema(app)
  answerOwnErrors(app, observe)
  // What the host wraps around its own answers is not wrapped around ours.
  app.setReplySerializer((payload) => JSON.stringify(payload))
  await describeRoutes(app, options.isService ?? false)
  refuseUnknownParameters(app)
  app.addHook('onRequest', async (_request, reply) => void reply.header('cache-control', 'no-store'))
  const scope = routeScope(app, options, observe)
  addSessionRoutes(app, scope)
  addMessageRoutes(app, scope)
  addUsageRoutes(app, scope)
  addTransferRoutes(app, scope)
  addFollowRoute(app, scope)
  addContextRoutes(app, scope)
  addActivityRoutes(app, scope)
  addTranscriptRoutes(app, scope)
  addSearchRoute(app, scope)
  // Routes of inner scopes are known once those have been loaded.
  await app.after()
  methods.complete()
}

/** One for all routes, so that it is compiled once. */
const noParameters = closed({})

/** A parameter that a route does not take, such as a `dryRun` that belongs into the body, is a mistake to be told. */
function refuseUnknownParameters(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    if (route.schema && !route.schema.querystring) route.schema.querystring = noParameters
  })
}

/** A request whose tenant nobody knows must not fall into the store's own namespace, beside everybody's. */
function storeOf(request: FastifyRequest, { hansard, namespace, isService }: HansardFastifyOptions): Hansard {
  if (!namespace) return hansard
  const name = askingHost(request, () => namespace(request))
  if (name !== undefined) return hansard.namespace(name)
  if (isService) return hansard
  throw new ServiceError('NAMESPACE_FORBIDDEN', 'This request belongs to no namespace.')
}

function routeScope(app: FastifyInstance, options: HansardFastifyOptions, observe: Observer): RouteScope {
  const closing = new AbortController()
  // Every follower listens; Node would take the eleventh for a leak.
  setMaxListeners(0, closing.signal)
  app.addHook('preClose', async () => closing.abort())
  return {
    store: (request) => storeOf(request, options),
    observe,
    prefix: app.prefix.replace(/\/$/, ''),
    closing: closing.signal,
    heartbeatMs: options.heartbeatMs ?? 15_000,
    importLimit: options.importLimit ?? 1024 * mebibyte,
  }
}
