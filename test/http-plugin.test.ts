import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'
import { test } from 'node:test'
import swagger from '@fastify/swagger'
import fastify, { type FastifyInstance } from 'fastify'
import type { Hansard } from '../src/index.js'
import { type HansardFastifyOptions, hansardFastify } from '../src/infrastructure/http/hansard-fastify.js'
import { assertPackages } from '../src/infrastructure/http/packages.js'
import { type Answer, assertProblem, rawRequest } from './http-service.js'
import { type TestStore, testOn } from './test-store.js'

/** A host with routes, words and an authentication of its own. */
async function startHost(
  store: TestStore,
  hansard: Hansard,
  options: Partial<HansardFastifyOptions> = {},
): Promise<{ app: FastifyInstance; url: string }> {
  const app = fastify()
  store.afterwards(() => app.close())
  app.decorateRequest('tenant', '')
  app.addHook('onRequest', async (request) => {
    const tenant = request.headers['x-tenant']
    if (typeof tenant !== 'string') throw Object.assign(new Error('Who are you?'), { statusCode: 401 })
    Object.assign(request, { tenant })
  })
  app.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) =>
    reply.code(error.statusCode ?? 500).send({ host: error.message }),
  )
  await app.register(swagger, { openapi: { info: { title: 'Host', version: '1' } } })
  app.post(
    '/echo',
    { schema: { body: { type: 'object', properties: { n: { type: 'integer' } } } } },
    async (request) => ({
      body: request.body,
    }),
  )
  const namespace = (request: object) => (request as { tenant: string }).tenant
  await app.register(hansardFastify, { prefix: '/agents', hansard, namespace, ...options })
  return { app, url: await app.listen({ host: '127.0.0.1', port: 0 }) }
}

const post = (url: string, path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> => {
  const json = { 'content-type': 'application/json', 'x-tenant': 'acme', ...headers }
  return rawRequest(url, { method: 'POST', path, headers: json, body: JSON.stringify(body) })
}

testOn('sqlite', 'a host mounts the routes under its prefix and behind its own authentication', async (store) => {
  const hansard = await store.open()
  const { url } = await startHost(store, hansard)
  const made = await post(url, '/agents/v1/sessions', { actorName: 'ada' })
  assert.equal(made.status, 201, made.text)
  const { id } = JSON.parse(made.text) as { id: string }
  assert.equal(made.headers.location, `/agents/v1/sessions/${id}`)
  assert.equal((await hansard.namespace('acme').sessions.get(id)).actorName, 'ada')
  const path = `/agents/v1/sessions/${id}`
  assertProblem(await rawRequest(url, { path, headers: { 'x-tenant': 'globex' } }), 404, 'SESSION_NOT_FOUND')
  const refused = await rawRequest(url, { path })
  assert.deepEqual([refused.status, refused.text], [401, '{"host":"Who are you?"}'])
})

testOn('sqlite', 'nothing of ours leaks into the routes of the host', async (store) => {
  const { url } = await startHost(store, await store.open())
  assert.equal((await post(url, '/echo', { n: '5' })).text, '{"body":{"n":5}}')
  const poisoned = { ...{ 'content-type': 'application/json', 'x-tenant': 'acme' } }
  const answer = await rawRequest(url, { method: 'POST', path: '/echo', headers: poisoned, body: '{"__proto__":1}' })
  assert.match(answer.text, /^\{"host":/)
  const none = await rawRequest(url, { path: '/none', headers: { 'x-tenant': 'acme' } })
  assert.match(none.text, /^\{"message":"Route GET:\/none not found"/)
  assertProblem(await post(url, '/agents/v1/none', {}), 404, 'ROUTE_NOT_FOUND')
  assertProblem(await post(url, '/agents/v1/sessions', {}), 422, 'INVALID_INPUT')
})

testOn('sqlite', 'a fault in the host’s own function is a fault, and not told to the caller', async (store) => {
  const namespace = () => {
    throw new Error('secret reason')
  }
  const { url } = await startHost(store, await store.open(), { namespace })
  const answer = await post(url, '/agents/v1/sessions', { actorName: 'ada' })
  assertProblem(answer, 500, 'INTERNAL')
  assert.doesNotMatch(answer.text, /secret/)
})

testOn('sqlite', 'a host hears what happens', async (store) => {
  const events: unknown[] = []
  const { url } = await startHost(store, await store.open(), { observe: (event) => void events.push(event.type) })
  const { id } = JSON.parse((await post(url, '/agents/v1/sessions', { actorName: 'ada' })).text) as { id: string }
  await post(url, `/agents/v1/sessions/${id}/messages`, { messages: [{ role: 'user', content: 1 }] })
  await post(url, '/agents/v1/sessions', {})
  assert.deepEqual(events, ['append', 'problem'])
})

testOn('sqlite', 'the plugin answers without a network, as hosts test it', async (store) => {
  const app = fastify()
  await app.register(hansardFastify, { hansard: await store.open() })
  const made = await app.inject({ method: 'POST', url: '/v1/sessions', payload: { actorName: 'ada' } })
  assert.equal(made.statusCode, 201, made.body)
  assert.equal(made.headers.location, `/v1/sessions/${(made.json() as { id: string }).id}`)
  await app.close()
})

test('hosts of either kind find the plugin, and a missing package its install line', () => {
  const root = resolve(__dirname, '..')
  const run = (args: string[]) => execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8' }).trim()
  assert.equal(run(['-p', "typeof require('hansard/fastify').hansardFastify"]), 'function')
  const module = "import { hansardFastify } from 'hansard/fastify'; console.log(typeof hansardFastify)"
  assert.equal(run(['--input-type=module', '-e', module]), 'function')
  assert.throws(() => assertPackages(['fastify', 'no-such-package']), {
    code: 'PACKAGE_MISSING',
    message: /no-such-package.*npm install fastify/,
  })
})

testOn('sqlite', 'a request whose tenant is unknown falls into no namespace', async (store) => {
  const hansard = await store.open()
  const none = await startHost(store, hansard, { namespace: () => undefined })
  assertProblem(await post(none.url, '/agents/v1/sessions', { actorName: 'ada' }), 403, 'NAMESPACE_FORBIDDEN')
  const refuse = () => {
    throw Object.assign(new Error('No tenant.'), { statusCode: 401 })
  }
  const thrown = await startHost(store, hansard, { namespace: refuse })
  const answer = await post(thrown.url, '/agents/v1/sessions', { actorName: 'ada' })
  assert.deepEqual([answer.status, JSON.parse(answer.text)], [401, { host: 'No tenant.' }])
  assert.deepEqual((await hansard.sessions.list()).items, [])
})
