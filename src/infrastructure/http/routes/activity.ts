import type { FastifyInstance } from 'fastify'
import {
  activityEventJson,
  failedLoopJson,
  failingToolJson,
  recordedEventJson,
  relatedEventJson,
} from '../../../domain/activity/activity-json.js'
import type {
  ActivityEventInput,
  EventPageOptions,
  FailedLoopsOptions,
  FailingToolsOptions,
  PurgeEventsOptions,
  RecentEventsOptions,
  RelatedSubject,
} from '../../../domain/activity/activity-service.js'
import * as schemas from '../activity-schemas.js'
import { answers, described } from '../output-schemas.js'
import type { RouteScope } from '../route-scope.js'

const tags = ['activity']

/** What happened around agents: recorded, found again by what it has in common, asked about, deleted. */
export function addActivityRoutes(app: FastifyInstance, scope: RouteScope): void {
  addRecord(app, scope)
  addRecent(app, scope)
  addRelated(app, scope)
  addHistory(app, scope)
  addFailedLoops(app, scope)
  addFailingTools(app, scope)
  addKinds(app, scope)
  addOne(app, scope)
  addPurge(app, scope)
}

function addRecord(app: FastifyInstance, scope: RouteScope): void {
  const response = answers({
    200: described(schemas.recorded, 'The same when all of it was recorded before'),
    201: described(schemas.recorded, 'The event; of a list all, in its order'),
  })
  const schema = { tags, summary: 'Record an event, or a list of them', body: schemas.recordBody, response }
  type Body = ActivityEventInput | ActivityEventInput[]
  app.post<{ Body: Body }>('/v1/activity', { schema }, async (request, reply) => {
    const { activity } = scope.store(request)
    const { body } = request
    const events = Array.isArray(body) ? await activity.recordAll(body) : [await activity.record(body)]
    const items = events.map(recordedEventJson)
    void reply.code(events.every(({ replayed }) => replayed) ? 200 : 201)
    return Array.isArray(body) ? { items } : items[0]
  })
}

function addRecent(app: FastifyInstance, scope: RouteScope): void {
  const response = answers({ 200: described(schemas.eventPage, 'One page, newest first') })
  const schema = { tags, summary: 'List events', querystring: schemas.recentQuery, response }
  app.get<{ Querystring: RecentEventsOptions }>('/v1/activity', { schema }, async (request) => {
    const page = await scope.store(request).activity.recent(request.query)
    return { ...page, items: page.items.map(activityEventJson) }
  })
}

function addRelated(app: FastifyInstance, scope: RouteScope): void {
  const response = answers({ 200: described(schemas.relatedPage, 'One page, newest first') })
  const summary = 'What has to do with a file, an issue, a session or a loop'
  const schema = { tags, summary, querystring: schemas.relatedQuery, response }
  type Querystring = RelatedSubject & EventPageOptions
  app.get<{ Querystring: Querystring }>('/v1/activity/related', { schema }, async (request) => {
    const { limit, cursor, ...subject } = request.query
    const page = await scope.store(request).activity.related(subject, { limit, cursor })
    return { ...page, items: page.items.map(relatedEventJson) }
  })
}

function addHistory(app: FastifyInstance, scope: RouteScope): void {
  const response = answers({ 200: described(schemas.eventPage, 'One page, oldest first') })
  const schema = { tags, summary: 'What happened to an issue, in order', querystring: schemas.historyQuery, response }
  type Querystring = { issueId: string } & EventPageOptions
  // In the query: ids of issues may hold what a path does not carry.
  app.get<{ Querystring: Querystring }>('/v1/activity/history', { schema }, async (request) => {
    const { issueId, limit, cursor } = request.query
    const page = await scope.store(request).activity.issueHistory(issueId, { limit, cursor })
    return { ...page, items: page.items.map(activityEventJson) }
  })
}

function addFailedLoops(app: FastifyInstance, scope: RouteScope): void {
  const response = answers({ 200: described(schemas.failedLoops, 'The last failure first') })
  const summary = 'Which loops failed on issues touching a file'
  const schema = { tags, summary, querystring: schemas.failedLoopsQuery, response }
  app.get<{ Querystring: FailedLoopsOptions }>('/v1/activity/failed-loops', { schema }, async (request) => {
    const loops = await scope.store(request).activity.failedLoops(request.query)
    return { items: loops.map(failedLoopJson) }
  })
}

function addFailingTools(app: FastifyInstance, scope: RouteScope): void {
  const response = answers({ 200: described(schemas.failingTools, 'By project, those with the most failures first') })
  const schema = { tags, summary: 'Which tools fail most, and where', querystring: schemas.failingToolsQuery, response }
  app.get<{ Querystring: FailingToolsOptions }>('/v1/activity/failing-tools', { schema }, async (request) => {
    const tools = await scope.store(request).activity.failingTools(request.query)
    return { items: tools.map(failingToolJson) }
  })
}

function addKinds(app: FastifyInstance, scope: RouteScope): void {
  const response = answers({ 200: described(schemas.kinds, 'Every kind') })
  const schema = { tags, summary: 'The kinds of events, and what each knows', response }
  app.get('/v1/activity/kinds', { schema }, async (request) => ({ items: scope.store(request).activity.kinds() }))
}

interface EventParams {
  id: string
}

function addOne(app: FastifyInstance, scope: RouteScope): void {
  const one = { tags, params: schemas.eventParams }
  const found = answers({ 200: described(schemas.event, 'The event') })
  app.get<{ Params: EventParams }>(
    '/v1/activity/:id',
    { schema: { ...one, summary: 'Get an event', response: found } },
    async (request) => activityEventJson(await scope.store(request).activity.get(request.params.id)),
  )
  const gone = answers({ 204: { type: 'null', description: 'Gone' } })
  app.delete<{ Params: EventParams }>(
    '/v1/activity/:id',
    { schema: { ...one, summary: 'Delete an event', response: gone } },
    async (request, reply) => {
      await scope.store(request).activity.delete(request.params.id)
      return reply.code(204).send()
    },
  )
}

function addPurge(app: FastifyInstance, scope: RouteScope): void {
  const response = answers({ 200: described(schemas.purgeReport, 'What was done, or would be') })
  const schema = { tags, summary: 'Delete what happened long ago', body: schemas.purgeBody, response }
  app.post<{ Body: Omit<PurgeEventsOptions, 'onProgress'> }>('/v1/activity/purge', { schema }, async (request) =>
    scope.store(request).activity.purge(request.body),
  )
}
