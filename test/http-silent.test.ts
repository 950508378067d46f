import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { rawRequest, spawnService } from './http-service.js'
import { type TestStore, testOn } from './test-store.js'

/** A way to the database on which, from a moment on, nothing comes through and nothing is closed. */
async function silencedDatabase(store: TestStore): Promise<{ url: string; silence(): void }> {
  const database = new URL(store.options.database)
  const target = { port: Number(database.port || 5432), host: database.hostname }
  const sockets = new Set<Socket>()
  let isSilent = false
  const proxy = createServer((near) => {
    const far = connect(target)
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from.on('error', () => undefined).on('data', (bytes) => isSilent || to.write(bytes)))
    }
  })
  await once(proxy.listen(0, '127.0.0.1'), 'listening')
  store.afterwards(async () => {
    for (const socket of sockets) socket.destroy()
    proxy.close()
  })
  database.port = String((proxy.address() as AddressInfo).port)
  database.hostname = '127.0.0.1'
  return {
    url: database.href,
    silence: () => {
      isSilent = true
    },
  }
}

testOn('postgres', 'a service whose database went silent says so, and its stop ends', async (store) => {
  await store.open()
  const { url: database, silence } = await silencedDatabase(store)
  const { child, url } = await spawnService(database, { HANSARD_SCHEMA: store.schema }, { stderr: 'pipe' })
  const log: string[] = []
  child.stderr?.on('data', (bytes: Buffer) => log.push(bytes.toString()))
  assert.equal((await rawRequest(url, { path: '/readyz' })).status, 200)
  silence()
  assert.equal((await rawRequest(url, { path: '/readyz' })).status, 503)
  const ended = once(child, 'exit', { signal: AbortSignal.timeout(35_000) })
  child.kill('SIGTERM')
  assert.deepEqual(await ended, [5, null])
  assert.match(log.join(''), /"stage":"store","msg":"The stop was given up after 30 s/)
})
