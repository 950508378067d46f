import type { Readable } from 'node:stream'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { answering, bodyTooLarge, invalidRequest, mediaTypeUnsupported } from './error-replies.js'

/**
 * JSON as the store keeps it: `__proto__` is a key like any other, and bytes that are no UTF-8
 * are refused. Fastify's own parser forbids the one and repairs the other.
 */
export function readJsonBodies(app: FastifyInstance, bodyLimit: number): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer', bodyLimit },
    async (request: FastifyRequest, body: Buffer) =>
      answering(request, () => {
        assertPlainUtf8(request)
        return parsed(body)
      }),
  )
}

/** Archives, as they come: they may be larger than memory. */
export function readArchiveBodies(app: FastifyInstance, importLimit: number): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    ['application/json', 'application/x-ndjson'],
    async (request: FastifyRequest, payload: Readable) =>
      answering(request, () => {
        assertPlainUtf8(request)
        if (Number(request.headers['content-length']) > importLimit) throw bodyTooLarge(importLimit)
        return utf8Texts(payload, importLimit)
      }),
  )
}

function assertPlainUtf8(request: FastifyRequest): void {
  const [, charset = 'utf-8'] = /;\s*charset="?([^";\s]+)/i.exec(request.headers['content-type'] ?? '') ?? []
  const encoding = request.headers['content-encoding'] ?? 'identity'
  if (!/^utf-?8$/i.test(charset) || encoding !== 'identity') throw mediaTypeUnsupported(request)
}

/** Undefined for no body at all, which some routes take. */
function parsed(body: Buffer): unknown {
  if (body.length === 0) return undefined
  const text = decoded(new TextDecoder('utf-8', { fatal: true }), body)
  try {
    return JSON.parse(text)
  } catch (error) {
    throw invalidRequest(`The body is not JSON: ${(error as Error).message}`)
  }
}

async function* utf8Texts(payload: Readable, limit: number): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let bytes = 0
  for await (const chunk of payload as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > limit) throw bodyTooLarge(limit)
    yield decoded(decoder, chunk, { stream: true })
  }
  yield decoded(decoder, undefined)
}

function decoded(
  decoder: InstanceType<typeof TextDecoder>,
  bytes: Buffer | undefined,
  options?: { stream: boolean },
): string {
  try {
    return decoder.decode(bytes, options)
  } catch {
    throw invalidRequest('The body is not UTF-8 text.')
  }
}
