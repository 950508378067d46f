import assert from 'node:assert/strict'
import type { ActivityEventJson, RecordedEventJson } from '../src/index.js'
import { answerToHostile, HostileRequests, hostileTokens, seededRandom } from './hostile-requests.js'
import { hostileActivityRoutes, type Route } from './hostile-routes.js'
import { type Answer, assertProblem, type RawRequest, TestService } from './http-service.js'
import { type TestStore, testOn, testOnBoth } from './test-store.js'

interface Items {
  items: RecordedEventJson[]
}

const file = { kind: 'file', path: 'src/a.ts' }
const parsed = <T>({ text }: Answer) => JSON.parse(text) as T
const record = (service: TestService, body: unknown) => service.post('/v1/activity', body)
const read = (service: TestService, path: string) => service.raw({ path: `/v1/activity${path}` })

testOnBoth('an event is 201 when it is new and 200 when it was there; so is a list, as a whole', async (store) => {
  const service = await TestService.start(store)
  const first = await record(service, { ...file, nativeId: 'n' })
  const again = await record(service, { ...file, nativeId: 'n' })
  assert.deepEqual([first.status, again.status], [201, 200], again.text)
  assert.equal(parsed<RecordedEventJson>(again).id, parsed<RecordedEventJson>(first).id)
  const mixed = await record(service, [{ ...file, nativeId: 'n' }, file])
  assert.equal(mixed.status, 201)
  assert.deepEqual(
    parsed<Items>(mixed).items.map(({ replayed }) => replayed),
    [true, false],
  )
  assert.equal((await record(service, [{ ...file, nativeId: 'n' }])).status, 200)
  assertProblem(await record(service, { kind: 'file', path: 'b.ts', nativeId: 'n' }), 409, 'IDEMPOTENCY_CONFLICT')
})

testOnBoth('a list is recorded whole or not at all, and names the event that is wrong', async (store) => {
  const service = await TestService.start(store, {}, { limits: { eventBytes: 100 } })
  for (const [wrong, path, status, code] of [
    [{ kind: 'file' }, 'events[1].path', 422, 'INVALID_INPUT'],
    [{ ...file, unknown: 1 }, 'events[1].unknown', 422, 'INVALID_INPUT'],
    [null, 'events[1]', 422, 'INVALID_INPUT'],
    [{ ...file, payload: { note: 'x'.repeat(100) } }, 'events[1].payload', 413, 'EVENT_TOO_LARGE'],
  ] as const) {
    const { problems } = assertProblem(await record(service, [file, wrong]), status, code)
    assert.equal(problems?.[0]?.path, path)
  }
  const many = Array.from({ length: 1_001 }, () => file)
  assert.equal(assertProblem(await record(service, many), 422, 'INVALID_INPUT').problems?.[0]?.path, 'events')
  assert.deepEqual(parsed<Items>(await read(service, '')).items, [])
  assert.deepEqual(parsed(await record(service, [])), { items: [] })
})

testOn('sqlite', 'one event is refused by its own paths, before the library is asked', async (store) => {
  const service = await TestService.start(store)
  for (const [body, path] of [
    [{}, 'kind'],
    [{ kind: 'file' }, 'path'],
    [{ ...file, ts: 'yesterday' }, 'ts'],
    [{ ...file, retries: -1 }, 'retries'],
    [{ ...file, unknown: 1 }, 'unknown'],
    [{ kind: 'tool', name: 'Edit', payload: { bytesIn: '1' } }, 'payload.bytesIn'],
    [{ kind: 'issue', issueId: 'BUG-1', args: null }, 'args'],
  ] as const) {
    const { problems } = assertProblem(await record(service, body), 422, 'INVALID_INPUT')
    assert.equal(problems?.[0]?.path, path, JSON.stringify(body))
  }
})

testOn('sqlite', 'what finds events is refused where it makes no sense', async (store) => {
  const service = await TestService.start(store)
  for (const [query, path] of [
    ['?kind=deploy', 'kind'],
    ['?limit=0', 'limit'],
    ['?since=2026-02-30', 'since'],
    ['?until=2026-01-31T09:00:00', 'until'],
    ['?dryRun=true', 'dryRun'],
    ['/related', 'subject'],
    ['/related?path=a&loop=b', 'subject'],
    ['/history', 'issueId'],
    ['/failed-loops', 'path'],
    ['/failing-tools?path=a', 'path'],
  ] as const) {
    assert.equal(assertProblem(await read(service, query), 422, 'INVALID_INPUT').problems?.[0]?.path, path, query)
  }
  const { detail } = assertProblem(await read(service, '?kind=deploy'), 422, 'INVALID_INPUT')
  assert.match(detail, /tool, file, issue, loop, correction, custom/)
  assertProblem(await read(service, '?cursor=x'), 422, 'CURSOR_INVALID')
  assertProblem(await read(service, '/none'), 404, 'EVENT_NOT_FOUND')
  assertProblem(await service.raw({ method: 'DELETE', path: '/v1/activity/kinds' }), 405, 'METHOD_NOT_ALLOWED')
  assertProblem(await service.raw({ method: 'DELETE', path: '/v1/activity/none' }), 404, 'EVENT_NOT_FOUND')
})

testOn('sqlite', 'ids and paths of any letters are asked for in the URL', async (store) => {
  const service = await TestService.start(store)
  const issueId = 'a/b?c&d=é世 #1'
  await record(service, { kind: 'file', path: 'src/å b.ts', issueId })
  await record(service, { kind: 'loop', name: 'fix', issueId, state: 'failed' })
  const asked = (path: string, query: Record<string, string>) =>
    read(service, `${path}?${new URLSearchParams(query).toString()}`)
  assert.equal(parsed<Items>(await asked('/history', { issueId })).items.length, 2)
  assert.equal(parsed<Items>(await asked('/related', { path: 'src/å b.ts' })).items.length, 2)
  assert.equal(parsed<{ items: unknown[] }>(await asked('/failed-loops', { path: 'src/å b.ts' })).items.length, 1)
})

testOn('sqlite', 'a purge needs an age, and its dry run changes nothing', async (store) => {
  let now = Date.parse('2026-01-01T00:00:00Z')
  const service = await TestService.start(store, {}, { clock: () => new Date(now) })
  await record(service, [file, { kind: 'tool', name: 'Edit' }])
  now += 1
  const purge = (body: object) => service.post('/v1/activity/purge', body)
  assert.equal(assertProblem(await purge({}), 422, 'INVALID_INPUT').problems?.[0]?.path, 'olderThanMs')
  assertProblem(await purge({ olderThanMs: 0, kinds: [] }), 422, 'INVALID_INPUT')
  assertProblem(await service.post('/v1/activity/purge?dryRun=true', { olderThanMs: 0 }), 422, 'INVALID_INPUT')
  const options = { olderThanMs: 0, kinds: ['tool'] }
  const promised = parsed<object>(await purge({ ...options, dryRun: true }))
  assert.deepEqual(promised, { dryRun: true, eventsDeleted: 1, byKind: { tool: 1 }, remaining: 1 })
  assert.deepEqual(parsed(await purge(options)), { ...promised, dryRun: false })
})

testOn('sqlite', 'no event of another namespace is seen, and no payload is logged', async (store) => {
  const service = await TestService.start(store, { tokens: 'acme=s1,globex=s2' })
  const as = (token: string) => ({ authorization: `Bearer ${token}` })
  const sent = { ...file, payload: { note: 'hunter2' }, issueId: 'SECRET-7' }
  const { id } = parsed<ActivityEventJson>(await service.post('/v1/activity', sent, as('s1')))
  for (const path of [`/v1/activity/${id}`, '/v1/activity/history?issueId=SECRET-7'])
    assert.equal((await service.raw({ path, headers: as('s1') })).status, 200)
  assertProblem(await service.raw({ path: `/v1/activity/${id}`, headers: as('s2') }), 404, 'EVENT_NOT_FOUND')
  const list = await service.raw({ path: '/v1/activity', headers: as('s2') })
  assert.deepEqual(parsed<Items>(list).items, [])
  assert.doesNotMatch(service.log.join('\n'), /hunter2|SECRET-7/)
})

testOn('sqlite', 'a thousand hostile requests on each route', (store) => bombard(store, 1_000), { timeout: 120_000 })
testOn('postgres', 'a hundred hostile requests on each route', (store) => bombard(store, 104), { timeout: 120_000 })

async function bombard(store: TestStore, perRoute: number): Promise<void> {
  const service = await TestService.start(store, { bodyLimit: 300_000, ...hostileTokens }, { durability: 'normal' })
  for (const [index, route] of hostileActivityRoutes.entries()) {
    const made = await service.hansard.activity.recordAll(Array.from({ length: 8 }, () => file))
    const there = new Set(made.map(({ id }) => id))
    for (const { id } of await everything(service)) there.add(id)
    const requests = new HostileRequests(seededRandom(index + 201), [...there].slice(-8))
    const attack = async () => {
      for (let count = 0; count < perRoute / 8; count++) await one(service, requests.next(route), there)
    }
    await Promise.all(Array.from({ length: 8 }, attack))
    await assertKept(service, route, there)
  }
  for (const check of await service.hansard.doctor()) assert.ok(check.ok, `${check.name}: ${check.detail}`)
}

/** Sends it, and keeps account of what must be there after it. */
async function one(service: TestService, sent: RawRequest, there: Set<string>): Promise<void> {
  const answer = await answerToHostile(service, sent)
  if (answer && !isForeign(sent)) note(sent, answer, there)
}

const isForeign = ({ headers }: RawRequest) =>
  headers?.authorization === 'Bearer s2' || headers?.['hansard-namespace'] !== undefined

function note({ path = '' }: RawRequest, answer: Answer, there: Set<string>): void {
  if (answer.status === 204) there.delete(path.split(/[/?]/)[3] ?? '')
  if (answer.status !== 201) return
  const body = parsed<RecordedEventJson | Items>(answer)
  for (const { id } of 'items' in body ? body.items : [body]) there.add(id)
}

async function everything({ hansard }: TestService): Promise<{ id: string }[]> {
  const found: { id: string }[] = []
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await hansard.activity.recent({ limit: 1_000, cursor })
    found.push(...page.items)
    cursor = page.nextCursor
  }
  return found
}

/** What was acknowledged is there, and nothing else. */
async function assertKept(service: TestService, { path }: Route, there: Set<string>): Promise<void> {
  if (path.endsWith('/purge')) return
  assert.deepEqual(new Set((await everything(service)).map(({ id }) => id)), there, path)
}
