import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { InvalidInputError } from '../../domain/errors.js'
import { ServiceError } from './problem.js'
import { headerText } from './request-headers.js'

/** What the environment says of tokens; there is no other place to say it. */
export interface TokenSettings {
  /** One for every namespace. */
  token?: string
  /** `acme=s1,globex=s2`: one for each. */
  tokens?: string
}

interface Token {
  digest: Buffer
  /** The only namespace that it opens; undefined opens all. */
  namespace?: string
}

/** Who may come in, and into which namespace. */
export class Tokens {
  private readonly known: Token[] = []

  /** @throws {InvalidInputError} when HANSARD_TOKENS is not a list of `namespace=token`, or a token could never be sent */
  constructor({ token, tokens }: TokenSettings) {
    if (token) this.add('HANSARD_TOKEN', { digest: digestOf(assertSendable('HANSARD_TOKEN', token)) })
    for (const entry of tokens?.split(',') ?? []) this.add('HANSARD_TOKENS', namespaceToken(entry.trim()))
  }

  /** One secret twice would open what came first, whoever sends it. */
  private add(variable: string, token: Token): void {
    if (this.known.some(({ digest }) => timingSafeEqual(digest, token.digest))) {
      throw badTokens(variable, 'gives one secret twice; give each namespace a secret of its own')
    }
    this.known.push(token)
  }

  get areNeeded(): boolean {
    return this.known.length > 0
  }

  /** The namespace that the request works in; undefined is the server's own. */
  namespaceOf(request: FastifyRequest): string | undefined {
    const asked = headerText(request, 'Hansard-Namespace')
    if (!this.areNeeded) return asked
    const { namespace } = this.matching(request)
    if (namespace === undefined || asked === undefined || asked === namespace) return namespace ?? asked
    throw new ServiceError('NAMESPACE_FORBIDDEN', `This token does not open the namespace ${JSON.stringify(asked)}.`)
  }

  /** @throws {ServiceError} UNAUTHENTICATED */
  assertKnown(request: FastifyRequest): void {
    if (this.areNeeded) this.matching(request)
  }

  private matching(request: FastifyRequest): Token {
    const [, given] = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '') ?? []
    const digest = digestOf(given ?? '')
    // All of them, each in constant time: how long it takes tells nothing of any token.
    const matches = this.known.filter((token) => timingSafeEqual(token.digest, digest))
    if (given !== undefined && matches[0]) return matches[0]
    const message = 'This service needs a token. Send the header Authorization: Bearer <token>.'
    throw new ServiceError('UNAUTHENTICATED', message, { 'www-authenticate': 'Bearer realm="hansard"' })
  }
}

function namespaceToken(entry: string): Token {
  const separator = entry.indexOf('=')
  const [namespace, token] = [entry.slice(0, separator), entry.slice(separator + 1)]
  if (separator <= 0 || token === '') {
    throw badTokens(
      'HANSARD_TOKENS',
      'is not a list of namespace=token; write HANSARD_TOKENS=acme=secret1,globex=secret2',
    )
  }
  // As the store has it; every request with the token would fail.
  if (namespace.length > 255 || namespace.includes('\u0000') || !namespace.isWellFormed()) {
    throw badTokens('HANSARD_TOKENS', 'names what is not a namespace; write 1 to 255 characters')
  }
  return { namespace, digest: digestOf(assertSendable('HANSARD_TOKENS', token)) }
}

/** What a header cannot carry as it is would never match. */
function assertSendable(variable: string, token: string): string {
  if (/^[\x21-\x7e]+$/.test(token)) return token
  throw badTokens(variable, 'holds a secret with a space or a character that is not printable ASCII')
}

/** Never what was given: it is a secret. */
function badTokens(path: string, message: string): InvalidInputError {
  return new InvalidInputError([{ path, message }])
}

const digestOf = (token: string) => createHash('sha256').update(token).digest()
