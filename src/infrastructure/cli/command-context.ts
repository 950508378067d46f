import type { Readable } from 'node:stream'
import type { Command } from 'commander'
import type { ActivityService } from '../../domain/activity/activity-service.js'
import type { ContextService } from '../../domain/contexts/context-service.js'
import { InvalidInputError, isHansardError } from '../../domain/errors.js'
import type { SessionService } from '../../domain/sessions/session-service.js'
import type { TranscriptService } from '../../domain/transcripts/transcript-service.js'
import type { TranscriptOptions } from '../../domain/transcripts/transcript-settings.js'
import type { Hansard } from '../../hansard.js'
import type { StoreEvent } from '../http/metrics.js'
import { readJsonFile } from './files.js'
import { Output, type Terminal } from './output.js'

export interface Migrations {
  up(): Promise<string[]>
  down(): Promise<string | null>
  status(): Promise<{ name: string; applied: boolean }[]>
  sql(): string[]
  close(): Promise<void>
}

export interface OpenOptions extends Target {
  search?: Record<string, boolean>
  redact?: Record<string, boolean>
  transcripts?: TranscriptOptions
  migrate?: 'check' | 'off'
  mustExist: boolean
  telemetry?: (event: StoreEvent) => void
}

/** What the command line is handed, so that it imports no wiring. */
export interface CommandLineParts {
  openHansard(options: OpenOptions): Promise<Hansard>
  openMigrations(options: Omit<Target, 'namespace'> & { mustExist: boolean }): Promise<Migrations>
  fromEnvironment(
    env: NodeJS.ProcessEnv,
  ): Partial<Target> &
    Pick<OpenOptions, 'search' | 'redact'> & { transcriptSettings?: string; token?: string; tokens?: string }
}

export type Interrupt = 'SIGINT' | 'SIGTERM'

/** The part of a process that commands touch; `process` is one. */
export interface CommandLineProcess {
  argv: string[]
  env: NodeJS.ProcessEnv
  stdin: Readable
  stdout: Terminal
  stderr: Terminal
  once(event: Interrupt, listener: () => void): unknown
  off(event: Interrupt, listener: () => void): unknown
}

/** The place that a command works in. */
export interface Target {
  database: string
  namespace?: string
  schema?: string
  tablePrefix?: string
}

interface GlobalOptions extends Partial<Target> {
  json?: boolean
}

export interface OpenStore {
  hansard: Hansard
  sessions: SessionService
  contexts: ContextService
  activity: ActivityService
  transcripts: TranscriptService
  output: Output
  target: Target
}

/** What every command works with: where its store is, how it prints, how it ends. */
export class CommandContext {
  /** Set by a command that did its work and found something wrong. */
  exitCode = 0

  constructor(
    readonly parts: CommandLineParts,
    readonly process: CommandLineProcess,
  ) {}

  output(command: Command): Output {
    const { stdout, stderr, env } = this.process
    return new Output(stdout, stderr, command.optsWithGlobals<GlobalOptions>().json ?? false, !env.NO_COLOR)
  }

  /** @throws {InvalidInputError} when neither the line nor the environment names a database, or SQLite is given a schema */
  target(command: Command): Target {
    const given = command.optsWithGlobals<GlobalOptions>()
    const environment = this.parts.fromEnvironment(this.process.env)
    const database = given.database ?? environment.database
    if (!database) {
      const message = 'is not given; pass --database sqlite:./hansard.db (or postgres://…), or set HANSARD_DATABASE'
      throw new InvalidInputError([{ path: 'database', message }])
    }
    const { namespace, schema, tablePrefix } = { ...environment, ...given }
    if (isPostgres(database)) return { database, namespace, schema, tablePrefix }
    if (given.schema) throw noSchema(given.schema)
    // The variable may be there for another database of the same shell.
    return { database, namespace, tablePrefix }
  }

  /**
   * Opens the store for one command and closes it. Only with `mayCreate` does it make a database file, or
   * tables in one: whoever only looks, or mistypes a path, leaves another program's file as it was. With
   * `mayBeMissing` a SQLite file that is not there is a store with nothing in it.
   */
  async withStore(
    command: Command,
    work: (store: OpenStore) => Promise<void>,
    {
      mayCreate = false,
      mayBeMissing = false,
      migrate = mayCreate ? undefined : 'check',
      ...options
    }: { mayCreate?: boolean; mayBeMissing?: boolean } & Pick<OpenOptions, 'migrate' | 'telemetry'> = {},
  ): Promise<void> {
    const target = this.target(command)
    const { search, redact, transcriptSettings } = this.parts.fromEnvironment(this.process.env)
    const given = transcriptSettings && (await readJsonFile(transcriptSettings))
    const settings = { search, redact, ...(given ? { transcripts: given } : {}) }
    const opening = this.parts.openHansard({ ...target, ...options, ...settings, migrate, mustExist: !mayCreate })
    const hansard = await opening.catch((error: unknown) => {
      if (!mayBeMissing || isPostgres(target.database) || !isHansardError(error, 'DATABASE_NOT_FOUND')) throw error
      return this.parts.openHansard({ ...target, database: 'sqlite::memory:', mustExist: false })
    })
    try {
      const { sessions, contexts, activity, transcripts } = hansard
      await work({ hansard, sessions, contexts, activity, transcripts, output: this.output(command), target })
    } finally {
      await hansard.close()
    }
  }

  /** Runs `work` with a signal that an interrupt aborts; a second interrupt ends the process as usual. */
  async interruptible(
    work: (signal: AbortSignal) => Promise<void>,
    interrupts: Interrupt[] = ['SIGINT'],
  ): Promise<void> {
    const controller = new AbortController()
    const abort = () => {
      for (const interrupt of interrupts) this.process.off(interrupt, abort)
      controller.abort()
    }
    for (const interrupt of interrupts) this.process.once(interrupt, abort)
    try {
      await work(controller.signal)
    } finally {
      for (const interrupt of interrupts) this.process.off(interrupt, abort)
    }
  }
}

const isPostgres = (database: string) => /^postgres(ql)?:\/\//.test(database)

function noSchema(schema: string): InvalidInputError {
  const message = `${JSON.stringify(schema)} is of no use: SQLite has no schemas. --table-prefix keeps tables apart on both databases`
  return new InvalidInputError([{ path: '--schema', message }])
}
