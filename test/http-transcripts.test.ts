import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { claudeRecords, jsonLines, type Line } from '../features/support/agent-sessions.js'
import {
  recurringErrorJson,
  transcriptDigestJson,
  transcriptEventsJson,
  transcriptJson,
  transcriptUsageJson,
  transcriptWithSourcesJson,
} from '../src/domain/transcripts/transcript-json.js'
import { answerToHostile, HostileRequests, hostileTokens, seededRandom } from './hostile-requests.js'
import { hostileTranscriptRoutes } from './hostile-routes.js'
import { type Answer, assertProblem, TestService } from './http-service.js'
import { type TestStore, testOn, testOnBoth } from './test-store.js'
import { Corpus } from './transcript-corpus.js'

const told: Line[] = [
  ['asks', 'Add a login page'],
  ['runs', 'npm test'],
  ['fails', "Error: Cannot find module 'express'"],
  ['runs', 'npm test'],
  ['returns', '12 passed'],
  ['answers', 'The login page is there'],
]

/** A service over a store that has read these sessions of Claude, which began one day after the other. */
async function serviceWith(
  store: TestStore,
  ids: string[],
  options: Parameters<typeof TestService.start>[1] = {},
): Promise<TestService> {
  const corpus = new Corpus()
  store.afterwards(async () => rmSync(corpus.folder, { recursive: true }))
  for (const [index, id] of ids.entries()) {
    const session = { id, project: 'shop', startedAt: new Date(Date.UTC(2026, 0, 5 + index)), lines: told }
    corpus.write(`session ${index}.jsonl`, jsonLines(claudeRecords(session)))
  }
  const service = await TestService.start(store, options, { durability: 'normal' })
  await service.hansard.transcripts.ingest({ paths: [corpus.folder] })
  return service
}

const parsed = <T>({ text }: Answer) => JSON.parse(text) as T
const read = (service: TestService, path: string, headers: Record<string, string> = {}) =>
  service.raw({ path: `/v1/transcripts${path}`, headers })

interface Listed {
  items: { uid: string; seq: number }[]
  nextCursor: string | number | null
}

testOnBoth('every route tells what the library tells, in the form of all surfaces', async (store) => {
  const service = await serviceWith(store, ['one', 'two'])
  const { transcripts } = service.hansard
  const uid = 'claude:one'
  const page = await transcripts.list()
  const asked = { after: 1, limit: 2, withBodies: true }
  for (const [path, expected] of [
    ['', { ...page, items: page.items.map(transcriptJson) }],
    [`/${uid}`, transcriptWithSourcesJson(await transcripts.get(uid))],
    [`/${uid}/events?after=1&limit=2&withBodies=true`, transcriptEventsJson(await transcripts.events(uid, asked))],
    [`/${uid}/digest`, transcriptDigestJson((await transcripts.digest(uid)) ?? assert.fail('no digest'))],
    ['/errors', { items: (await transcripts.errors()).map(recurringErrorJson) }],
    ['/usage?by=model', { items: (await transcripts.usage({ by: 'model' })).map(transcriptUsageJson) }],
  ] as const) {
    const answer = await read(service, path)
    assert.equal(answer.status, 200, answer.text)
    assert.equal(answer.text, JSON.stringify(expected), path)
  }
})

testOnBoth('a listing and the events of a transcript go on at their cursors', async (store) => {
  const service = await serviceWith(store, ['one', 'two', 'three'])
  const first = parsed<Listed>(await read(service, '?limit=2&order=oldest'))
  const rest = parsed<Listed>(await read(service, `?order=oldest&cursor=${first.nextCursor}`))
  assert.deepEqual(
    [...first.items, ...rest.items].map(({ uid }) => uid),
    ['claude:one', 'claude:two', 'claude:three'],
  )
  assertProblem(await read(service, `?order=newest&cursor=${first.nextCursor}`), 422, 'CURSOR_INVALID')
  const events = parsed<Listed>(await read(service, '/claude:one/events?limit=4'))
  const more = parsed<Listed>(await read(service, `/claude:one/events?after=${events.nextCursor}`))
  assert.deepEqual([events.nextCursor, more.items.map(({ seq }) => seq), more.nextCursor], [4, [5, 6], null])
  const some = parsed<Listed>(await read(service, '/claude:one/events?kind=error&kind=test_run'))
  assert.deepEqual(
    some.items.map(({ seq }) => seq),
    [2, 3, 4],
  )
})

testOnBoth('a uid of any letters is reached, percent-encoded', async (store) => {
  const ids = ['a:b', 'a/b', '/', 'a%2Fb', 'a b?c=d&e#f', 'é世 😀', '%', '..', '__proto__', 'x'.repeat(255)]
  const service = await serviceWith(store, ids)
  for (const id of ids) {
    const uid = `claude:${id}`
    for (const below of ['', '/events', '/digest']) {
      const answer = await read(service, `/${encodeURIComponent(uid)}${below}`)
      assert.equal(answer.status, 200, `${uid} ${answer.text}`)
      if (below === '') assert.equal(parsed<{ uid: string }>(answer).uid, uid)
    }
  }
})

testOnBoth(
  'a slash in a uid is one of its letters where it is encoded, and parts the path otherwise',
  async (store) => {
    const service = await serviceWith(store, ['a', 'a/events', 'a/b'])
    assert.equal(parsed<{ uid: string }>(await read(service, '/claude:a%2Fevents')).uid, 'claude:a/events')
    assert.equal(parsed<Listed>(await read(service, '/claude:a/events')).items.length, told.length)
    assertProblem(await read(service, '/claude:a/b'), 404, 'ROUTE_NOT_FOUND')
  },
)

testOnBoth('search takes the kinds of transcripts, and leads to the event', async (store) => {
  const service = await serviceWith(store, ['one', 'two'])
  const found = async (kind: string) => {
    const answer = await service.raw({ path: `/v1/search?q=express&projectId=shop&${kind}` })
    return parsed<{ items: { anchor: string }[] }>(answer)
      .items.map(({ anchor }) => anchor)
      .sort()
  }
  const events = ['claude:one#3', 'claude:two#3']
  assert.deepEqual(await found('kind=transcript'), events)
  assert.deepEqual(await found('kind=digest'), ['claude:one', 'claude:two'])
  assert.deepEqual(await found('kind=digest&kind=transcript'), ['claude:one', ...events, 'claude:two'].sort())
  const [uid = '', seq = ''] = events[0]?.split('#') ?? []
  const around = parsed<Listed>(
    await read(service, `/${encodeURIComponent(uid)}/events?after=${Number(seq) - 1}&limit=1`),
  )
  assert.equal(around.items[0]?.seq, 3)
})

testOnBoth('what no database takes is refused or not there, and no fault', async (store) => {
  const service = await serviceWith(store, ['one'])
  for (const [path, status] of [
    ['/claude:%00', 422],
    ['/claude:%ED%A0%BD', 422],
    [`/claude:${'x'.repeat(5_000)}`, 404],
    ['/claude:one/events?after=2147483647', 200],
    ['/claude:one/events?after=2147483648', 422],
    ['?project=%00', 422],
    ['?since=%2B275760-09-13T00:00:00Z', 200],
    ['/usage?until=-271821-04-20T00:00:00Z', 200],
  ] as const) {
    const answer = await read(service, path)
    assert.equal(answer.status, status, `${path} ${answer.text}`)
  }
})

testOn('sqlite', 'what is wrong is named by its parameter', async (store) => {
  const service = await serviceWith(store, ['one'])
  for (const [path, parameter] of [
    ['?flavor=aider', 'flavor'],
    ['?outcome=won', 'outcome'],
    ['?project=', 'project'],
    ['?since=2026-02-30', 'since'],
    ['?until=soon', 'until'],
    ['?order=best', 'order'],
    ['?limit=1001', 'limit'],
    ['?repository=a', 'repository'],
    ['/aider:1', 'uid'],
    ['/claude:', 'uid'],
    ['/usage/events', 'uid'],
    ['/one/digest', 'uid'],
    ['/claude:one/events?kind=song', 'kind'],
    ['/claude:one/events?kind=edit&kind=song', 'kind'],
    ['/claude:one/events?after=-1', 'after'],
    ['/claude:one/events?withBodies=perhaps', 'withBodies'],
    ['/claude:one/events?limit=0', 'limit'],
    ['/claude:one/digest?version=1', 'version'],
    ['/errors?tool=', 'tool'],
    ['/errors?since=never', 'since'],
    ['/usage?by=week', 'by'],
    ['/usage?group=day', 'group'],
    ['/usage?domain=', 'domain'],
  ] as const) {
    const { problems } = assertProblem(await read(service, path), 422, 'INVALID_INPUT')
    assert.equal(problems?.[0]?.path, parameter, path)
  }
  const { detail } = assertProblem(await read(service, '/claude:one/events?kind=song'), 422, 'INVALID_INPUT')
  assert.match(detail, /human_intervention/)
  assertProblem(await read(service, '?cursor=x'), 422, 'CURSOR_INVALID')
})

testOn('sqlite', 'what is not there is 404, and nothing is written', async (store) => {
  const service = await serviceWith(store, ['one'])
  for (const below of ['', '/events', '/digest']) {
    assertProblem(await read(service, `/claude:none${below}`), 404, 'TRANSCRIPT_NOT_FOUND')
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      const answer = await service.raw({ method, path: `/v1/transcripts/claude:one${below}` })
      assertProblem(answer, 405, 'METHOD_NOT_ALLOWED')
      assert.equal(answer.headers.allow, 'GET, HEAD')
    }
  }
  await store.execute('update transcripts set digest = null, digest_version = null')
  assertProblem(await read(service, '/claude:one/digest'), 404, 'DIGEST_NOT_READY')
})

testOn('sqlite', 'no transcript of another namespace is seen, and none is logged', async (store) => {
  const service = await serviceWith(store, ['private-one'], { tokens: 'default=s1,globex=s2' })
  const as = (token: string) => ({ authorization: `Bearer ${token}` })
  for (const path of ['/claude:private-one', '/claude:private-one/events', '/claude:private-one/digest']) {
    assert.equal((await read(service, path, as('s1'))).status, 200)
    assertProblem(await read(service, path, as('s2')), 404, 'TRANSCRIPT_NOT_FOUND')
  }
  for (const path of ['', '/errors', '/usage']) {
    assert.ok(parsed<Listed>(await read(service, path, as('s1'))).items.length > 0)
    assert.deepEqual(parsed<Listed>(await read(service, path, as('s2'))).items, [])
  }
  assert.doesNotMatch(service.log.join('\n'), /private-one|login page/)
})

testOn('sqlite', 'a thousand hostile requests on each route', (store) => bombard(store, 1_000), { timeout: 120_000 })
testOn('postgres', 'a hundred hostile requests on each route', (store) => bombard(store, 104), { timeout: 120_000 })

async function bombard(store: TestStore, perRoute: number): Promise<void> {
  const ids = ['one', 'two', 'a:b']
  const service = await serviceWith(store, ids, { bodyLimit: 300_000, ...hostileTokens })
  const uids = ids.map((id) => `claude:${id}`)
  const before = await service.hansard.transcripts.list()
  assert.equal(before.items.length, ids.length)
  let answered = 0
  for (const [index, route] of hostileTranscriptRoutes.entries()) {
    const requests = new HostileRequests(seededRandom(index + 301), uids)
    const attack = async () => {
      for (let count = 0; count < perRoute / 8; count++) {
        if ((await answerToHostile(service, requests.next(route)))?.status === 200) answered++
      }
    }
    await Promise.all(Array.from({ length: 8 }, attack))
  }
  assert.ok(answered > perRoute, 'some of the requests are sound')
  assert.deepEqual(await service.hansard.transcripts.list(), before)
  for (const check of await service.hansard.doctor()) assert.ok(check.ok, `${check.name}: ${check.detail}`)
}
