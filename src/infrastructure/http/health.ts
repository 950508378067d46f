import type { FastifyInstance } from 'fastify'
import type { Hansard, HealthCheck } from '../../hansard.js'

/** For whoever keeps the process running and sends it requests; open to all, so names and verdicts only. */
export function addHealthRoutes(app: FastifyInstance, hansard: Hansard): void {
  const examine = oneAtATime(() => hansard.doctor(['connection', 'migrations']))
  app.get('/healthz', async (_request, reply) => reply.header('cache-control', 'no-store').send({ status: 'alive' }))
  app.get('/readyz', async (_request, reply) => {
    const checks = await examine()
    const isReady = checks.every((check) => check.ok)
    return reply
      .code(isReady ? 200 : 503)
      .header('cache-control', 'no-store')
      .send({ status: isReady ? 'ready' : 'not ready', checks: checks.map(({ name, ok }) => ({ name, ok })) })
  })
}

/** However many ask, the database is asked by one. */
function oneAtATime(examine: () => Promise<HealthCheck[]>): () => Promise<HealthCheck[]> {
  let running: Promise<HealthCheck[]> | undefined
  return () => {
    running ??= examine().finally(() => {
      running = undefined
    })
    return running
  }
}
