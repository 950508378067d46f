import type { FastifyInstance, FastifyReply, FastifyRequest, FastifyServerOptions } from 'fastify'

/** Takes one JSON line at a time; stderr is one. */
export interface LogStream {
  write(line: string): unknown
}

/** Structured logs without what was said: no body, no query, no header. */
export function loggerOf(stream: LogStream | undefined): FastifyServerOptions['logger'] {
  if (!stream) return false
  return { stream: { write: (line: string) => void stream.write(line) }, serializers: { err: harmless } }
}

/** Fastify's own lines hold URLs, so a request's logger speaks of failures alone. */
export const quietUnlessWrong: NonNullable<FastifyServerOptions['childLoggerFactory']> = (logger, bindings, options) =>
  logger.child(bindings, { ...options, level: 'warn' })

export function logRequests(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => logWhenDone(app, request, reply))
}

/** One line for each answer; the route's pattern and not its URL. */
export function logWhenDone(app: FastifyInstance, request: FastifyRequest, reply: FastifyReply): void {
  const startedAt = performance.now()
  reply.raw.once('close', () => {
    const { id: reqId, method, routeOptions } = request
    const durationMs = Math.round((performance.now() - startedAt) * 10) / 10
    app.log.info({ reqId, method, route: routeOptions.url, status: reply.raw.statusCode, durationMs }, 'request')
  })
}

/** Drivers hang statements and their parameters, which are messages, on their errors: only this much is logged. */
function harmless(error: Error & { code?: unknown }): { type: string; message: string; stack: string } {
  const { cause } = error as { cause?: unknown }
  const frames = error.stack?.split('\n').filter((line) => line.startsWith('    at ')) ?? []
  return {
    type: error.name,
    message: error.message.slice(0, 300),
    ...(error.code !== undefined && { code: String(error.code) }),
    stack: frames.join('\n'),
    ...(cause instanceof Error && { cause: harmless(cause) }),
  }
}
