import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as passed } from 'node:timers/promises'
import { TestService } from './http-service.js'
import { testOn } from './test-store.js'

async function connected(service: TestService, bytes = ''): Promise<Socket> {
  const { hostname, port } = new URL(service.url)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  socket.write(bytes)
  return socket
}

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`

function append(id: string, content: string): string {
  const body = JSON.stringify({ messages: [{ role: 'user', content }] })
  const head = `POST /v1/sessions/${id}/messages HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json`
  return `${head}\r\nContent-Length: ${body.length}\r\n\r\n${body}`
}

/** Holds the appends of a store back until they are let go, the last first. */
function heldAppends(service: TestService): { started: Promise<void>; release(): Promise<void> } {
  const { sessions } = service.hansard
  const append = sessions.appendMessages.bind(sessions)
  const waiting: (() => void)[] = []
  let tell: () => void
  const started = new Promise<void>((resolve) => {
    tell = resolve
  })
  sessions.appendMessages = async (...args) => {
    await new Promise<void>((resolve) => {
      if (waiting.push(resolve) === 3) tell()
    })
    return append(...args)
  }
  const release = async () => {
    for (const go of waiting.toReversed()) {
      go()
      await passed(30)
    }
  }
  return { started, release }
}

testOn('sqlite', 'connections that carry no request do not hold a stop', async (store) => {
  const service = await TestService.start(store)
  const silent = await connected(service)
  const half = await connected(service, 'GET /healthz HTTP/1.1\r\nHo')
  const idle = await connected(service, get('/healthz'))
  await once(idle, 'data')
  const gone = Promise.all([silent, half, idle].map((socket) => once(socket.resume(), 'close')))
  const began = performance.now()
  await service.server.close()
  await gone
  assert.ok(performance.now() - began < 2_000)
})

testOn('sqlite', 'every pipelined request that runs when a stop comes is answered', async (store) => {
  const service = await TestService.start(store)
  const id = await service.create()
  const held = heldAppends(service)
  const socket = await connected(service, append(id, 'a') + append(id, 'b') + append(id, 'c'))
  await held.started
  const answers = text(socket)
  const closing = service.server.close()
  await passed(200)
  await held.release()
  await closing
  const answer = await answers
  assert.deepEqual(answer.match(/HTTP\/1.1 \d+/g), Array(3).fill('HTTP/1.1 201'))
  assert.equal(answer.match(/^connection: close/gim)?.length, 1, answer)
  assert.equal((await service.hansard.sessions.get(id)).messageCount, 3)
})

testOn('sqlite', 'an answer that a slow reader still takes is sent to its end', async (store) => {
  const service = await TestService.start(store)
  const id = await service.create()
  await service.say(id, 'x'.repeat(8_000_000))
  const slow = await connected(service)
  slow.pause()
  slow.write(get(`/v1/sessions/${id}/messages`))
  await passed(300)
  const others = await connected(service, get('/healthz'))
  await once(others, 'data')
  const closing = service.server.close()
  await passed(300)
  assert.ok((await text(slow)).length > 8_000_000)
  await closing
})

testOn('sqlite', 'what comes on a connection while it is being closed is refused and not run', async (store) => {
  const service = await TestService.start(store)
  const id = await service.create()
  const socket = await connected(service, get('/healthz'))
  await once(socket, 'data')
  const closing = service.server.close()
  socket.write(append(id, 'late'))
  const answer = await text(socket)
  assert.match(answer, /^HTTP\/1.1 503 .*"code":"STORE_CLOSED"/s)
  await closing
  assert.equal((await service.hansard.sessions.get(id)).messageCount, 0)
})
