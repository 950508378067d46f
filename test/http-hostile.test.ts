import assert from 'node:assert/strict'
import { Agent, request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { HostileRequests, hostileTokens, seededRandom } from './hostile-requests.js'
import { hostileRoutes } from './hostile-routes.js'
import { type RawRequest, TestService } from './http-service.js'
import { type TestStore, testOn } from './test-store.js'

interface Outcome {
  status: number
  location?: string
  body: string
}

/** What the accepted requests say that the store must hold. */
class Ledger {
  requests = 0
  readonly created = new Map<string, Set<string>>()
  readonly deleted = new Set<string>()
  readonly messages = new Set<string>()

  note({ method, path = '', headers }: RawRequest, { status, location, body }: Outcome): void {
    this.requests += 1
    if (location) this.create(namespaceOf(headers), location.split('/').at(-1) ?? '')
    if (method === 'DELETE' && status === 204) this.deleted.add(path.split(/[/?]/)[3] ?? '')
    if (status === 201 && path.includes('/messages')) this.append(body)
  }

  private append(body: string): void {
    for (const { id } of (JSON.parse(body) as { items: { id: string }[] }).items) this.messages.add(id)
  }

  create(namespace: string, id: string): void {
    this.created.set(namespace, (this.created.get(namespace) ?? new Set()).add(id))
  }
}

/** Where a request worked: its token says so, if it is of one namespace alone. */
const namespaceOf = (headers: RawRequest['headers']) =>
  headers?.authorization === 'Bearer s2' ? 'acme' : String(headers?.['hansard-namespace'] ?? 'default')

testOn('sqlite', 'a thousand hostile requests on each route', (store) => bombard(store, 1_000), { timeout: 120_000 })
testOn('postgres', 'a hundred hostile requests on each route', (store) => bombard(store, 104), { timeout: 120_000 })

async function bombard(store: TestStore, perRoute: number): Promise<void> {
  const service = await TestService.start(store, { bodyLimit: 300_000, ...hostileTokens }, { durability: 'normal' })
  const ledger = new Ledger()
  const agent = new Agent({ keepAlive: true, maxSockets: 16 })
  store.afterwards(async () => agent.destroy())
  const ids: string[] = []
  for (const [index, route] of hostileRoutes.entries()) {
    // What was deleted is made anew, so that every route meets sessions that are there.
    await refill(service, ledger, ids)
    const requests = new HostileRequests(seededRandom(index + 1), ids)
    const attack = async () => {
      for (let count = 0; count < perRoute / 8; count++) await one(service, requests.next(route), agent, ledger)
    }
    await Promise.all(Array.from({ length: 8 }, attack))
    if (route.path.endsWith('/messages') && route.method === 'POST') await assertMessages(service, ids, ledger)
  }
  await garbage(service.url)
  assert.ok(ledger.requests >= hostileRoutes.length * perRoute)
  await assertSound(service, ledger)
}

async function refill(service: TestService, ledger: Ledger, ids: string[]): Promise<void> {
  const left = ids.filter((id) => !ledger.deleted.has(id))
  while (left.length < 8) {
    const id = await service.create({ authorization: `Bearer ${hostileTokens.token}` })
    ledger.create('default', id)
    left.push(id)
  }
  ids.splice(0, ids.length, ...left)
}

async function one(service: TestService, sent: RawRequest, agent: Agent, ledger: Ledger): Promise<void> {
  const outcome = await send(service.url, sent, agent)
  const shown = () => JSON.stringify({ sent, outcome, log: service.log.slice(-3) }).slice(0, 3_000)
  assert.ok(outcome.status < 500, shown())
  ledger.note(sent, outcome)
}

/** Reads a stream of events only as far as its head. */
function send(url: string, { method, path, headers, body }: RawRequest, agent: Agent): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const bytes = body === undefined ? undefined : Buffer.from(body)
    const framed = bytes && !headers?.['transfer-encoding'] ? { 'content-length': bytes.length, ...headers } : headers
    const request = httpRequest(new URL(url), { method, path, headers: framed, agent }, (response) => {
      const status = response.statusCode ?? 0
      const { location } = response.headers
      const isEndless = response.headers['content-type']?.startsWith('text/event-stream')
      if (!isEndless) return void text(response).then((body) => resolve({ status, location, body }), reject)
      resolve({ status, body: '' })
      request.destroy()
    })
    request.on('error', (error: Error & { code?: string }) => {
      // Refused before its body was read, and closed under it.
      if (error.code === 'EPIPE' || error.code === 'ECONNRESET') resolve({ status: 413, body: '' })
      else reject(new Error(JSON.stringify({ method, path, headers }), { cause: error }))
    })
    request.end(bytes)
  })
}

/** What is not even HTTP, or is cut off midway. */
async function garbage(url: string): Promise<void> {
  const { hostname, port } = new URL(url)
  const head = 'POST /v1/sessions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n'
  for (const bytes of [
    ...[
      '\r\n\r\n',
      'GET / HTTP/9.9\r\n\r\n',
      'NONSENSE\r\n\r\n',
      'GET /v1/sessions HTTP/1.1\r\n\r\n',
      '\u0000\u0001\u0002',
    ],
    ...[
      `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'a'.repeat(40_000)}\r\n\r\n`,
      `${head}Content-Length: 50\r\n\r\n{"actorName":"`,
    ],
    ...[
      `${head}Content-Length: x\r\n\r\n{}`,
      `${head}Transfer-Encoding: chunked\r\n\r\n5\r\n{"act`,
      `${head}Expect: nonsense\r\n\r\n`,
    ],
    ...[
      `${head}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n`,
      `${head}Transfer-Encoding: chunked\r\n\r\nzz\r\n`,
    ],
  ]) {
    const socket = connect(Number(port), hostname)
    socket.end(bytes)
    const answer = await text(socket).catch(() => '')
    assert.doesNotMatch(answer, /^HTTP\/1\.1 5/, bytes)
  }
}

async function assertMessages(service: TestService, ids: string[], ledger: Ledger): Promise<void> {
  const sessions = await Promise.all(ids.map((id) => service.hansard.sessions.get(id)))
  const stored = sessions.reduce((sum, { messageCount }) => sum + messageCount, 0)
  assert.ok(stored > 0)
  assert.equal(stored, ledger.messages.size)
}

async function assertSound(service: TestService, ledger: Ledger): Promise<void> {
  for (const [namespace, created] of ledger.created) {
    const { sessions } = service.hansard.namespace(namespace)
    const held = new Set<string>()
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await sessions.list({ limit: 1_000, cursor })
      for (const { id } of page.items) held.add(id)
      cursor = page.nextCursor
    }
    assert.deepEqual(held, new Set([...created].filter((id) => !ledger.deleted.has(id))))
    for (const id of held) assert.deepEqual((await sessions.verify(id)).problems, [])
  }
  for (const check of await service.hansard.doctor()) assert.ok(check.ok, `${check.name}: ${check.detail}`)
  assert.equal((await service.raw({ path: '/healthz' })).status, 200)
  assert.equal(({} as { a?: number }).a, undefined)
}
