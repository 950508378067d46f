import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { eventsOf, type ServerSentEvent } from '../features/support/assemblies/server-sent-events.js'
import type { Problem } from '../src/infrastructure/http/hansard-fastify.js'
import { assertProblem, TestService } from './http-service.js'
import { testOn, testOnBoth } from './test-store.js'

/** A browser that listens, and may go away. */
class Listener {
  private readonly events: AsyncGenerator<ServerSentEvent>

  private constructor(private readonly answer: IncomingMessage) {
    this.events = eventsOf(answer)
  }

  static async open(url: string, path: string, headers: Record<string, string> = {}): Promise<Listener> {
    const request = httpRequest(new URL(path, url), { headers, agent: false }).end()
    const [answer] = (await once(request, 'response')) as [IncomingMessage]
    assert.equal(answer.statusCode, 200)
    assert.match(answer.headers['content-type'] ?? '', /^text\/event-stream/)
    return new Listener(answer)
  }

  async next(): Promise<ServerSentEvent | undefined> {
    const { value } = (await this.events.next()) as { value?: ServerSentEvent }
    return value
  }

  /** The ids of the next messages; comments are passed over. */
  async ids(count: number): Promise<(string | undefined)[]> {
    const ids: (string | undefined)[] = []
    while (ids.length < count) {
      const event = await this.next()
      if (!event) return ids
      if (event.event === 'message') ids.push(event.id)
    }
    return ids
  }

  leave(): void {
    this.answer.destroy()
  }
}

testOnBoth('a follower goes on where it was, and what it remembers comes first', async (store) => {
  const service = await TestService.start(store)
  const id = await service.create()
  const path = `/v1/sessions/${id}/follow`
  for (const content of ['a', 'b', 'c']) await service.say(id, content)
  const first = await Listener.open(service.url, path)
  assert.deepEqual(await first.ids(3), ['1', '2', '3'])
  first.leave()
  await service.say(id, 'd')
  const again = await Listener.open(service.url, `${path}?after=1`, { 'last-event-id': '3' })
  assert.deepEqual(await again.ids(1), ['4'])
  await service.say(id, 'e\r\n\nid: 9\n\u2028')
  const event = await again.next()
  assert.equal(event?.id, '5')
  assert.equal((JSON.parse(event?.data ?? '') as { content: string }).content, 'e\r\n\nid: 9\n\u2028')
  again.leave()
})

testOn('sqlite', 'a follower is refused in plain HTTP before it begins', async (store) => {
  const service = await TestService.start(store)
  const id = await service.create()
  const path = `/v1/sessions/${id}/follow`
  assertProblem(await service.raw({ path: '/v1/sessions/none/follow' }), 404, 'SESSION_NOT_FOUND')
  assertProblem(await service.raw({ path, headers: { 'last-event-id': 'x' } }), 422, 'INVALID_INPUT')
  assertProblem(await service.raw({ path: `${path}?after=-1` }), 422, 'INVALID_INPUT')
})

testOn('sqlite', 'a sign of life comes when nothing else does', async (store) => {
  const service = await TestService.start(store, { heartbeatMs: 20 })
  const id = await service.create()
  const listener = await Listener.open(service.url, `/v1/sessions/${id}/follow`)
  const quiet = [await listener.next(), await listener.next(), await listener.next()]
  assert.deepEqual(
    quiet.map((event) => event?.data),
    ['following', 'still here', 'still here'],
  )
  await service.say(id, 'a')
  assert.deepEqual(await listener.ids(1), ['1'])
  listener.leave()
})

testOnBoth('a session that is deleted ends its followers with the problem', async (store) => {
  const service = await TestService.start(store)
  const id = await service.create()
  const listener = await Listener.open(service.url, `/v1/sessions/${id}/follow`)
  await listener.next()
  assert.equal((await service.raw({ method: 'DELETE', path: `/v1/sessions/${id}` })).status, 204)
  const event = await listener.next()
  assert.equal(event?.event, 'error')
  assert.equal((JSON.parse(event?.data ?? '') as Problem).code, 'SESSION_NOT_FOUND')
  assert.equal(await listener.next(), undefined)
})

testOn('sqlite', 'a follower that goes away is let go, and counted while it is there', async (store) => {
  const service = await TestService.start(store)
  const id = await service.create()
  const gauge = async () => Number(/^hansard_followers (\d+)$/m.exec(await service.metrics())?.[1])
  const listener = await Listener.open(service.url, `/v1/sessions/${id}/follow`)
  await listener.next()
  assert.equal(await gauge(), 1)
  listener.leave()
  // The server hears of it with the next thing that the connection brings: nothing to wait for but that.
  while ((await gauge()) !== 0);
  assert.match(await service.metrics(), /^hansard_pending_requests 1$/m)
})

testOn('sqlite', 'many followers are no leak, to Node either', async (store) => {
  const warnings: Error[] = []
  const note = (warning: Error) => void warnings.push(warning)
  process.on('warning', note)
  const service = await TestService.start(store)
  const id = await service.create()
  const path = `/v1/sessions/${id}/follow`
  const listeners = await Promise.all(Array.from({ length: 30 }, () => Listener.open(service.url, path)))
  await service.say(id, 'a')
  for (const listener of listeners) assert.deepEqual(await listener.ids(1), ['1'])
  for (const listener of listeners) listener.leave()
  await service.server.close()
  process.off('warning', note)
  assert.deepEqual(warnings, [])
})

testOn('sqlite', 'a slow reader holds its stream back and nothing else', async (store) => {
  const service = await TestService.start(store)
  const id = await service.create()
  const content = 'x'.repeat(100_000)
  for (let batch = 0; batch < 4; batch++) {
    await service.hansard.sessions.appendMessages(id, Array(50).fill({ role: 'user', content }))
  }
  const listener = await Listener.open(service.url, `/v1/sessions/${id}/follow`)
  assert.equal((await service.say(id, 'last')).status, 201)
  const ids = await listener.ids(201)
  assert.deepEqual([ids.length, ids.at(-1)], [201, '201'])
  listener.leave()
})

testOn('sqlite', 'a server that closes ends its followers as they would wish', async (store) => {
  const service = await TestService.start(store)
  const id = await service.create()
  const listener = await Listener.open(service.url, `/v1/sessions/${id}/follow`)
  await listener.next()
  const closed = service.server.close()
  assert.equal(await listener.next(), undefined)
  await closed
})

testOn('sqlite', 'a follower can only have seen a sequence that a session can have', async (store) => {
  const service = await TestService.start(store)
  const path = `/v1/sessions/${await service.create()}/follow`
  for (const last of ['2147483648', '99999999999', '999999999999999']) {
    const problem = assertProblem(await service.raw({ path, headers: { 'last-event-id': last } }), 422, 'INVALID_INPUT')
    assert.equal(problem.problems?.[0]?.path, 'Last-Event-ID')
  }
  const listener = await Listener.open(service.url, path, { 'last-event-id': '2147483647' })
  listener.leave()
})
