import assert from 'node:assert/strict'
import type { SearchPageJson } from '../src/index.js'
import { type Answer, assertProblem, TestService } from './http-service.js'
import { testOn, testOnBoth } from './test-store.js'

const find = (service: TestService, parameters: [string, string][], headers: Record<string, string> = {}) =>
  service.raw({ path: `/v1/search?${new URLSearchParams(parameters).toString()}`, headers })

const pageOf = (answer: Answer) => {
  assert.equal(answer.status, 200, answer.text)
  return JSON.parse(answer.text) as SearchPageJson
}

testOnBoth('search answers what the library finds, instants as text', async (store) => {
  const service = await TestService.start(store)
  const id = await service.create()
  await service.say(id, 'the deploy was "rolled back"')
  await service.hansard.activity.record({ kind: 'tool', name: 'deploy', projectId: 'p1' })
  const page = pageOf(await find(service, [['q', '"rolled back"']]))
  assert.deepEqual(Object.keys(page), ['items', 'nextCursor', 'ranking', 'relaxed'])
  const [item] = page.items
  const members = 'kind ref anchor snippet highlights score time sessionId actorName'
  assert.equal(Object.keys(item ?? {}).join(' '), members)
  assert.deepEqual([item?.anchor, item?.highlights], [`${id}#1`, [[16, 27]]])
  assert.match(item?.time ?? '', /^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
})

testOnBoth('kind may be repeated, and every scope is a parameter', async (store) => {
  const service = await TestService.start(store)
  const id = await service.create()
  await service.say(id, 'deploy')
  const event = { name: 'deploy', actorName: 'ada', projectId: 'p1', ts: '2026-01-05T09:00:00Z' }
  await service.hansard.activity.recordAll([
    { kind: 'tool', ...event },
    { kind: 'loop', ...event },
  ])
  const kinds = async (...parameters: [string, string][]) => {
    const { items } = pageOf(await find(service, [['q', 'deploy'], ...parameters]))
    return items.map(({ kind }) => kind).sort()
  }
  assert.deepEqual(await kinds(['kind', 'tool']), ['tool'])
  assert.deepEqual(await kinds(['kind', 'tool'], ['kind', 'message']), ['message', 'tool'])
  assert.deepEqual(await kinds(['projectId', 'p1'], ['kind', 'loop']), ['loop'])
  assert.deepEqual(await kinds(['sessionId', id]), ['message'])
  assert.deepEqual(await kinds(['actorName', 'ada'], ['until', '2026-01-06']), ['loop', 'tool'])
  assert.deepEqual(await kinds(['since', '2026-01-06'], ['recencyHalfLifeMs', '1000']), ['message'])
})

testOn('sqlite', 'a page goes on at its cursor, which is of its query alone', async (store) => {
  const service = await TestService.start(store)
  const id = await service.create()
  for (const text of ['deploy', 'deploy', 'deploy']) await service.say(id, text)
  const first = pageOf(
    await find(service, [
      ['q', 'deploy'],
      ['limit', '2'],
    ]),
  )
  const cursor = first.nextCursor ?? ''
  const rest = pageOf(
    await find(service, [
      ['q', 'deploy'],
      ['cursor', cursor],
    ]),
  )
  assert.deepEqual([first.items.length, rest.items.length, rest.nextCursor], [2, 1, null])
  const other = await find(service, [
    ['q', 'other'],
    ['cursor', cursor],
  ])
  assertProblem(other, 422, 'CURSOR_INVALID')
})

testOn('sqlite', 'what is wrong is named by its parameter', async (store) => {
  const service = await TestService.start(store)
  const refused = async (parameters: [string, string][], code: string, path: string) => {
    const { problems } = assertProblem(await find(service, parameters), 422, code)
    assert.deepEqual(
      problems?.map((problem) => problem.path),
      [path],
    )
  }
  await refused([], 'INVALID_INPUT', 'q')
  await refused([['q', '']], 'SEARCH_QUERY_INVALID', 'q')
  await refused([['q', '-deploy']], 'SEARCH_QUERY_INVALID', 'q')
  const withQuery = (name: string, value: string) =>
    refused(
      [
        ['q', 'deploy'],
        [name, value],
      ],
      'INVALID_INPUT',
      name,
    )
  await withQuery('kind', 'email')
  await withQuery('since', '2026-02-30')
  await withQuery('until', 'soon')
  await withQuery('limit', '101')
  await withQuery('recencyHalfLifeMs', '9007199254740991')
  await withQuery('sessionId', '')
  await withQuery('actorName', 'a\u0000b')
  await withQuery('fuzzy', 'true')
})

testOn('sqlite', 'search stays within the namespace of the request', async (store) => {
  const service = await TestService.start(store, { tokens: 'acme=s1,globex=s2' })
  const as = (secret: string) => ({ authorization: `Bearer ${secret}` })
  await service.say(await service.create(as('s1')), 'deploy', as('s1'))
  assert.equal(pageOf(await find(service, [['q', 'deploy']], as('s1'))).items.length, 1)
  assert.equal(pageOf(await find(service, [['q', 'deploy']], as('s2'))).items.length, 0)
})
