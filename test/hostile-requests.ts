import assert from 'node:assert/strict'
import type { Route } from './hostile-routes.js'
import type { Answer, RawRequest, TestService } from './http-service.js'

/** Numbers that look random and are the same in every run. */
export function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)

/** Values that a careful parser may still stumble over, as JSON text. */
const oddJson = [
  ...['null', 'true', '0', '-0', '1e999', '-1e999', '9007199254740993', '1e-400', '0.1', '-1', '2147483648', '1e15'],
  ...['""', '"a"', '"\\u0000"', '"\\ud83d"', '"__proto__"', '"2026-13-45T99:99:99Z"', '"+275760-09-13T00:00:00Z"'],
  ...['[]', '{}', '[null]', '[[]]', '{"__proto__":{"a":1}}', '{"constructor":{"prototype":{}}}', '{"toString":1}'],
  ...['{"":""}', '{"length":-1}', '{"then":1}', '{"toJSON":1}', nested(50), nested(1_100), `"${'x'.repeat(300)}"`],
]
const oddBodies = [
  ...['', ' ', '{', '{"', '[1,', 'undefined', 'NaN', '{"a":1,}', "{'a':1}", '\ufeff', '\ufeff{}', '\u0000', 'x=1&y=2'],
  ...['{"a":1}{"a":2}', '"', '\\', '<xml/>', nested(100_000), `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`],
]
const oddTexts = [
  ...[
    '',
    '0',
    '-1',
    '1e3',
    '0x10',
    ' 5',
    '1.5',
    'NaN',
    'null',
    'true',
    '[]',
    '{}',
    '%00',
    '%ff',
    '%',
    '%zz',
    '..',
    '%2F',
  ],
  ...[
    '__proto__',
    'constructor',
    "'; drop table sessions; --",
    '%F0%9F%98%80',
    '%ED%A0%BD',
    'a'.repeat(500),
    '99999999999999999999',
  ],
  ...[
    '2026-01-01',
    '+275760-09-13',
    '9999-99-99',
    '*',
    '%5B%5D',
    '{"a":"%00"}',
    '{"a":null}',
    '{"__proto__":1}',
    '2026-01-01T00:00:00+99:99',
  ],
]
const contentTypes = [
  ...[
    'application/json',
    'application/json',
    'application/json',
    'application/json; charset=utf-8',
    'application/x-ndjson',
  ],
  ...['text/plain', '', 'application/json; charset=utf-16', 'nonsense', ';', 'application/JSON', 'multipart/form-data'],
]
const oddHeaders = ['idempotency-key', 'if-match', 'last-event-id', 'hansard-namespace', 'content-encoding', 'accept']
const oddHeaderValues = [
  '',
  '"0"',
  '"1"',
  '*',
  '\u00ff\u00fe',
  'a'.repeat(256),
  'a'.repeat(9_000),
  '"99999999999999999999"',
  'W/"1"',
  '-1',
  '7',
  '__proto__',
  'gzip',
]
/** What the service under attack knows. */
export const hostileTokens = { token: 's1', tokens: 'acme=s2' }
const oddAuthorizations = ['Bearer s2', 'Bearer s2', 'Bearer unknown', 'Bearer ', 'Basic czE6', 's1', '', '\u00ff']
const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD', 'TRACE', 'PROPFIND', 'LINK']

/** Requests to one route: some sound, most not, each from the same generator. */
export class HostileRequests {
  constructor(
    private readonly random: () => number,
    private readonly ids: readonly string[],
  ) {}

  next(route: Route): RawRequest {
    const method = this.chance(0.05) ? this.one(methods) : route.method
    const headers = this.headers(route)
    const path = this.path(route)
    if (route.body === undefined && !this.chance(0.1)) return { method, path, headers }
    const type = this.chance(0.8) ? 'application/json' : this.one(contentTypes)
    if (type !== '') headers['content-type'] = type
    if (this.chance(0.05)) headers['transfer-encoding'] = 'chunked'
    return { method, path, headers, body: this.body(route.body) }
  }

  private headers({ headers: sound = {} }: Route): Record<string, string | string[]> {
    const headers: Record<string, string | string[]> = { authorization: this.authorization() }
    for (const [name, value] of Object.entries(sound)) {
      headers[name] = this.chance(0.8) ? this.soundText(value) : this.one(oddHeaderValues)
    }
    if (this.chance(0.25)) headers[this.one(oddHeaders)] = this.one(oddHeaderValues)
    if (this.chance(0.02)) headers[this.one(oddHeaders)] = [this.one(oddHeaderValues), 'b']
    return headers
  }

  private path({ path, query }: Route): string {
    const id = this.chance(0.75) ? this.one(this.ids) : this.one(oddTexts)
    const whole = path.replace(':id', encodeIfNeeded(id))
    if (this.chance(0.5)) return whole
    const names = this.chance(0.9) && query.length > 0 ? query : ['nonsense', '__proto__', 'id']
    const pairs = Array.from({ length: 1 + Math.floor(this.random() * 3) }, () => {
      return `${this.one(names)}=${encodeIfNeeded(this.one(oddTexts))}`
    })
    return `${whole}${whole.includes('?') ? '&' : '?'}${pairs.join('&')}`
  }

  private body(sound: unknown): string | Uint8Array {
    if (this.chance(0.05)) return Buffer.from([0x7b, 0x22, 0xff, 0xc0, 0x22, 0x7d])
    if (this.chance(0.15)) return this.one(oddBodies)
    if (this.chance(0.1)) return this.one(oddJson)
    return this.mutated(sound ?? {})
  }

  /** The text of a value with, here and there, another in its place. */
  private mutated(value: unknown): string {
    if (this.chance(0.12)) return this.one(oddJson)
    if (Array.isArray(value)) return `[${value.map((item) => this.mutated(item)).join(',')}]`
    if (typeof value !== 'object' || value === null) return JSON.stringify(this.soundText(value))
    const entries = Object.entries(value).filter(() => !this.chance(0.1))
    const fields = entries.map(([key, item]) => `${JSON.stringify(key)}:${this.mutated(item)}`)
    if (this.chance(0.05)) fields.push(`"__proto__":${this.one(oddJson)}`)
    return `{${fields.join(',')}}`
  }

  /** Mostly the token that opens everything; else another namespace's, an unknown one or none. */
  private authorization(): string {
    return this.chance(0.9) ? `Bearer ${hostileTokens.token}` : this.one(oddAuthorizations)
  }

  /** Tokens are as foreign as ids: of contexts that are there, of none, and no tokens at all. */
  private soundText<T>(value: T): T | string {
    if (value !== ':token') return value
    return this.chance(0.8) ? this.one(this.ids) : this.one(['0'.repeat(32), 'f'.repeat(31), 'F'.repeat(32), 'token'])
  }

  private chance(probability: number): boolean {
    return this.random() < probability
  }

  private one<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.random() * choices.length)] as T
  }
}

/** As it is where HTTP can carry it, so that bad encodings stay bad. */
function encodeIfNeeded(text: string): string {
  return /^[\x21-\x7e]*$/.test(text) && !/[#?&]/.test(text) ? text : encodeURIComponent(text)
}

/** Whatever it is, the service is not at fault; no answer where a refusal closed the connection before the body was read. */
export async function answerToHostile(service: TestService, sent: RawRequest): Promise<Answer | undefined> {
  const answer = await service.raw(framed(sent)).catch((error: { code?: string }) => {
    assert.match(error.code ?? '', /EPIPE|ECONNRESET|HPE_CLOSED_CONNECTION/)
    return undefined
  })
  const shown = () => JSON.stringify({ sent, answer, log: service.log.slice(-3) }).slice(0, 3_000)
  assert.ok((answer?.status ?? 0) < 500, shown())
  return answer
}

/** Node sends the body of a DELETE without its length: the server would take it for another request. */
function framed({ headers = {}, body, ...sent }: RawRequest): RawRequest {
  if (body === undefined || headers['transfer-encoding']) return { ...sent, headers, body }
  return { ...sent, headers: { 'content-length': String(Buffer.byteLength(body)), ...headers }, body }
}
