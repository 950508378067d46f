import assert from 'node:assert/strict'
import { once } from 'node:events'
import { StorageError } from '../src/index.js'
import { problemReply, statusByCode } from '../src/infrastructure/http/problem.js'
import { HostileRequests, hostileTokens, seededRandom } from './hostile-requests.js'
import { hostileContextRoutes, type Route } from './hostile-routes.js'
import { type Answer, assertProblem, type RawRequest, rawRequest, spawnService, TestService } from './http-service.js'
import { type TestStore, testOn, testOnBoth } from './test-store.js'

interface Opened {
  id: string
  stateToken: string
}

const parsed = <T>(answer: Answer) => JSON.parse(answer.text) as T

async function open(service: TestService, body: object = {}): Promise<Opened> {
  const answer = await service.post('/v1/session/open', body)
  assert.equal(answer.status, 201, answer.text)
  return parsed(answer)
}

const read = (service: TestService, stateToken: string, headers: Record<string, string> = {}) =>
  service.raw({ path: '/v1/session', headers: { 'state-token': stateToken, ...headers } })

testOnBoth('each end of a context has a status of its own', async (store) => {
  let now = Date.parse('2026-01-01T00:00:00Z')
  const limits = { contextSteps: 2, openContexts: 4, contextBytes: 100, contextKeys: 2, stepBytes: 50 }
  const service = await TestService.start(store, {}, { clock: () => new Date(now), limits })
  const { stateToken } = await open(service, { subjectId: 'ada', savedContext: { city: 'Oslo' } })
  const step = (body: object, headers = {}) =>
    service.post('/v1/session/step', { stateToken, subjectId: 'ada', request: 1, ...body }, headers)

  assertProblem(await read(service, '0'.repeat(32)), 404, 'CONTEXT_NOT_FOUND')
  assertProblem(await read(service, 'Z'.repeat(32)), 422, 'INVALID_INPUT')
  assertProblem(await read(service, stateToken), 403, 'WRONG_SUBJECT')
  assert.equal((await read(service, stateToken, { 'subject-id': 'ada' })).status, 200)
  assertProblem(await step({ request: 'x'.repeat(60) }), 413, 'STEP_TOO_LARGE')
  assert.equal((await step({ response: 2 }, { 'idempotency-key': 'k' })).status, 201)
  assert.equal((await step({ response: 3 }, { 'idempotency-key': 'k' })).status, 200)
  assertProblem(await step({ request: 2 }, { 'idempotency-key': 'k' }), 409, 'IDEMPOTENCY_CONFLICT')
  await step({})
  assertProblem(await step({}), 413, 'STEP_CAP_REACHED')

  const patch = (body: object) =>
    service.raw({
      method: 'PATCH',
      path: '/v1/session',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ stateToken, subjectId: 'ada', ...body }),
    })
  assert.deepEqual(parsed<{ savedContext: object }>(await patch({ patch: { city: null, a: 1 } })).savedContext, {
    a: 1,
  })
  assertProblem(await patch({ patch: {}, expectedVersion: 1 }), 409, 'VERSION_CONFLICT')
  assertProblem(await patch({ patch: { b: 'x'.repeat(100) } }), 413, 'CONTEXT_TOO_LARGE')
  assertProblem(await patch({ patch: { b: 1, c: 1 } }), 413, 'CONTEXT_TOO_MANY_KEYS')

  const close = () => service.post('/v1/session/close', { stateToken, subjectId: 'ada' })
  assert.equal(parsed<{ steps: unknown[] }>(await close()).steps.length, 2)
  assertProblem(await close(), 410, 'CONTEXT_CLOSED')
  const short = await open(service, { ttlMs: 1_000 })
  now += 1_000
  assertProblem(await read(service, short.stateToken), 410, 'CONTEXT_EXPIRED')
  for (let count = 0; count < 4; count++) await open(service)
  assertProblem(await service.post('/v1/session/open', {}), 429, 'CONTEXT_CAPACITY_REACHED')
})

testOnBoth('a service that is started anew goes on in the middle of a context', async (store) => {
  const before = await TestService.start(store)
  const { stateToken } = await open(before, { savedContext: { city: 'Oslo' } })
  await before.post('/v1/session/step', { stateToken, request: 1 })
  await before.server.close()
  await before.hansard.close()
  const after = await TestService.start(store)
  assert.equal((await after.post('/v1/session/step', { stateToken, request: 2 })).status, 201)
  const closed = parsed<{ savedContext: object; steps: { request: number }[] }>(
    await after.post('/v1/session/close', { stateToken }),
  )
  assert.deepEqual([closed.savedContext, closed.steps.map(({ request }) => request)], [{ city: 'Oslo' }, [1, 2]])
})

testOn('postgres', 'two service processes on one database serve one context, and one is enough', async (store) => {
  await (await store.open()).close()
  const start = () => spawnService(store.options.database, { HANSARD_SCHEMA: store.schema })
  const [first, second] = await Promise.all([start(), start()])
  store.afterwards(async () => [first, second].forEach(({ child }) => child.kill('SIGKILL')))
  const post = async (url: string, path: string, body: object) => {
    const headers = { 'content-type': 'application/json' }
    return parsed<{ stateToken: string; stepIndex: number; steps: unknown[] }>(
      await rawRequest(url, { method: 'POST', path, headers, body: JSON.stringify(body) }),
    )
  }
  const { stateToken } = await post(first.url, '/v1/session/open', {})
  const steps = Array.from({ length: 16 }, (_, request) =>
    post(request % 2 === 0 ? first.url : second.url, '/v1/session/step', { stateToken, request }),
  )
  const indexes = (await Promise.all(steps)).map(({ stepIndex }) => stepIndex).sort((a, b) => a - b)
  assert.deepEqual(
    indexes,
    Array.from({ length: 16 }, (_, n) => n + 1),
  )
  first.child.kill('SIGKILL')
  await once(first.child, 'exit')
  await post(second.url, '/v1/session/step', { stateToken, request: 'after' })
  assert.equal((await post(second.url, '/v1/session/close', { stateToken })).steps.length, 17)
})

testOn('sqlite', 'a parameter that a route does not take is refused, and nothing is done', async (store) => {
  const service = await TestService.start(store)
  const { stateToken } = await open(service)
  await service.post('/v1/session/close', { stateToken })
  assertProblem(await service.post('/v1/contexts/purge?dryRun=true', { retentionMs: 0 }), 422, 'INVALID_INPUT')
  assert.equal((await service.hansard.contexts.list({ state: 'all' })).items.length, 1)
  const inUrl = await service.raw({
    path: `/v1/session?stateToken=${stateToken}`,
    headers: { 'state-token': stateToken },
  })
  assertProblem(inUrl, 422, 'INVALID_INPUT')
  const id = await service.create()
  assertProblem(await service.raw({ method: 'DELETE', path: `/v1/sessions/${id}?dryRun=true` }), 422, 'INVALID_INPUT')
  const { headers } = await service.raw({ path: `/v1/sessions/${id}` })
  assert.equal(headers['cache-control'], 'no-store')
  const missing = assertProblem(await service.raw({ path: '/v1/session' }), 422, 'INVALID_INPUT')
  assert.equal(missing.problems?.[0]?.path, 'State-Token')
})

testOn('sqlite', 'no token of a context is logged, and none of another namespace is known', async (store) => {
  const service = await TestService.start(store, { tokens: 'acme=s1,globex=s2' })
  const as = (token: string) => ({ authorization: `Bearer ${token}`, 'content-type': 'application/json' })
  const answer = await service.post('/v1/session/open', {}, as('s1'))
  const { stateToken } = parsed<Opened>(answer)
  const foreign = await rawRequest(service.url, {
    method: 'GET',
    path: '/v1/session',
    headers: { ...as('s2'), 'state-token': stateToken },
  })
  assertProblem(foreign, 404, 'CONTEXT_NOT_FOUND')
  assert.doesNotMatch(service.log.join('\n'), new RegExp(stateToken))
})

testOn('sqlite', 'a thousand hostile requests on each route', (store) => bombard(store, 1_000), { timeout: 120_000 })
testOn('postgres', 'a hundred hostile requests on each route', (store) => bombard(store, 100), { timeout: 120_000 })

async function bombard(store: TestStore, perRoute: number): Promise<void> {
  const service = await TestService.start(store, { bodyLimit: 300_000, ...hostileTokens }, { durability: 'normal' })
  for (const [index, route] of hostileContextRoutes.entries()) {
    const opened = await Promise.all(Array.from({ length: 8 }, () => service.hansard.contexts.open()))
    const tokens = opened.map(({ stateToken }) => stateToken)
    const requests = new HostileRequests(seededRandom(index + 101), tokens)
    const recorded = new Map(tokens.map((token) => [token, 0]))
    const attack = async () => {
      for (let count = 0; count < perRoute / 8; count++) await one(service, requests.next(route), recorded)
    }
    await Promise.all(Array.from({ length: 8 }, attack))
    await assertSteps(service, route, recorded)
  }
  for (const check of await service.hansard.doctor()) assert.ok(check.ok, `${check.name}: ${check.detail}`)
}

async function one(service: TestService, sent: RawRequest, recorded: Map<string, number>): Promise<void> {
  // A refusal may close the connection before the body was read.
  const answer = await service.raw(sent).catch((error: { code?: string }) => {
    assert.match(error.code ?? '', /EPIPE|ECONNRESET|HPE_CLOSED_CONNECTION/)
    return undefined
  })
  if (!answer) return
  assert.ok(answer.status < 500, JSON.stringify({ sent, answer, log: service.log.slice(-3) }).slice(0, 3_000))
  if (answer.status !== 201 || sent.path?.startsWith('/v1/session/step') !== true) return
  const { stateToken } = JSON.parse(String(sent.body)) as Opened
  recorded.set(stateToken, (recorded.get(stateToken) ?? 0) + 1)
}

/** What was acknowledged is there, and nothing else. */
async function assertSteps(service: TestService, { path }: Route, recorded: Map<string, number>): Promise<void> {
  if (path.endsWith('/close')) return
  for (const [token, count] of recorded) {
    const { steps } = await service.hansard.contexts.get(token)
    assert.equal(steps.length, count)
  }
}

testOn('sqlite', 'what may be sent again says when', async (store) => {
  const service = await TestService.start(store, {}, { limits: { openContexts: 1 } })
  await open(service)
  const full = await service.post('/v1/session/open', {})
  assertProblem(full, 429, 'CONTEXT_CAPACITY_REACHED')
  assert.equal(full.headers['retry-after'], '10')
  for (const code of ['SCHEMA_STALE', 'SCHEMA_TOO_NEW', 'OVERLOADED', 'STORAGE_UNAVAILABLE', 'STORE_CLOSED'] as const) {
    assert.match(problemReply(new StorageError(code, '')).headers['retry-after'] ?? '', /^\d+$/, code)
  }
  const retryable = Object.entries(statusByCode).filter(([, status]) => status === 503)
  assert.equal(retryable.length, 5)
})

testOn('sqlite', 'a run is judged step by step, whatever its steps are', async (store) => {
  const service = await TestService.start(store)
  const bad = [null, 7, 'x', [], { request: 1, idempotencyKey: 'k'.repeat(300) }, { request: 1, action: 5 }]
  const run = (body: object) => service.post('/v1/session/run', body)
  const partial = await run({ partial: true, steps: [...bad, { request: 1 }] })
  assert.equal(partial.status, 201, partial.text)
  const { stepsSupplied, stepsRecorded, results } = parsed<{
    stepsSupplied: number
    stepsRecorded: number
    results: { status: string }[]
  }>(partial)
  assert.deepEqual([stepsSupplied, stepsRecorded], [7, 1], partial.text)
  assert.equal(results.filter(({ status }) => status === results[0]?.status).length, 6)
  for (const step of bad) assertProblem(await run({ steps: [step] }), 422, 'INVALID_INPUT')
})
