import { once } from 'node:events'
import type { Command } from 'commander'
import { assertPackages } from '../../http/packages.js'
import type * as http from '../../http/server.js'
import type { CommandContext, OpenStore } from '../command-context.js'
import { integer } from '../option-values.js'

interface ServeOptions {
  host: string
  port: number
  allowedHost?: string[]
  bodyLimit?: number
  rateLimit?: number
}

export function addServeCommand(program: Command, context: CommandContext): void {
  program
    .command('serve')
    .description('run the HTTP service until it is interrupted; makes a SQLite file if there is none')
    .option('--host <address>', 'the address to bind; any but loopback needs HANSARD_TOKEN', '127.0.0.1')
    .option('--port <n>', 'the port to listen on; 0 picks a free one', integer, 4271)
    .option('--allowed-host <name>', 'take requests under this host name too; may be repeated', gathered)
    .option('--body-limit <bytes>', 'the largest JSON body; 16 MiB unless given', integer)
    .option('--rate-limit <n>', 'requests a second from one address; 1,000 unless given, 0 is no limit', integer)
    .action((given: ServeOptions, command: Command) => serve(given, command, context))
}

const gathered = (name: string, names: string[] = []) => [...names, name]

async function serve(given: ServeOptions, command: Command, context: CommandContext): Promise<void> {
  assertPackages()
  // Only here: no other command pays for Fastify.
  const { startServer, ServiceMetrics } = require('../../http/server.js') as typeof http
  const metrics = new ServiceMetrics()
  const work = (store: OpenStore) =>
    context.interruptible(
      (signal) => run(startServer, given, { store, metrics, context, signal }),
      ['SIGINT', 'SIGTERM'],
    )
  await context.withStore(command, work, { mayCreate: true, telemetry: metrics.onStoreEvent })
}

interface Running {
  store: OpenStore
  metrics: http.ServiceMetrics
  context: CommandContext
  signal: AbortSignal
}

async function run(
  startServer: typeof http.startServer,
  { allowedHost, ...given }: ServeOptions,
  { store, metrics, context, signal }: Running,
): Promise<void> {
  const { hansard, output } = store
  const { env, stderr } = context.process
  const { token, tokens } = context.parts.fromEnvironment(env)
  const server = await startServer({
    ...given,
    hansard,
    metrics,
    token,
    tokens,
    allowedHosts: allowedHost,
    log: stderr,
  })
  await output.result({ url: server.url }, () => `Listening on ${server.url}`)
  if (!signal.aborted) await once(signal, 'abort')
  await server.close()
}
