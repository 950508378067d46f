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
  /** Where the routes are mounted, such as `/agents`; empty at the root. */
  prefix: string
  /** Aborted when the server closes. */
  closing: AbortSignal
  heartbeatMs: number
  importLimit: number
}

export interface SessionParams {
  id: string
}

/** Sends a session as `GET /v1/sessions/:id` would, and for a new one where that is. */
export function sendSession(reply: FastifyReply, session: Session, { prefix }: RouteScope): SessionJson {
  if (reply.statusCode === 201) void reply.header('location', `${prefix}/v1/sessions/${session.id}`)
  void reply.header('etag', sequenceTag(session.lastSequence))
  return sessionJson(session)
}

/** What `If-Match` of an append takes. */
export const sequenceTag = (sequence: number) => `"${sequence}"`
