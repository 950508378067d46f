import type { FastifyRequest } from 'fastify'
import { InvalidInputError } from '../../domain/errors.js'

/**
 * One header as UTF-8 text; undefined when it was not sent.
 *
 * @throws {InvalidInputError} when it was sent twice or is no UTF-8
 */
export function headerText(request: FastifyRequest, name: string): string | undefined {
  const [value, ...others] = rawValues(request, name.toLowerCase())
  if (value === undefined) return undefined
  if (others.length > 0) throw badHeader(name, 'was sent twice')
  try {
    // Node reads header bytes as Latin-1.
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(value, 'latin1'))
  } catch {
    throw badHeader(name, 'is not UTF-8 text')
  }
}

/** From the pairs as they came: Node joins what was sent twice, and Fastify's `inject` knows no other list. */
export function rawValues({ raw: { rawHeaders } }: FastifyRequest, name: string): string[] {
  return rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name)
}

/** The sequence that `If-Match` asks for; undefined when any will do. */
export function expectedSequence(request: FastifyRequest): number | undefined {
  const tag = headerText(request, 'If-Match')
  if (tag === undefined || tag === '*') return undefined
  const [, digits] = /^"(\d{1,16})"$/.exec(tag) ?? []
  if (digits !== undefined) return Number(digits)
  throw badHeader(
    'If-Match',
    `is ${JSON.stringify(tag.slice(0, 80))}; write the ETag that came last, such as "7", or *`,
  )
}

/** The largest sequence that a session can have. */
const lastSequence = 2_147_483_647

/** Where a follower goes on: what the browser remembers comes before what the URL says. */
export function lastEventId(request: FastifyRequest): number | undefined {
  const text = headerText(request, 'Last-Event-ID')
  if (text === undefined || text === '') return undefined
  if (/^\d{1,10}$/.test(text) && Number(text) <= lastSequence) return Number(text)
  throw badHeader('Last-Event-ID', `is ${JSON.stringify(text.slice(0, 80))}; write a sequence, such as 7`)
}

function badHeader(name: string, message: string): InvalidInputError {
  return new InvalidInputError([{ path: name, message }])
}
