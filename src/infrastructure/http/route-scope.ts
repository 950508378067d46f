import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Session } from '../../domain/sessions/session.js'
import { type SessionJson, sessionJson } from '../../domain/sessions/session-archive.js'
import type { Hansard } from '../../hansard.js'
import type { Observer } from './service-events.js'

/** What the routes of every capability are given. */
export interface RouteScope {
  /** The facade, in the namespace of the request. */
  store(request: FastifyRequest): Hansard
  observe: Observer
  /** Where the routes are mounted, such as `/agents` or `/t/:tenant`; empty at the root. */
  prefix: string
  /** Aborted when the server closes. */
  closing: AbortSignal
  heartbeatMs: number
  importLimit: number
}

export interface SessionParams {
  id: string
}

/** Where a session is for who sent `request`: the prefix as it was asked for, not the host's pattern of it. */
export function sessionUrl({ originalUrl }: FastifyRequest, id: string, { prefix }: RouteScope): string {
  const [, asked] = /^(?:https?:\/\/[^/?]*)?([^?]*)\/v1\/sessions/i.exec(originalUrl) ?? []
  // More slashes than one would begin the name of another host.
  return `${(asked ?? prefix).replace(/^\/+/, '/')}/v1/sessions/${id}`
}

/** Sends a session as `GET /v1/sessions/:id` would, and for a new one where that is. */
export function sendSession(reply: FastifyReply, session: Session, scope: RouteScope): SessionJson {
  if (reply.statusCode === 201) void reply.header('location', sessionUrl(reply.request, session.id, scope))
  void reply.header('etag', sequenceTag(session.lastSequence))
  return sessionJson(session)
}

/** What `If-Match` of an append takes. */
export const sequenceTag = (sequence: number) => `"${sequence}"`
