import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { fromEnvironment } from '../src/infrastructure/database/environment.js'
import { Tokens } from '../src/infrastructure/http/auth.js'
import { startServer } from '../src/infrastructure/http/server.js'
import { assertProblem, TestService } from './http-service.js'
import { testOn } from './test-store.js'

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

testOn('sqlite', 'a token is asked for and told in no other way than by its challenge', async (store) => {
  const service = await TestService.start(store, { token: 'secret' })
  for (const headers of [{}, bearer('Secret'), bearer('secre'), { authorization: 'Basic secret' }, bearer('')]) {
    const answer = await service.raw({ headers })
    assertProblem(answer, 401, 'UNAUTHENTICATED')
    assert.equal(answer.headers['www-authenticate'], 'Bearer realm="hansard"')
  }
  for (const path of ['/v1/usage', '/openapi.json', '/metrics', '/v1/none', '/none']) {
    assertProblem(await service.raw({ path }), 401, 'UNAUTHENTICATED')
  }
  assert.equal((await service.raw({ headers: bearer('secret') })).status, 200)
  assert.equal((await service.raw({ headers: { authorization: 'bearer secret' } })).status, 200)
  assert.equal((await service.raw({ path: '/healthz' })).status, 200)
  assert.equal((await service.raw({ path: '/readyz' })).status, 200)
  assert.doesNotMatch(service.log.join(''), /secret/i)
})

testOn('sqlite', 'a token of a namespace opens that one alone', async (store) => {
  const service = await TestService.start(store, { tokens: 'acme=s1, globex=s2' })
  const id = await service.create(bearer('s1'))
  const path = `/v1/sessions/${id}`
  assert.equal((await service.raw({ path, headers: bearer('s1') })).status, 200)
  assertProblem(await service.raw({ path, headers: bearer('s2') }), 404, 'SESSION_NOT_FOUND')
  const asked = (namespace: string) => ({ ...bearer('s1'), 'hansard-namespace': namespace })
  assert.equal((await service.raw({ path, headers: asked('acme') })).status, 200)
  assertProblem(await service.raw({ path, headers: asked('globex') }), 403, 'NAMESPACE_FORBIDDEN')
  assert.equal((await service.hansard.namespace('acme').sessions.list()).items.length, 1)
})

testOn('sqlite', 'without tokens the header says the namespace, in UTF-8', async (store) => {
  const service = await TestService.start(store)
  const headers = { 'hansard-namespace': Buffer.from('zürich').toString('latin1') }
  const id = await service.create(headers)
  assert.equal((await service.hansard.namespace('zürich').sessions.get(id)).id, id)
  assertProblem(await service.raw({ path: `/v1/sessions/${id}` }), 404, 'SESSION_NOT_FOUND')
  assertProblem(await service.raw({ headers: { 'hansard-namespace': '' } }), 422, 'INVALID_INPUT')
  assertProblem(await service.raw({ headers: { 'hansard-namespace': '\u00ff' } }), 422, 'INVALID_INPUT')
  const twice = await service.raw({ headers: { 'hansard-namespace': ['a', 'b'] } })
  assert.deepEqual(assertProblem(twice, 422, 'INVALID_INPUT').problems, [
    { path: 'Hansard-Namespace', message: 'was sent twice' },
  ])
})

testOn('sqlite', 'an address that others reach needs a token', async (store) => {
  const hansard = await store.open()
  for (const host of ['0.0.0.0', '::', '192.0.2.1', 'example.com']) {
    await assert.rejects(startServer({ hansard, host, port: 0 }), (error: Error & { code: string }) => {
      assert.equal(error.code, 'INVALID_INPUT')
      assert.match(error.message, /HANSARD_TOKEN/)
      return true
    })
  }
  const server = await startServer({ hansard, host: '0.0.0.0', port: 0, token: 'secret' })
  await server.close()
})

testOn('sqlite', 'a name that is not ours is refused, whoever asks', async (store) => {
  const service = await TestService.start(store, { allowedHosts: ['Hansard.Example'] })
  const { port } = new URL(service.url)
  for (const host of ['localhost', `localhost:${port}`, `127.0.0.1:${port}`, '[::1]:80', 'hansard.example']) {
    assert.equal((await service.raw({ headers: { host } })).status, 200, host)
  }
  for (const host of [
    'evil.example',
    `evil.example:${port}`,
    ' ',
    'localhost.evil.example',
    '127.0.0.1:x',
    '10.0.0.1',
  ]) {
    assertProblem(await service.raw({ headers: { host } }), 421, 'HOST_NOT_ALLOWED')
    assertProblem(await service.raw({ path: '/healthz', headers: { host } }), 421, 'HOST_NOT_ALLOWED')
  }
})

testOn('sqlite', 'two names are no request that HTTP allows', async (store) => {
  const service = await TestService.start(store)
  const { hostname, port } = new URL(service.url)
  for (const names of ['Host: localhost\r\nHost: evil.example', 'Host: evil.example\r\nhost: localhost']) {
    const socket = connect(Number(port), hostname)
    socket.end(`GET /v1/sessions HTTP/1.1\r\n${names}\r\nConnection: close\r\n\r\n`)
    const answer = await text(socket)
    assert.match(answer, /^HTTP\/1.1 400 Bad Request\r\n.*"status":400,"detail":"Host: was sent twice"/s)
  }
})

testOn('sqlite', 'a path that cannot be read is judged like any other', async (store) => {
  const service = await TestService.start(store, { token: 'secret' })
  const path = '/v1/sessions/%ff'
  assertProblem(await service.raw({ path }), 401, 'UNAUTHENTICATED')
  const evil = { host: 'evil.example', ...bearer('secret') }
  assertProblem(await service.raw({ path, headers: evil }), 421, 'HOST_NOT_ALLOWED')
  assertProblem(await service.raw({ path, headers: bearer('secret') }), 422, 'INVALID_INPUT')
  await service.server.close()
  const statuses = service.log.map((line) => (JSON.parse(line) as { status?: number }).status).filter(Boolean)
  assert.deepEqual(statuses, [401, 421, 422])
})

testOn('sqlite', 'one address may ask so often and no more', async (store) => {
  const service = await TestService.start(store, { rateLimit: 3, token: 'secret' })
  const answers = await Promise.all(Array.from({ length: 12 }, () => service.raw({ headers: bearer('guess') })))
  const refused = answers.filter(({ status }) => status === 429)
  assert.ok(refused.length >= 6, `${refused.length} of 12`)
  for (const answer of refused) {
    assertProblem(answer, 429, 'RATE_LIMITED')
    assert.equal(answer.headers['retry-after'], '1')
  }
})

testOn('sqlite', 'a body has its limit, with and without its length told', async (store) => {
  const service = await TestService.start(store, { bodyLimit: 2_000, importLimit: 3_000 })
  const body = JSON.stringify({ actorName: 'ada', title: 'x'.repeat(2_000) })
  const json = { 'content-type': 'application/json' }
  const chunked = { ...json, 'transfer-encoding': 'chunked' }
  for (const headers of [json, chunked]) {
    assertProblem(await service.raw({ method: 'POST', headers, body }), 413, 'BODY_TOO_LARGE')
    const archive = { method: 'POST', path: '/v1/sessions/import', headers, body: body.repeat(2) }
    assertProblem(await service.raw(archive), 413, 'BODY_TOO_LARGE')
  }
  assert.equal((await service.hansard.sessions.list()).items.length, 0)
})

test('tokens come from the environment, and a list that is none is not repeated', () => {
  const env = { HANSARD_TOKEN: 'a', HANSARD_TOKENS: 'acme=b' }
  assert.deepEqual(fromEnvironment(env), { token: 'a', tokens: 'acme=b' })
  for (const tokens of ['acme', '=secret', 'acme=', 'acme=s1,,']) {
    assert.throws(
      () => new Tokens({ tokens }),
      (error: Error) => error.message.startsWith('HANSARD_TOKENS: ') && !error.message.includes('"'),
    )
  }
})

test('tokens that could open the wrong namespace or never be sent are refused at the start', () => {
  const bad: [object, RegExp][] = [
    [{ tokens: 'acme=secret,globex=secret' }, /^HANSARD_TOKENS: gives one secret twice/],
    [{ token: 'secret', tokens: 'acme=secret' }, /^HANSARD_TOKENS: gives one secret twice/],
    [{ token: 'sec ret' }, /^HANSARD_TOKEN: holds a secret with a space/],
    [{ token: 'sécret' }, /^HANSARD_TOKEN: holds/],
    [{ token: 'secret\n' }, /^HANSARD_TOKEN: holds/],
    [{ tokens: 'acme=sec\tret' }, /^HANSARD_TOKENS: holds/],
    [{ tokens: 'acme= secret' }, /^HANSARD_TOKENS: holds/],
    [{ tokens: `${'n'.repeat(256)}=secret` }, /^HANSARD_TOKENS: names what is not a namespace/],
    [{ tokens: 'a\u0000b=secret' }, /^HANSARD_TOKENS: names/],
  ]
  for (const [settings, message] of bad) {
    assert.throws(
      () => new Tokens(settings),
      (error: Error & { code: string }) => {
        assert.equal(error.code, 'INVALID_INPUT')
        assert.match(error.message, message)
        return !/secret[\n,=]|sec.ret|nnn/.test(error.message.replace('one secret twice', ''))
      },
    )
  }
  assert.ok(new Tokens({ token: '!~', tokens: `${'n'.repeat(255)}=a=b,zürich=c` }).areNeeded)
})
