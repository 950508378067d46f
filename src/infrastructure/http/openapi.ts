import type swagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import { assertPackages } from './packages.js'

const description = 'Sessions of AI agents: conversations kept verbatim and in order. Errors are RFC 9457 problems.'

/** `GET /openapi.json`, generated from the schemas that the routes validate by. */
export async function describeRoutes(app: FastifyInstance): Promise<void> {
  assertPackages(['@fastify/swagger'])
  const plugin = require('@fastify/swagger') as typeof swagger
  const { version } = require('hansard/package.json') as { version: string }
  const openapi = { openapi: '3.1.0', info: { title: 'Hansard', version, description } }
  // Under a name of our own: the host may describe its routes with the same plugin.
  const decorator = 'hansardOpenapi'
  await app.register(plugin, { openapi, decorator, exposeHeadRoutes: false })
  app.get('/openapi.json', { schema: { hide: true } }, async () =>
    (app as FastifyInstance & { [decorator]?: () => object })[decorator]?.(),
  )
}
