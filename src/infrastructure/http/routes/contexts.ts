import type { FastifyInstance } from 'fastify'
import {
  contextJson,
  contextWithStepsJson,
  openedContextJson,
  recordedStepJson,
  runReportJson,
} from '../../../domain/contexts/context-json.js'
import type {
  ListContextsOptions,
  OpenContextInput,
  PurgeOptions,
  RunOptions,
  StepInput,
} from '../../../domain/contexts/context-service.js'
import { InvalidInputError } from '../../../domain/errors.js'
import * as schemas from '../context-schemas.js'
import { keyHeaders } from '../input-schemas.js'
import { answers, described } from '../output-schemas.js'
import { headerText } from '../request-headers.js'
import type { RouteScope } from '../route-scope.js'

const tags = ['contexts']

/** In the body, where no log of URLs sees it. */
interface OnToken {
  stateToken: string
  subjectId?: string
}

/** Working state behind a state token: opened, stepped, read, patched and closed; listed, run and purged. */
export function addContextRoutes(app: FastifyInstance, scope: RouteScope): void {
  addOpen(app, scope)
  addStep(app, scope)
  addGet(app, scope)
  addPatch(app, scope)
  addClose(app, scope)
  addRun(app, scope)
  addList(app, scope)
  addPurge(app, scope)
}

function addOpen(app: FastifyInstance, scope: RouteScope): void {
  const response = answers({ 201: described(schemas.openedContext, 'The context, and this once its state token') })
  const schema = { tags, summary: 'Open a context', headers: keyHeaders, body: schemas.openBody, response }
  app.post<{ Body: OpenContextInput }>('/v1/session/open', { schema }, async (request, reply) => {
    const idempotencyKey = headerText(request, 'Idempotency-Key')
    const opened = await scope.store(request).contexts.open({ ...request.body, idempotencyKey })
    return reply.code(201).send(openedContextJson(opened))
  })
}

function addStep(app: FastifyInstance, scope: RouteScope): void {
  const response = answers({
    200: described(schemas.recordedStep, 'The step that this key recorded before'),
    201: described(schemas.recordedStep, 'The step, as it was recorded'),
  })
  const schema = { tags, summary: 'Record a step', headers: keyHeaders, body: schemas.stepBody, response }
  app.post<{ Body: OnToken & StepInput }>('/v1/session/step', { schema }, async (request, reply) => {
    const { stateToken, subjectId, ...step } = request.body
    const input = { ...step, idempotencyKey: headerText(request, 'Idempotency-Key') }
    const recorded = await scope.store(request).contexts.step(stateToken, input, { subjectId })
    return reply.code(recorded.replayed ? 200 : 201).send(recordedStepJson(recorded))
  })
}

function addGet(app: FastifyInstance, scope: RouteScope): void {
  const response = answers({ 200: described(schemas.contextWithSteps, 'The context and its log') })
  const schema = { tags, summary: 'Read a context', headers: schemas.tokenHeaders, response }
  app.get('/v1/session', { schema }, async (request) => {
    const subjectId = headerText(request, 'Subject-Id')
    const stateToken = headerText(request, 'State-Token')
    if (stateToken === undefined) {
      throw new InvalidInputError([{ path: 'State-Token', message: 'is missing; send the token in this header' }])
    }
    return contextWithStepsJson(await scope.store(request).contexts.get(stateToken, { subjectId }))
  })
}

function addPatch(app: FastifyInstance, scope: RouteScope): void {
  const response = answers({ 200: described(schemas.context, 'The context as it is now') })
  const schema = { tags, summary: 'Merge a patch into the state', body: schemas.patchBody, response }
  type Body = OnToken & { patch: object; expectedVersion?: number }
  app.patch<{ Body: Body }>('/v1/session', { schema }, async (request) => {
    const { stateToken, patch, ...options } = request.body
    return contextJson(await scope.store(request).contexts.patch(stateToken, patch, options))
  })
}

function addClose(app: FastifyInstance, scope: RouteScope): void {
  const response = answers({ 200: described(schemas.contextWithSteps, 'The final state and log; the token is dead') })
  const schema = { tags, summary: 'Close a context', body: schemas.closeBody, response }
  app.post<{ Body: OnToken }>('/v1/session/close', { schema }, async (request) => {
    const { stateToken, subjectId } = request.body
    return contextWithStepsJson(await scope.store(request).contexts.close(stateToken, { subjectId }))
  })
}

function addRun(app: FastifyInstance, scope: RouteScope): void {
  const response = answers({ 201: described(schemas.runReport, 'What became of each step, and the closed context') })
  const input = { headers: keyHeaders, body: schemas.runBody }
  const schema = { tags, summary: 'Open, record steps and close at once', ...input, response }
  app.post<{ Body: RunOptions & { steps: StepInput[] } }>('/v1/session/run', { schema }, async (request, reply) => {
    const { steps, ...options } = request.body
    const idempotencyKey = headerText(request, 'Idempotency-Key')
    const report = await scope.store(request).contexts.run(steps, { ...options, idempotencyKey })
    return reply.code(201).send(runReportJson(report))
  })
}

function addList(app: FastifyInstance, scope: RouteScope): void {
  const response = answers({ 200: described(schemas.contextPage, 'One page, newest first, without tokens') })
  const schema = { tags, summary: 'List contexts', querystring: schemas.contextsQuery, response }
  app.get<{ Querystring: ListContextsOptions }>('/v1/contexts', { schema }, async (request) => {
    const page = await scope.store(request).contexts.list(request.query)
    return { ...page, items: page.items.map(contextJson) }
  })
}

function addPurge(app: FastifyInstance, scope: RouteScope): void {
  const response = answers({ 200: described(schemas.purgeReport, 'What was done, or would be') })
  const schema = { tags, summary: 'Delete what ended long ago', body: schemas.purgeBody, response }
  app.post<{ Body: Omit<PurgeOptions, 'onProgress'> }>('/v1/contexts/purge', { schema }, async (request) =>
    scope.store(request).contexts.purge(request.body),
  )
}
