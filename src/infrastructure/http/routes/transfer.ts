import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { InvalidInputError } from '../../../domain/errors.js'
import type { ForkOptions, ImportOptions } from '../../../domain/sessions/session-service.js'
import { readArchiveBodies } from '../bodies.js'
import { type ExportForm, exportTexts } from '../export-texts.js'
import { exportQuery, forkBody, importQuery, keyHeaders, sessionParams } from '../input-schemas.js'
import { answers, described, importReport, session } from '../output-schemas.js'
import { headerText } from '../request-headers.js'
import { type RouteScope, type SessionParams, sendSession, sessionUrl } from '../route-scope.js'

const tags = ['transfer']

/** Carrying sessions out of, into and across a store. */
export function addTransferRoutes(app: FastifyInstance, scope: RouteScope): void {
  addExport(app, scope)
  addFork(app, scope)
  // A scope of its own, where bodies are not read but passed on.
  void app.register(async (importing) => addImport(importing, scope))
}

const mediaTypes: Record<ExportForm, string> = {
  json: 'application/json; charset=utf-8',
  jsonl: 'application/x-ndjson; charset=utf-8',
  markdown: 'text/markdown; charset=utf-8',
}

function addExport(app: FastifyInstance, scope: RouteScope): void {
  const content = {
    'application/json': { schema: { type: 'object', additionalProperties: true } },
    'application/x-ndjson': { schema: { type: 'string' } },
    'text/markdown': { schema: { type: 'string' } },
  }
  const response = answers({ 200: { description: 'The session in the form asked for', content } })
  const schema = { tags, summary: 'Export a session', params: sessionParams, querystring: exportQuery, response }
  app.get<{ Params: SessionParams; Querystring: { form?: ExportForm } }>(
    '/v1/sessions/:id/export',
    { schema, exposeHeadRoute: false },
    async (request, reply) => {
      const { form = 'json' } = request.query
      const texts = exportTexts(scope.store(request).sessions, request.params.id, form)
      return reply.type(mediaTypes[form]).send(Readable.from(await begun(texts, reply), { objectMode: false }))
    },
  )
}

/** The same texts, once the first is there: what fails before it is an error like any other. */
async function begun(texts: AsyncGenerator<string>, reply: FastifyReply): Promise<AsyncIterable<string>> {
  const first = await texts.next()
  // A reader that went away while we looked would leave the rest waiting for good.
  if (reply.raw.destroyed) await texts.return(undefined)
  return (async function* () {
    if (!first.done) yield first.value
    yield* texts
  })()
}

interface ImportQuery {
  ids?: 'fresh' | 'preserve'
  externalId?: string
  dropExternalId?: boolean
  dryRun?: boolean
}

function addImport(app: FastifyInstance, scope: RouteScope): void {
  readArchiveBodies(app, scope.importLimit)
  const archive = { schema: { description: 'An archive as an export wrote it' } }
  const body = { content: { 'application/json': archive, 'application/x-ndjson': archive } }
  const response = answers({
    200: described(importReport, 'Of a dry run: what would be imported'),
    201: described(importReport, 'What was imported'),
  })
  const input = { headers: keyHeaders, querystring: importQuery, body }
  const schema = { tags, summary: 'Import a session', ...input, response }
  app.post<{ Querystring: ImportQuery; Body?: AsyncIterable<string> }>(
    '/v1/sessions/import',
    { schema },
    async (request, reply) => {
      const options = importOptions(request.query, headerText(request, 'Idempotency-Key'))
      const report = await scope.store(request).sessions.importSession(request.body ?? '', options)
      const { sessionId, dryRun } = report
      void reply.code(dryRun ? 200 : 201)
      if (!dryRun && sessionId !== null) void reply.header('location', sessionUrl(request, sessionId, scope))
      return report
    },
  )
}

function importOptions({ externalId, dropExternalId, ...rest }: ImportQuery, idempotencyKey?: string): ImportOptions {
  if (dropExternalId && externalId !== undefined) {
    throw new InvalidInputError([{ path: 'dropExternalId', message: 'and externalId exclude each other' }])
  }
  return { ...rest, externalId: dropExternalId ? null : externalId, idempotencyKey }
}

function addFork(app: FastifyInstance, scope: RouteScope): void {
  const response = answers({ 201: described(session, 'The new session') })
  const input = { params: sessionParams, headers: keyHeaders, body: forkBody }
  const schema = { tags, summary: 'Copy a session, up to a message', ...input, response }
  app.post<{ Params: SessionParams; Body: ForkOptions }>(
    '/v1/sessions/:id/fork',
    {
      schema,
      // To fork the whole session there is nothing to say.
      preValidation: async (request) => {
        request.body ??= {}
      },
    },
    async (request, reply) => {
      const { sessions } = scope.store(request)
      const options = { ...request.body, idempotencyKey: headerText(request, 'Idempotency-Key') }
      return sendSession(reply.code(201), await sessions.fork(request.params.id, options), scope)
    },
  )
}
