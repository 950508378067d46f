import assert from 'node:assert/strict'
import fastify, { type FastifyInstance } from 'fastify'
import { ConflictError, type Hansard, isHansardError } from '../src/index.js'
import { hansardFastify } from '../src/infrastructure/http/hansard-fastify.js'
import { type TestStore, testOn } from './test-store.js'

type Hook = 'onRequest' | 'preParsing' | 'preValidation' | 'preHandler' | 'preSerialization' | 'onSend'

/** A host whose hook throws what it is told to. */
function hostThatThrows(store: TestStore, hook: Hook, thrown: () => unknown): FastifyInstance {
  const app = fastify()
  store.afterwards(() => app.close())
  app.setErrorHandler((error: unknown, _request, reply) =>
    reply.code(418).send(JSON.stringify({ host: error instanceof Error ? error.message : error })),
  )
  let isFirst = true
  const hurt = async () => {
    // The answer that the host's handler gives passes through the last two once more.
    if (isFirst) {
      isFirst = false
      throw thrown()
    }
  }
  app.addHook(hook as 'onRequest', hurt)
  return app
}

const errors: [string, () => unknown][] = [
  ['plain', () => new Error('plain')],
  ['503', () => Object.assign(new Error('503'), { statusCode: 503 })],
  ['401', () => Object.assign(new Error('401'), { status: 401 })],
  ['FST_JWT', () => Object.assign(new Error('FST_JWT'), { code: 'FST_JWT_NO_AUTHORIZATION', statusCode: 401 })],
  ['ours', () => new ConflictError('ID_TAKEN', { kind: 'session', id: '1' }, 'ours')],
  ['text', () => 'text'],
]
const hooks: Hook[] = ['onRequest', 'preParsing', 'preValidation', 'preHandler', 'preSerialization', 'onSend']

testOn('sqlite', 'whatever a hook of the host throws reaches the handler of the host', async (store) => {
  const hansard = await store.open()
  for (const hook of hooks) {
    for (const [message, thrown] of errors) {
      const app = hostThatThrows(store, hook, thrown)
      await app.register(hansardFastify, { prefix: '/x', hansard })
      const refused = await app.inject('/x/v1/sessions')
      assert.deepEqual([refused.statusCode, refused.json()], [418, { host: message }], hook)
      const made = await app.inject({ method: 'POST', url: '/x/v1/sessions', payload: { actorName: 'ada' } })
      assert.equal(made.statusCode, 201, made.body)
    }
  }
})

testOn('sqlite', 'what fails in the routes is answered here, behind any host', async (store) => {
  const hansard = await store.open()
  const app = hostThatThrows(store, 'onRequest', () => new Error('first'))
  await app.register(hansardFastify, { prefix: '/x', hansard, bodyLimit: 100 })
  await app.inject('/x/v1/sessions')
  const json = { 'content-type': 'application/json' }
  const post = { method: 'POST' as const, url: '/x/v1/sessions', headers: json }
  const expected: [object, number, string][] = [
    [{ ...post, payload: '{' }, 422, 'INVALID_INPUT'],
    [{ ...post, payload: '{}' }, 422, 'INVALID_INPUT'],
    [{ ...post, payload: 'x'.repeat(101) }, 413, 'BODY_TOO_LARGE'],
    [{ ...post, headers: { 'content-type': 'text/xml' }, payload: '<a/>' }, 415, 'MEDIA_TYPE_UNSUPPORTED'],
    [{ method: 'GET', url: '/x/v1/sessions/none' }, 404, 'SESSION_NOT_FOUND'],
    [{ method: 'GET', url: '/x/v1/sessions?limit=x' }, 422, 'INVALID_INPUT'],
  ]
  for (const [request, status, code] of expected) {
    const answer = await app.inject(request)
    assert.deepEqual([answer.statusCode, answer.json<{ code: string }>().code], [status, code], JSON.stringify(request))
  }
})

/** Makes a session under `place`, and goes where the answer says that it is. */
async function goesToWhatItMakes(app: FastifyInstance, place: string): Promise<void> {
  const made = await app.inject({ method: 'POST', url: `${place}/v1/sessions?`, payload: { actorName: 'ada' } })
  const { id } = made.json<{ id: string }>()
  assert.deepEqual([made.statusCode, made.headers.location], [201, `${place}/v1/sessions/${id}`], made.body)
  assert.equal((await app.inject(`${place}/v1/sessions/${id}`)).statusCode, 200)
  const fork = await app.inject({ method: 'POST', url: `${place}/v1/sessions/${id}/fork` })
  assert.equal(fork.headers.location, `${place}/v1/sessions/${fork.json<{ id: string }>().id}`, fork.body)
  const archive = (await app.inject(`${place}/v1/sessions/${id}/export`)).body
  const headers = { 'content-type': 'application/json' }
  const back = await app.inject({ method: 'POST', url: `${place}/v1/sessions/import`, headers, payload: archive })
  assert.equal(back.headers.location, `${place}/v1/sessions/${back.json<{ sessionId: string }>().sessionId}`, back.body)
  assert.equal((await app.inject(`${place}/v1/none`)).json<{ code: string }>().code, 'ROUTE_NOT_FOUND')
  assert.equal((await app.inject({ method: 'PUT', url: `${place}/v1/sessions` })).statusCode, 405)
}

testOn('sqlite', 'a prefix may have a parameter, or a slash at its end', async (store) => {
  const hansard: Hansard = await store.open()
  const app = fastify()
  store.afterwards(() => app.close())
  const namespace = ({ params }: { params: unknown }) => (params as { tenant: string }).tenant
  await app.register(hansardFastify, { prefix: '/t/:tenant', hansard, namespace })
  await app.register(hansardFastify, { prefix: '/x/', hansard })
  await goesToWhatItMakes(app, '/t/acme')
  await goesToWhatItMakes(app, '/x')
  assert.equal((await hansard.namespace('acme').sessions.list()).items.length, 3)
})

testOn('sqlite', 'what a host wraps around its own answers is not wrapped around these', async (store) => {
  const app = fastify()
  store.afterwards(() => app.close())
  app.setReplySerializer((payload) => JSON.stringify({ wrapped: payload }))
  app.get('/own', async () => 1)
  await app.register(hansardFastify, { prefix: '/x', hansard: await store.open() })
  const page = { items: [], nextCursor: null, previousCursor: null }
  assert.deepEqual((await app.inject('/x/v1/sessions')).json(), page)
  const missing = await app.inject('/x/v1/sessions/none')
  assert.ok(isHansardError(Object.assign(new Error(), missing.json<object>()), 'SESSION_NOT_FOUND'), missing.body)
  assert.deepEqual((await app.inject({ url: '/own' })).json(), { wrapped: 1 })
})
