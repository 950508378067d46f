import { once } from 'node:events'
import type { Command } from 'commander'
import { assertPackages } from '../../http/packages.js'
import type * as http from '../../http/server.js'
import type { CommandContext, OpenStore } from '../command-context.js'
import { hostName, integer, positive } from '../option-values.js'
import { StopDeadline } from '../stop-deadline.js'

/** How long a stop takes at most. */
const stopMs = 30_000
/** How long requests may take of it; the rest is the store's, to end what it is doing. */
const requestsMs = 25_000

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
    .option('--allowed-host <name>', 'take requests under this host name too; may be repeated', hostName)
    .option('--body-limit <bytes>', 'the largest JSON body; 16 MiB unless given', positive)
    .option('--rate-limit <n>', 'requests a second from one address; 1,000 unless given, 0 is no limit', integer)
    .action((given: ServeOptions, command: Command) => serve(given, command, context))
}

async function serve(given: ServeOptions, command: Command, context: CommandContext): Promise<void> {
  assertPackages()
  // Only here: no other command pays for Fastify.
  const { startServer, assertMayStart, ServiceMetrics } = require('../../http/server.js') as typeof http
  const { env, stderr } = context.process
  const { token, tokens } = context.parts.fromEnvironment(env)
  const { allowedHost: allowedHosts, ...options } = { ...given, token, tokens, shutdownMs: requestsMs }
  // Before the store is opened: a refusal leaves no database file behind.
  assertMayStart(options)
  const metrics = new ServiceMetrics()
  const deadline = new StopDeadline(stopMs, stderr)
  const work = (store: OpenStore) => {
    const start = () => startServer({ ...options, allowedHosts, hansard: store.hansard, metrics, log: stderr })
    return context.interruptible((signal) => run(start, { store, deadline, signal }), ['SIGINT', 'SIGTERM'])
  }
  await deadline.hold(context.withStore(command, work, { mayCreate: true, telemetry: metrics.onStoreEvent }))
}

interface Running {
  store: OpenStore
  deadline: StopDeadline
  signal: AbortSignal
}

async function run(start: () => Promise<http.RunningServer>, { store, deadline, signal }: Running): Promise<void> {
  const server = await start()
  await store.output.result({ url: server.url }, () => `Listening on ${server.url}`)
  if (!signal.aborted) await once(signal, 'abort')
  deadline.begin()
  await server.close()
  deadline.stage = 'store'
}
