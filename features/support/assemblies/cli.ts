import { EventEmitter } from 'node:events'
import { Readable, Writable } from 'node:stream'
import { type OpenHansardOptions, openHansard, openMigrations } from '../../../src/index.js'
import { runCommandLine } from '../../../src/infrastructure/cli/command-line.js'
import { fromEnvironment } from '../../../src/infrastructure/database/environment.js'
import { CommandLineActivity } from './command-line-activity.js'
import { CommandLineContexts } from './command-line-contexts.js'
import { CommandLineSearch } from './command-line-search.js'
import { CommandLineSessions } from './command-line-sessions.js'
import { CommandLineTranscripts } from './command-line-transcripts.js'
import type { Assembly } from './library.js'

/** A command that ended with an exit code other than 0: its code and problems are those that it printed. */
export class CommandFailure extends Error {
  constructor(
    readonly exitCode: number,
    readonly code: string,
    message: string,
    readonly problems: Problem[] = [],
  ) {
    super(message)
  }
}

interface Problem {
  path: string
  message: string
}

/** Runs one command line; what it printed on stdout. */
export type RunCommand = (args: string[], stdin?: string) => Promise<string>

/** Every call is a command line of its own, run in this process, which opens and closes the store. */
export async function openCommandLine(options: OpenHansardOptions): Promise<Assembly> {
  await (await openHansard(options)).close()
  const parts = {
    openHansard: (given: OpenHansardOptions) =>
      openHansard({ ...options, ...given, migrate: given.migrate ?? options.migrate }),
    openMigrations,
    fromEnvironment,
  }
  const runIn =
    (namespace: string, group: string): RunCommand =>
    async (args, stdin = '') => {
      const stdout = new Collected()
      const stderr = new Collected()
      const { database, schema } = options
      const env = {
        HANSARD_DATABASE: database,
        HANSARD_NAMESPACE: namespace,
        HANSARD_SCHEMA: schema,
        HANSARD_SEARCH_OFF: switchedOff(options),
      }
      const argv = ['node', 'hansard', group, ...args]
      const streams = { stdin: Readable.from([Buffer.from(stdin)]), stdout, stderr }
      const exitCode = await runCommandLine(parts, Object.assign(new EventEmitter(), { argv, env, ...streams }))
      return outcome(args, exitCode, stdout.text, stderr.text)
    }
  return {
    sessions: (namespace) => new CommandLineSessions(runIn(namespace, 'sessions')),
    contexts: (namespace) => new CommandLineContexts(runIn(namespace, 'contexts')),
    activity: (namespace) => new CommandLineActivity(runIn(namespace, 'activity')),
    transcripts: (namespace) => new CommandLineTranscripts(runIn(namespace, 'transcripts')),
    search: (namespace) => new CommandLineSearch(runIn(namespace, 'search')),
    close: async () => {},
  }
}

const switchedOff = ({ search = {} }: OpenHansardOptions) =>
  Object.entries(search)
    .flatMap(([kind, isOn]) => (isOn ? [] : [kind]))
    .join(',')

class Collected extends Writable {
  text = ''

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString()
    done()
  }
}

/** A verdict of its own is not a failure of `verify`: its report is on stdout all the same. */
function outcome(args: string[], exitCode: number, stdout: string, stderr: string): string {
  if (exitCode === 0 || (args[0] === 'verify' && stdout !== '')) return stdout
  if (!stderr.startsWith('{"error"')) throw new Error(`hansard ${args.join(' ')}: exit code ${exitCode}\n${stderr}`)
  const { error } = JSON.parse(stderr) as {
    error: { code: string; message: string; problems?: Problem[] }
  }
  throw new CommandFailure(
    exitCode,
    error.code,
    error.message,
    error.problems?.map((problem) => asInLibrary(problem, args)),
  )
}

/** The command line names lines and options where the library names places in its input. */
function asInLibrary({ path, message }: Problem, args: string[]): Problem {
  const option = /option '--([a-z-]+)/.exec(message)?.[1] ?? ''
  const list = listOf[args[0] ?? ''] ?? 'messages'
  const place = path.replace(/^line (\d+) ?/, (_, line: string) => `${list}[${Number(line) - 1}].`)
  const name = option.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
  return { path: place === '' ? name : place, message }
}

const listOf: Record<string, string> = { run: 'steps', record: 'events' }
