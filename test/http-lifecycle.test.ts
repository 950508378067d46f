import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http'
import { test } from 'node:test'
import { openHansard } from '../src/index.js'
import { startServer } from '../src/infrastructure/http/server.js'
import { assertProblem, rawRequest, spawnService, TestService } from './http-service.js'
import { Terminal } from './terminal.js'
import { testOn, testOnBoth } from './test-store.js'

/** An append of which the server has seen the head and waits for the body. */
async function acceptedAppend(url: string, id: string): Promise<ClientRequest> {
  const headers = { 'content-type': 'application/json', expect: '100-continue' }
  const request = httpRequest(new URL(`/v1/sessions/${id}/messages`, url), { method: 'POST', headers, agent: false })
  request.flushHeaders()
  await once(request, 'continue')
  return request
}

const message = '{"messages":[{"role":"user","content":"Hello"}]}'

testOnBoth('a server that closes finishes the append that it accepted, and takes no other', async (store) => {
  const service = await TestService.start(store)
  const id = await service.create()
  const request = await acceptedAppend(service.url, id)
  const closing = service.server.close()
  request.end(message)
  const [answer] = (await once(request, 'response')) as [IncomingMessage]
  answer.resume()
  await closing
  assert.equal(answer.statusCode, 201)
  assert.equal((await service.hansard.sessions.get(id)).messageCount, 1)
  await assert.rejects(service.raw({}), { code: 'ECONNREFUSED' })
})

testOn('sqlite', 'a request that never ends does not hold a stop for good', async (store) => {
  const service = await TestService.start(store, { shutdownMs: 50 })
  const request = await acceptedAppend(service.url, await service.create())
  const gone = once(request, 'error')
  await service.server.close()
  await gone
})

testOn('sqlite', 'a port that is taken is named', async (store) => {
  const service = await TestService.start(store)
  const port = Number(new URL(service.url).port)
  await assert.rejects(startServer({ hansard: service.hansard, port }), {
    code: 'INVALID_INPUT',
    message: /port: .*EADDRINUSE/,
  })
})

testOnBoth('readiness falls with the schema, while the process lives', async (store) => {
  const service = await TestService.start(store)
  const ready = await service.raw({ path: '/readyz' })
  assert.equal(ready.status, 200)
  const migrations = await store.migrations()
  await migrations.down()
  const stale = await service.raw({ path: '/readyz' })
  assert.equal(stale.status, 503)
  assert.deepEqual(JSON.parse(stale.text), {
    status: 'not ready',
    checks: [
      { name: 'connection', ok: true },
      { name: 'migrations', ok: false },
    ],
  })
  assert.equal((await service.raw({ path: '/healthz' })).status, 200)
})

testOn('sqlite', 'readiness does not wait for a database that is silent, and sees it come back', async (store) => {
  const service = await TestService.start(store)
  const { doctor } = service.hansard
  const asked = performance.now()
  service.hansard.doctor = () => new Promise(() => undefined)
  const silent = await Promise.all([service.raw({ path: '/readyz' }), service.raw({ path: '/readyz' })])
  const verdict = { status: 'not ready', checks: [{ name: 'connection', ok: false }] }
  for (const { status, text } of silent) assert.deepEqual([status, JSON.parse(text)], [503, verdict])
  assert.ok(performance.now() - asked < 4_500)
  service.hansard.doctor = doctor
  assert.equal((await service.raw({ path: '/readyz' })).status, 200)
})

testOn('sqlite', 'the routes of the service name the methods that they take', async (store) => {
  const service = await TestService.start(store, { token: 'secret' })
  const headers = { authorization: 'Bearer secret' }
  for (const path of ['/healthz', '/readyz', '/metrics']) {
    for (const method of ['PUT', 'POST', 'PATCH', 'DELETE', 'OPTIONS']) {
      const answer = await service.raw({ method, path, headers })
      assertProblem(answer, 405, 'METHOD_NOT_ALLOWED')
      assert.equal(answer.headers.allow, 'GET, HEAD')
    }
    assert.equal((await service.raw({ method: 'HEAD', path, headers })).status, 200)
  }
  assertProblem(await service.raw({ method: 'PUT', path: '/metrics' }), 401, 'UNAUTHENTICATED')
})

testOn('sqlite', 'the figures say what happened', async (store) => {
  const service = await TestService.start(store)
  const id = await service.create()
  await service.say(id, 'a')
  assertProblem(await service.say(id, 'b', { 'if-match': '"7"' }), 412, 'SEQUENCE_CONFLICT')
  const text = await service.metrics()
  for (const line of [
    'hansard_append_duration_seconds_count 1',
    // The one that was refused shared a commit as well.
    'hansard_commit_duration_seconds_count 2',
    'hansard_commit_appends_sum 2',
    'hansard_conflicts_total{code="SEQUENCE_CONFLICT"} 1',
    'hansard_overloaded_total 0',
    'hansard_pending_requests 1',
    'hansard_followers 0',
    'hansard_http_request_duration_seconds_count{method="POST",route="/v1/sessions/:id/messages",status="201"} 1',
    'hansard_http_request_duration_seconds_count{method="POST",route="/v1/sessions/:id/messages",status="412"} 1',
  ]) {
    assert.ok(text.includes(`${line}\n`), `${line}\n${text}`)
  }
  assert.match(text, /^# TYPE hansard_retries_total counter$/m)
  assert.doesNotMatch(text, new RegExp(id))
})

testOn('sqlite', 'the log has one line for each answer, with its route', async (store) => {
  const service = await TestService.start(store)
  const id = await service.create()
  await service.say(id, 'Very private')
  await service.server.close()
  const lines = service.log.map((line) => JSON.parse(line) as Record<string, unknown>)
  const { method, route, status, durationMs, reqId } = lines.find(({ status }) => status === 201 && lines.length) ?? {}
  assert.deepEqual({ method, route, status }, { method: 'POST', route: '/v1/sessions', status: 201 })
  assert.ok(typeof durationMs === 'number' && typeof reqId === 'string')
  assert.doesNotMatch(service.log.join(''), /Very private|authorization/i)
})

test('hansard serve runs until it is told to stop, also by a second signal', async () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const terminal = new Terminal()
    const { child, url } = await spawnService(terminal.database)
    const made = await rawRequest(url, {
      method: 'POST',
      path: '/v1/sessions',
      headers: { 'content-type': 'application/json' },
      body: '{"actorName":"ada"}',
    })
    const { id } = JSON.parse(made.text) as { id: string }
    const request = await acceptedAppend(url, id)
    const ended = once(child, 'exit')
    child.kill(signal)
    await assert.doesNotReject(untilRefused(url))
    request.end(message)
    const [answer] = (await once(request, 'response')) as [IncomingMessage]
    answer.resume()
    assert.equal(answer.statusCode, 201)
    assert.deepEqual(await ended, [0, null])
    const hansard = await openHansard({ database: terminal.database })
    assert.equal((await hansard.sessions.get(id)).messageCount, 1)
    await hansard.close()
  }
})

test('a second signal ends hansard serve at once', async () => {
  const terminal = new Terminal()
  const { child, url } = await spawnService(terminal.database)
  const id = (await terminal.create()).id
  const request = await acceptedAppend(url, id)
  request.on('error', () => undefined)
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await untilRefused(url)
  child.kill('SIGTERM')
  assert.deepEqual(await ended, [null, 'SIGTERM'])
})

/** Asks until the server listens no more. */
async function untilRefused(url: string): Promise<void> {
  for (;;) {
    const answer = await rawRequest(url, { method: 'GET', path: '/healthz' }).catch(
      (error: { code: string }) => error.code,
    )
    if (answer === 'ECONNREFUSED') return
  }
}
