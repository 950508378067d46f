import { STATUS_CODES } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import rateLimit from '@fastify/rate-limit'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { InvalidInputError, StorageError } from '../../domain/errors.js'
import type { Hansard } from '../../hansard.js'
import { type TokenSettings, Tokens } from './auth.js'
import { Connections } from './connections.js'
import { answerErrors, invalidRequest, sendProblem } from './error-replies.js'
import { hansardFastify } from './hansard-fastify.js'
import { addHealthRoutes } from './health.js'
import { allowedHosts, assertHostAllowed, isLoopback } from './host-check.js'
import { refuseOthers, routeNotFound } from './method-guard.js'
import { ServiceMetrics } from './metrics.js'
import { problemReply, ServiceError } from './problem.js'
import { type LogStream, loggerOf, logRequests, logWhenDone, quietUnlessWrong } from './request-log.js'
import type { Observer } from './service-events.js'

export { ServiceMetrics } from './metrics.js'

export interface ServerOptions extends TokenSettings {
  hansard: Hansard
  metrics?: ServiceMetrics
  /** Defaults to 127.0.0.1; any other needs a token. */
  host?: string
  /** Defaults to 4271; 0 picks a free one. */
  port?: number
  allowedHosts?: readonly string[]
  bodyLimit?: number
  importLimit?: number
  /** Requests a second from one address. Defaults to 1,000; 0 is no limit. */
  rateLimit?: number
  heartbeatMs?: number
  log?: LogStream
  /** How long a stop waits for what was accepted. Defaults to 30,000. */
  shutdownMs?: number
}

export interface RunningServer {
  url: string
  /** Takes nothing more, ends followers and finishes what was accepted; the store stays open. */
  close(): Promise<void>
}

/**
 * Whether a service with these options may start; nothing is opened or bound.
 *
 * @throws {InvalidInputError} when it would be open to the network without a token, or the tokens are none
 */
export function assertMayStart(options: Pick<ServerOptions, 'host' | keyof TokenSettings>): Tokens {
  const { host = '127.0.0.1' } = options
  const tokens = new Tokens(options)
  if (!tokens.areNeeded && !isLoopback(host)) throw openToTheNetwork(host)
  return tokens
}

/**
 * The service by itself: the plugin behind tokens, the Host check and limits, with health, metrics and logs.
 *
 * @throws {InvalidInputError} when it would be open to the network without a token
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { host = '127.0.0.1', port = 4271 } = options
  const tokens = assertMayStart(options)
  const app = await makeApp(options, tokens, host)
  await app.listen({ host, port }).catch(async (error: Error) => {
    await app.close()
    throw new InvalidInputError([{ path: 'port', message: `${host}:${port} cannot be listened on: ${error.message}` }])
  })
  const { address, family, port: bound } = app.server.address() as AddressInfo
  return { url: `http://${family === 'IPv6' ? `[${address}]` : address}:${bound}`, close: () => app.close() }
}

function openToTheNetwork(host: string): InvalidInputError {
  const message = `${host} can be reached by others, and there is no token; set HANSARD_TOKEN (or HANSARD_TOKENS), or bind 127.0.0.1`
  return new InvalidInputError([{ path: 'host', message }])
}

async function makeApp(options: ServerOptions, tokens: Tokens, host: string): Promise<FastifyInstance> {
  const { hansard, bodyLimit, importLimit, heartbeatMs, metrics = new ServiceMetrics() } = options
  const observe = metrics.onServiceEvent
  const admit = admission(tokens, allowedHosts(host, options.allowedHosts ?? []))
  const app = newApp(options.log, admit, observe)
  answerErrors(app, observe)
  app.setNotFoundHandler((request, reply) => sendProblem(routeNotFound(request.method), request, reply, observe))
  metrics.countRequests(app)
  logRequests(app)
  closeGracefully(app, options.shutdownMs ?? 30_000)
  await limitRate(app, options.rateLimit ?? 1_000)
  app.addHook('onRequest', async (request) => admit(request))
  addHealthRoutes(app, hansard)
  app.get('/metrics', async (_request, reply) =>
    reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
  )
  for (const url of [...openToAll, '/metrics']) refuseOthers(app, url, new Set(['GET', 'HEAD']), observe)
  const namespace = (request: FastifyRequest) => tokens.namespaceOf(request)
  const routes = { hansard, namespace, bodyLimit, importLimit, heartbeatMs, observe, isService: true }
  await app.register(hansardFastify, routes)
  return app
}

function newApp(log: LogStream | undefined, admit: Admission, observe: Observer): FastifyInstance {
  const app = fastify({
    logger: loggerOf(log),
    childLoggerFactory: quietUnlessWrong,
    routerOptions: { maxParamLength: 65_536 },
    requestTimeout: 600_000,
    // While closing, what still comes is refused by us, in our words.
    return503OnClosing: false,
    clientErrorHandler: refuseUnreadable,
    // Before any hook: what the hooks do is done here.
    frameworkErrors: (error, request, reply) => {
      logWhenDone(app, request as FastifyRequest, reply as unknown as FastifyReply)
      const refusal = refusalOf(() => admit(request as FastifyRequest)) ?? invalidRequest(error.message)
      void sendProblem(refusal, request as FastifyRequest, reply as unknown as FastifyReply, observe)
    },
  }) as unknown as FastifyInstance
  return app
}

function refusalOf(admit: () => void): unknown {
  try {
    admit()
  } catch (error) {
    return error
  }
  return undefined
}

/** What Node could not read as HTTP, and so is no request yet. */
function refuseUnreadable(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const { problem } = problemReply(invalidRequest('This is not a request that HTTP allows.'))
  const status = error.code === 'HPE_HEADER_OVERFLOW' ? 431 : 400
  const body = JSON.stringify({ ...problem, title: STATUS_CODES[status], status })
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/problem+json\r\nConnection: close`
  socket.end(`${head}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
}

async function limitRate(app: FastifyInstance, max: number): Promise<void> {
  if (max === 0) return
  const errorResponseBuilder = (_request: FastifyRequest, { ttl }: { ttl: number }) => {
    const seconds = String(Math.max(1, Math.ceil(ttl / 1_000)))
    const message = `More than ${max} requests a second from one address. Wait ${seconds} s and try again.`
    return new ServiceError('RATE_LIMITED', message, { 'retry-after': seconds })
  }
  await app.register(rateLimit, { global: false, max, timeWindow: 1_000, errorResponseBuilder })
  // As a hook of our own, ahead of the tokens: guessing them is limited too.
  app.addHook('onRequest', app.rateLimit())
}

const openToAll = ['/healthz', '/readyz']

type Admission = (request: FastifyRequest) => void

/** Refuses names that are not ours, and who has no token. */
function admission(tokens: Tokens, hosts: ReadonlySet<string>): Admission {
  return (request) => {
    assertHostAllowed(request, hosts)
    if (!openToAll.includes(request.routeOptions.url ?? '')) tokens.assertKnown(request)
  }
}

/** Lets every accepted request end, and its connection with the last of them. */
function closeGracefully(app: FastifyInstance, shutdownMs: number): void {
  const connections = new Connections(app.server)
  let isClosing = false
  app.addHook('preClose', async () => {
    isClosing = true
    connections.close()
    setTimeout(() => app.server.closeAllConnections(), shutdownMs).unref()
  })
  app.addHook('onRequest', async () => {
    if (isClosing) throw new StorageError('STORE_CLOSED', 'The service is stopping.')
  })
  app.addHook('onSend', async (request, reply) => {
    if (!isClosing) return
    if (connections.isLast(request.raw)) void reply.header('connection', 'close')
    // Fastify itself has set it on whatever came since.
    else reply.raw.removeHeader('connection')
  })
}
