import type { FastifyRequest } from 'fastify'
import { InvalidInputError } from '../../domain/errors.js'

/**
 * One header as UTF-8 text; undefined when it was not sent.
 *
 * @throws {InvalidInputError} when it was sent twice or is no UTF-8
 */
export function headerText(request: FastifyRequest, name: string): string | undefined {
  const values = request.raw.headersDistinct[name.toLowerCase()]
  if (!values) return undefined
  const [value = '', ...others] = values
  if (others.length > 0) throw badHeader(name, 'was sent twice')
  try {
    // Node reads header bytes as Latin-1.
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(value, 'latin1'))
  } catch {
    throw badHeader(name, 'is not UTF-8 text')
  }
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

/** Where a follower goes on: what the browser remembers comes before what the URL says. */
export function lastEventId(request: FastifyRequest): number | undefined {
  const text = headerText(request, 'Last-Event-ID')
  if (text === undefined || text === '') return undefined
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw badHeader('Last-Event-ID', `is ${JSON.stringify(text.slice(0, 80))}; write a sequence, such as 7`)
}

function badHeader(name: string, message: string): InvalidInputError {
  return new InvalidInputError([{ path: name, message }])
}
