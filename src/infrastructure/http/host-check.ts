import type { FastifyRequest } from 'fastify'
import { MalformedRequestError, ServiceError } from './problem.js'
import { rawValues } from './request-headers.js'

const loopbackNames = ['localhost', '127.0.0.1', '::1']

export const isLoopback = (host: string) => host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)

/**
 * Against DNS rebinding: a page of another site can make a browser send us requests, but not
 * under a name of ours.
 *
 * @throws {ServiceError} HOST_NOT_ALLOWED
 * @throws {MalformedRequestError} when there are two: a proxy might have judged by the other
 */
export function assertHostAllowed(request: FastifyRequest, allowed: ReadonlySet<string>): void {
  if (rawValues(request, 'host').length > 1) {
    throw new MalformedRequestError([{ path: 'Host', message: 'was sent twice' }])
  }
  const host = hostName(request.headers.host ?? '')
  // The address that the connection reached is what the client asked for by number.
  if (allowed.has(host) || host === plainAddress(request.socket.localAddress ?? '')) return
  const message = `Host ${JSON.stringify(host.slice(0, 255))} is not this service. Start it with --allowed-host to allow the name.`
  throw new ServiceError('HOST_NOT_ALLOWED', message)
}

export function allowedHosts(bound: string, names: readonly string[]): ReadonlySet<string> {
  return new Set([...loopbackNames, bound, ...names].map((name) => name.toLowerCase()))
}

/** Without its port, and without the brackets of IPv6. */
function hostName(header: string): string {
  const [, bracketed, plain = ''] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(header) ?? []
  return (bracketed ?? plain).toLowerCase()
}

const plainAddress = (address: string) => address.replace(/^::ffff:/, '')
