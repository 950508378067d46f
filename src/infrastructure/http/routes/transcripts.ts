import type { FastifyInstance } from 'fastify'
import {
  recurringErrorJson,
  transcriptDigestJson,
  transcriptEventsJson,
  transcriptJson,
  transcriptUsageJson,
  transcriptWithSourcesJson,
} from '../../../domain/transcripts/transcript-json.js'
import type {
  ErrorsOptions,
  ListTranscriptsOptions,
  TranscriptEventsOptions,
  TranscriptUsageOptions,
} from '../../../domain/transcripts/transcript-service.js'
import { answers, described } from '../output-schemas.js'
import { ServiceError } from '../problem.js'
import type { RouteScope } from '../route-scope.js'
import * as queries from '../transcript-queries.js'
import * as schemas from '../transcript-schemas.js'
import { inUrl, listed } from '../url-values.js'

const tags = ['transcripts']

interface Params {
  uid: string
}

/** Sessions of coding agents, to be read: what reads the files of the machine, or lets texts go, is an operator's act. */
export function addTranscriptRoutes(app: FastifyInstance, scope: RouteScope): void {
  addList(app, scope)
  addErrors(app, scope)
  addUsage(app, scope)
  addOne(app, scope)
  addEvents(app, scope)
  addDigest(app, scope)
}

function addList(app: FastifyInstance, scope: RouteScope): void {
  const response = answers({ 200: described(schemas.transcriptPage, 'One page') })
  const summary = 'List what coding agents left, by when it began'
  const schema = { tags, summary, querystring: queries.listQuery, response }
  app.get<{ Querystring: ListTranscriptsOptions }>('/v1/transcripts', { schema }, async (request) => {
    const page = await scope.store(request).transcripts.list(request.query)
    return { ...page, items: page.items.map(transcriptJson) }
  })
}

/** No uid is `errors` or `usage`: each begins with a flavor and a colon. */
function addErrors(app: FastifyInstance, scope: RouteScope): void {
  const response = answers({ 200: described(schemas.errors, 'Those in most transcripts first') })
  const summary = 'Which errors come again and again, and who got past them'
  const schema = { tags, summary, querystring: queries.errorsQuery, response }
  app.get<{ Querystring: ErrorsOptions }>('/v1/transcripts/errors', { schema }, async (request) => {
    const errors = await scope.store(request).transcripts.errors(request.query)
    return { items: errors.map(recurringErrorJson) }
  })
}

function addUsage(app: FastifyInstance, scope: RouteScope): void {
  const response = answers({
    200: described(
      schemas.usage,
      'Tokens of every response once: days in their order, all else by tokens, the most first',
    ),
  })
  const summary = 'What coding agents spent, by day, project, domain or model'
  const schema = { tags, summary, querystring: queries.usageQuery, response }
  app.get<{ Querystring: TranscriptUsageOptions }>('/v1/transcripts/usage', { schema }, async (request) => {
    const usages = await scope.store(request).transcripts.usage(request.query)
    return { items: usages.map(transcriptUsageJson) }
  })
}

function addOne(app: FastifyInstance, scope: RouteScope): void {
  const response = answers({ 200: described(schemas.transcript, 'The transcript') })
  const schema = {
    tags,
    summary: 'Get a transcript, with all that tells of it',
    params: queries.transcriptParams,
    response,
  }
  app.get<{ Params: Params }>('/v1/transcripts/:uid', { schema }, async (request) =>
    transcriptWithSourcesJson(await scope.store(request).transcripts.get(request.params.uid)),
  )
}

interface EventsQuery extends Omit<TranscriptEventsOptions, 'kinds'> {
  kind?: string | string[]
}

function addEvents(app: FastifyInstance, scope: RouteScope): void {
  const response = answers({ 200: described(schemas.eventPage, 'One page, in the order of time') })
  const summary = 'Read the events of a transcript'
  const schema = { tags, summary, params: queries.transcriptParams, querystring: queries.eventsQuery, response }
  type Route = { Params: Params; Querystring: EventsQuery }
  app.get<Route>('/v1/transcripts/:uid/events', { schema }, async (request) => {
    const { kind, ...options } = request.query
    const kinds = listed(kind) as TranscriptEventsOptions['kinds']
    const found = scope.store(request).transcripts.events(request.params.uid, { ...options, kinds })
    return transcriptEventsJson(await inUrl(found))
  })
}

function addDigest(app: FastifyInstance, scope: RouteScope): void {
  const response = answers({ 200: described(schemas.digest, 'What became of it; it stays when its texts go') })
  const schema = { tags, summary: 'Read the digest of a transcript', params: queries.transcriptParams, response }
  app.get<{ Params: Params }>('/v1/transcripts/:uid/digest', { schema }, async (request) => {
    const { uid } = request.params
    const digest = await scope.store(request).transcripts.digest(uid)
    if (digest) return transcriptDigestJson(digest)
    throw new ServiceError('DIGEST_NOT_READY', `Transcript "${uid}" has no digest yet; the next ingest makes it.`)
  })
}
