import type swagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import { assertPackages } from './packages.js'

const description = 'Sessions of AI agents: conversations kept verbatim and in order. Errors are RFC 9457 problems.'

/** What the service by itself asks of its callers; a host that mounts the routes has ways of its own. */
const ownAccess = () => ({
  components: { securitySchemes: { bearer: { type: 'http' as const, scheme: 'bearer' } } },
  security: [{ bearer: [] }],
})
const ownDescription = `${description} The header Hansard-Namespace names the tenant, where the token does not.`

/** `GET /openapi.json`, generated from the schemas that the routes validate by. */
export async function describeRoutes(app: FastifyInstance, isService: boolean): Promise<void> {
  assertPackages(['@fastify/swagger'])
  const plugin = require('@fastify/swagger') as typeof swagger
  const { version } = require('hansard/package.json') as { version: string }
  const info = { title: 'Hansard', version, description: isService ? ownDescription : description }
  const openapi = { openapi: '3.1.0', info, ...(isService && ownAccess()) }
  // Under a name of our own: the host may describe its routes with the same plugin.
  const decorator = 'hansardOpenapi'
  await app.register(plugin, { openapi, decorator, exposeHeadRoutes: false })
  app.get('/openapi.json', { schema: { hide: true } }, async () =>
    (app as FastifyInstance & { [decorator]?: () => object })[decorator]?.(),
  )
}
