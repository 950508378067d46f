import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'
import type { Hansard, OpenHansardOptions } from '../src/index.js'
import type { Problem } from '../src/infrastructure/http/hansard-fastify.js'
import {
  type RunningServer,
  type ServerOptions,
  ServiceMetrics,
  startServer,
} from '../src/infrastructure/http/server.js'
import type { TestStore } from './test-store.js'

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  text: string
}

export interface RawRequest {
  method?: string
  path?: string
  headers?: Record<string, string | string[]>
  body?: string | Uint8Array
}

/** A real server on a port of its own over a real store, closed with the test. */
export class TestService {
  private constructor(
    readonly hansard: Hansard,
    readonly server: RunningServer,
    readonly log: string[],
  ) {}

  static async start(
    store: TestStore,
    options: Partial<ServerOptions> = {},
    storeOptions: OpenHansardOptions = {},
  ): Promise<TestService> {
    const log: string[] = []
    const metrics = new ServiceMetrics()
    const hansard = await store.open({ telemetry: metrics.onStoreEvent, ...storeOptions })
    const write = (line: string) => void log.push(line)
    const server = await startServer({ hansard, metrics, port: 0, rateLimit: 0, log: { write }, ...options })
    store.afterwards(() => server.close())
    return new TestService(hansard, server, log)
  }

  get url(): string {
    return this.server.url
  }

  /** Any request that HTTP can carry, as `fetch` would not send every one of them. */
  raw({ method = 'GET', path = '/v1/sessions', headers = {}, body }: RawRequest): Promise<Answer> {
    return rawRequest(this.url, { method, path, headers, body })
  }

  post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const json = { 'content-type': 'application/json', ...headers }
    return this.raw({ method: 'POST', path, headers: json, body: JSON.stringify(body) })
  }

  /** Makes a session and gives its id. */
  async create(headers: Record<string, string> = {}): Promise<string> {
    const answer = await this.post('/v1/sessions', { actorName: 'ada' }, headers)
    assert.equal(answer.status, 201, answer.text)
    return (JSON.parse(answer.text) as { id: string }).id
  }

  async say(id: string, content: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    return this.post(`/v1/sessions/${id}/messages`, { messages: [{ role: 'user', content }] }, headers)
  }

  async metrics(): Promise<string> {
    return (await this.raw({ path: '/metrics' })).text
  }
}

/** `hansard serve` as a process of its own, once it listens. */
export async function spawnService(
  database: string,
  env: NodeJS.ProcessEnv = {},
  { stderr = 'ignore' }: { stderr?: 'ignore' | 'pipe' } = {},
): Promise<{ child: ChildProcess; url: string }> {
  const args = ['-r', 'tsx/cjs', 'src/bin.ts', 'serve', '--port', '0', '--json', '--database', database]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', stderr], env: { ...process.env, ...env } })
  const [line] = (await once(child.stdout as Readable, 'data')) as [Buffer]
  return { child, url: (JSON.parse(line.toString()) as { url: string }).url }
}

export function rawRequest(url: string, { method, path, headers, body }: RawRequest): Promise<Answer> {
  return new Promise((resolve, reject) => {
    // On a connection of its own: one that the server closed after a refusal is not reused.
    const request = httpRequest(new URL(url), { method, path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(chunks).toString(),
        }),
      )
    })
    request.on('error', reject)
    // Bytes: Node writes the header in the encoding of a body that is text.
    request.end(body === undefined ? undefined : Buffer.from(body))
  })
}

/** Holds an answer to be a problem with this status and code, and gives it. */
export function assertProblem(answer: Answer, status: number, code: string): Problem {
  assert.equal(answer.status, status, answer.text)
  assert.match(answer.headers['content-type'] ?? '', /^application\/problem\+json/)
  const problem = JSON.parse(answer.text) as Problem
  assert.equal(problem.code, code, answer.text)
  assert.equal(problem.status, status)
  assert.equal(problem.type, 'about:blank')
  return problem
}
