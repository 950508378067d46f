import type { FastifyInstance } from 'fastify'
import type { Hansard, HealthCheck } from '../../hansard.js'
import { withinOr } from './within.js'

/** A database that says nothing for so long is not ready; balancers give up after few seconds themselves. */
const deadlineMs = 3_000

type Verdict = Pick<HealthCheck, 'name' | 'ok'>

/** For whoever keeps the process running and sends it requests; open to all, so names and verdicts only. */
export function addHealthRoutes(app: FastifyInstance, hansard: Hansard): void {
  const examine = oneAtATime(
    async () => (await withinOr(deadlineMs, hansard.doctor(['connection', 'migrations']))) ?? silent,
  )
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

const silent: Verdict[] = [{ name: 'connection', ok: false }]

/** However many ask, the database is asked by one. */
function oneAtATime(examine: () => Promise<Verdict[]>): () => Promise<Verdict[]> {
  let running: Promise<Verdict[]> | undefined
  return () => {
    running ??= examine().finally(() => {
      running = undefined
    })
    return running
  }
}
