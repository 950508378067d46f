import type { InputProblem } from '../../../src/index.js'
import type { Problem } from '../../../src/infrastructure/http/hansard-fastify.js'
import { reviveInstant } from './instants.js'

type Parameter = string | number | boolean | Date | string[] | null | undefined

export interface Call {
  query?: Record<string, Parameter>
  body?: object
  /** A body as it is. */
  text?: string
  idempotencyKey?: string
  ifMatch?: string
  headers?: Record<string, string>
  signal?: AbortSignal
}

/** An answer that was a problem: its code and what came with it. */
export class HttpFailure extends Error {
  readonly code: string
  readonly problems: InputProblem[]
  readonly expected: unknown
  readonly actual: unknown

  constructor({ code, detail, problems, expected, actual }: Problem) {
    super(detail)
    this.code = code
    this.problems = (problems ?? []).map(asInLibrary)
    this.expected = expected
    this.actual = actual
  }

  static of(text: string): HttpFailure {
    return new HttpFailure(JSON.parse(text) as Problem)
  }
}

/** Requests in one namespace; answers with their instants revived. */
export class HttpClient {
  constructor(
    private readonly url: string,
    private readonly namespace: string,
  ) {}

  async send<T>(method: string, path: string, call: Call = {}): Promise<T> {
    const text = await (await this.request(method, path, call)).text()
    return (text === '' ? undefined : this.revived(text)) as T
  }

  /** @throws {HttpFailure} for any answer that is a problem */
  async request(method: string, path: string, call: Call = {}): Promise<Response> {
    const url = new URL(path, this.url)
    for (const [name, value] of Object.entries(call.query ?? {})) {
      for (const each of [value ?? []].flat()) url.searchParams.append(name, parameterText(each))
    }
    const body = call.text ?? (call.body && JSON.stringify(call.body))
    const answer = await fetch(url, { method, headers: this.headers(call, body), body, signal: call.signal })
    if (!answer.ok) throw HttpFailure.of(await answer.text())
    return answer
  }

  revived<T>(text: string): T {
    return JSON.parse(text, reviveInstant) as T
  }

  private headers({ headers, idempotencyKey, ifMatch }: Call, body: string | undefined): Record<string, string> {
    return {
      ...headers,
      'hansard-namespace': asHeader(this.namespace),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(idempotencyKey !== undefined && { 'idempotency-key': asHeader(idempotencyKey) }),
      ...(ifMatch !== undefined && { 'if-match': ifMatch }),
    }
  }
}

const parameterText = (value: string | number | boolean | Date) =>
  value instanceof Date ? value.toISOString() : String(value)

/** Headers are bytes; the service reads them as UTF-8. */
const asHeader = (text: string) => Buffer.from(text).toString('latin1')

/** The service names places in its body or URL where the library names those in its arguments. */
function asInLibrary({ path, message }: InputProblem): InputProblem {
  return { path: path.replace(/^(add|set)\b/, 'usage').replace(/^q$/, 'query'), message }
}
