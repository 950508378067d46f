import assert from 'node:assert/strict'
import { assertProblem, TestService } from './http-service.js'
import { testOn, testOnBoth } from './test-store.js'

testOnBoth('an append goes on from the ETag that came last, or not at all', async (store) => {
  const service = await TestService.start(store)
  const id = await service.create()
  assert.equal((await service.raw({ path: `/v1/sessions/${id}` })).headers.etag, '"0"')
  const first = await service.say(id, 'a', { 'if-match': '"0"' })
  assert.deepEqual([first.status, first.headers.etag], [201, '"1"'])
  const { expected, actual } = assertProblem(
    await service.say(id, 'b', { 'if-match': '"0"' }),
    412,
    'SEQUENCE_CONFLICT',
  )
  assert.deepEqual({ expected, actual }, { expected: 0, actual: 1 })
  assert.equal((await service.say(id, 'c', { 'if-match': '*' })).headers.etag, '"2"')
  for (const tag of ['2', 'W/"2"', '"2", "3"', '"x"', '""']) {
    const { problems } = assertProblem(await service.say(id, 'd', { 'if-match': tag }), 422, 'INVALID_INPUT')
    assert.deepEqual(
      problems?.map(({ path }) => path),
      ['If-Match'],
    )
  }
  assert.equal((await service.hansard.sessions.get(id)).messageCount, 2)
})

testOnBoth('the same key gives the first answer again', async (store) => {
  const service = await TestService.start(store)
  const id = await service.create()
  const key = { 'idempotency-key': 'turn-1' }
  const first = await service.say(id, 'a', { ...key, 'if-match': '"0"' })
  const again = await service.say(id, 'a', { ...key, 'if-match': '"0"' })
  assert.equal(again.status, 201)
  assert.equal(again.text, first.text)
  assertProblem(await service.say(id, 'b', key), 409, 'IDEMPOTENCY_CONFLICT')
  const made = await service.post('/v1/sessions', { actorName: 'bob' }, key)
  const madeAgain = await service.post('/v1/sessions', { actorName: 'bob' }, key)
  assert.equal(made.headers.location, madeAgain.headers.location)
  assert.equal((await service.hansard.sessions.list()).items.length, 2)
})

testOnBoth('JSON values come back as they were sent', async (store) => {
  const service = await TestService.start(store)
  const id = await service.create()
  const content =
    '{"__proto__":{"admin":true},"constructor":{"prototype":1},"\\u0000":"\\ud83d","n":[9007199254740991,-0.5,1e-7],"z":1,"a":null}'
  const answer = await service.raw({
    method: 'POST',
    path: `/v1/sessions/${id}/messages`,
    headers: { 'content-type': 'application/json; charset=UTF-8' },
    body: `\ufeff{"messages":[{"role":"user","content":${content}}]}`,
  })
  assert.equal(answer.status, 201, answer.text)
  const same = JSON.stringify(JSON.parse(content))
  for (const path of [`/v1/sessions/${id}/messages`, `/v1/sessions/${id}/export`]) {
    assert.ok((await service.raw({ path })).text.includes(`"content":${same}`), path)
  }
  assert.equal(({} as { admin?: boolean }).admin, undefined)
})

testOn('sqlite', 'a fault is named by its place, and nothing is stored', async (store) => {
  const service = await TestService.start(store)
  const id = await service.create()
  const messages = `/v1/sessions/${id}/messages`
  const cases: [string, unknown, string][] = [
    ['/v1/sessions', {}, 'actorName'],
    ['/v1/sessions', { actorName: 5 }, 'actorName'],
    ['/v1/sessions', { actorName: 'ada', nonsense: 1 }, 'nonsense'],
    ['/v1/sessions', { actorName: 'ada', metadata: [] }, 'metadata'],
    ['/v1/sessions', { actorName: 'ada', orGet: true }, 'externalId'],
    ['/v1/sessions', [], ''],
    ['/v1/sessions', JSON.parse('{"actorName":"ada","__proto__":{}}'), '__proto__'],
    [
      messages,
      {
        messages: [
          { role: 'user', content: 1 },
          { role: 'nobody', content: 1 },
        ],
      },
      'messages[1].role',
    ],
    [messages, { messages: [{ role: 'user' }] }, 'messages[0].content'],
    [messages, { messages: [{ role: 'user', content: 1, createdAt: 'soon' }] }, 'messages[0].createdAt'],
    [messages, { messages: [{ role: 'user', content: 1, tokenCount: '5' }] }, 'messages[0].tokenCount'],
    [`/v1/sessions/${id}/usage`, { add: { inputTokens: -1 } }, 'add.inputTokens'],
    [`/v1/sessions/${id}/usage`, { set: { estimatedCostUsd: 1e9 } }, 'set.estimatedCostUsd'],
    [`/v1/sessions/${id}/usage`, { add: {}, set: {} }, ''],
    [`/v1/sessions/${id}/truncate`, { afterSequence: 1e300 }, 'afterSequence'],
  ]
  for (const [path, body, place] of cases) {
    const { problems = [] } = assertProblem(await service.post(path, body), 422, 'INVALID_INPUT')
    assert.deepEqual(
      problems.map((problem) => problem.path),
      [place],
      JSON.stringify(body),
    )
  }
  for (const query of ['limit=x', 'limit=0', 'nonsense=1', 'metadata=5', 'createdAfter=soon', 'limit=1&limit=2']) {
    assertProblem(await service.raw({ path: `/v1/sessions?${query}` }), 422, 'INVALID_INPUT')
  }
  assertProblem(await service.raw({ path: '/v1/sessions?externalId=a&limit=1' }), 422, 'INVALID_INPUT')
  assertProblem(await service.raw({ path: '/v1/sessions?cursor=x' }), 422, 'CURSOR_INVALID')
  assert.equal((await service.hansard.sessions.list()).items.length, 1)
  assert.equal((await service.hansard.sessions.get(id)).messageCount, 0)
})

testOn('sqlite', 'bodies that are no JSON, no UTF-8 or of another kind are refused', async (store) => {
  const service = await TestService.start(store)
  const json = 'application/json'
  const cases: [string, string | Uint8Array, number, string][] = [
    [json, '{"actorName":', 422, 'INVALID_INPUT'],
    [json, '', 422, 'INVALID_INPUT'],
    [json, Buffer.from([0x22, 0xff, 0x22]), 422, 'INVALID_INPUT'],
    [`${json}; charset=latin1`, '{"actorName":"ada"}', 415, 'MEDIA_TYPE_UNSUPPORTED'],
    ['text/plain', 'ada', 415, 'MEDIA_TYPE_UNSUPPORTED'],
    ['application/x-www-form-urlencoded', 'actorName=ada', 415, 'MEDIA_TYPE_UNSUPPORTED'],
    ['nonsense', 'ada', 415, 'MEDIA_TYPE_UNSUPPORTED'],
  ]
  for (const [type, body, status, code] of cases) {
    assertProblem(await service.raw({ method: 'POST', headers: { 'content-type': type }, body }), status, code)
  }
  const zipped = { 'content-type': json, 'content-encoding': 'gzip' }
  assertProblem(await service.raw({ method: 'POST', headers: zipped, body: '{}' }), 415, 'MEDIA_TYPE_UNSUPPORTED')
  const bad = { method: 'POST', path: '/v1/sessions/import', headers: { 'content-type': json } }
  assertProblem(await service.raw({ ...bad, body: Buffer.from([0xff, 0xfe]) }), 422, 'INVALID_INPUT')
  assertProblem(await service.raw({ ...bad, body: '{}' }), 422, 'ARCHIVE_MALFORMED')
  assertProblem(await service.raw({ method: 'POST', path: bad.path }), 422, 'ARCHIVE_MALFORMED')
})

testOn('sqlite', 'a path answers the methods it has and names them to the others', async (store) => {
  const service = await TestService.start(store)
  const answer = await service.raw({ method: 'PUT', path: '/v1/sessions' })
  assertProblem(answer, 405, 'METHOD_NOT_ALLOWED')
  assert.equal(answer.headers.allow, 'GET, HEAD, POST')
  assert.equal((await service.raw({ method: 'HEAD', path: '/v1/sessions' })).status, 200)
  assert.equal((await service.raw({ method: 'HEAD', path: '/v1/sessions/x/follow' })).status, 405)
  assert.equal((await service.raw({ method: 'DELETE', path: '/v1/sessions/import' })).status, 405)
  for (const path of ['/', '/v1', '/v1/none', '/v1/sessions/a/none', '/v2/sessions']) {
    assertProblem(await service.raw({ path }), 404, 'ROUTE_NOT_FOUND')
  }
  assertProblem(await service.raw({ path: '/v1/sessions/%zz' }), 422, 'INVALID_INPUT')
  assertProblem(await service.raw({ path: `/v1/sessions/${'x'.repeat(10_000)}` }), 404, 'SESSION_NOT_FOUND')
  assertProblem(await service.raw({ path: '/v1/sessions/a%00b' }), 422, 'INVALID_INPUT')
})

testOn(
  'sqlite',
  'what the database says of its troubles stays in the log, and what was said in neither',
  async (store) => {
    const service = await TestService.start(store)
    const id = await service.create()
    const message = `very private ${'x'.repeat(50)}`
    await store.execute('alter table session_messages rename to hidden_messages')
    const answer = await service.say(id, message)
    const { detail } = assertProblem(answer, 500, 'STORAGE_FAILED')
    assert.equal(detail, 'The service failed; its log says why.')
    assert.doesNotMatch(answer.text, /session_messages|insert|at \/|\.ts|\.js/i)
    const log = service.log.join('')
    assert.match(log, /STORAGE_FAILED/)
    assert.doesNotMatch(log, /very private/)
  },
)

testOn('sqlite', 'a store that was closed says so, and to try again', async (store) => {
  const service = await TestService.start(store)
  await service.hansard.close()
  const answer = await service.raw({})
  assertProblem(answer, 503, 'STORE_CLOSED')
  assert.equal(answer.headers['retry-after'], '1')
})

testOn('sqlite', 'a day that does not exist is none', async (store) => {
  const service = await TestService.start(store)
  // Without its offset an instant would be another one on each server.
  for (const day of [
    '2026-01-31T10:00:00',
    '2026-02-30',
    '2026-02-30T10:00:00Z',
    '2025-02-29',
    '2026-13-01',
    '2026-04-31T00:00:00%2B02:00',
  ]) {
    const answer = await service.raw({ path: `/v1/sessions?createdAfter=${day}` })
    assert.equal(assertProblem(answer, 422, 'INVALID_INPUT').problems?.[0]?.path, 'createdAfter', day)
  }
  for (const day of ['2024-02-29', '2026-01-31T23:30:00-05:00']) {
    assert.equal((await service.raw({ path: `/v1/sessions?createdBefore=${day}` })).status, 200, day)
  }
})
