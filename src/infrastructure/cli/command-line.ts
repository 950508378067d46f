import { Command, CommanderError } from 'commander'
import {
  type ConflictError,
  type HansardError,
  type InputProblem,
  InvalidInputError,
  isHansardError,
} from '../../domain/errors.js'
import { CommandContext, type CommandLineParts, type CommandLineProcess } from './command-context.js'
import { addActivityBackfillCommands } from './commands/activity-backfill.js'
import { addActivityPurgeCommand } from './commands/activity-purge.js'
import { addActivityQuestionCommands } from './commands/activity-questions.js'
import { addActivityReadingCommands } from './commands/activity-reading.js'
import { addActivityWritingCommands } from './commands/activity-writing.js'
import { addContextPurgeCommand } from './commands/context-purge.js'
import { addContextReadingCommands } from './commands/context-reading.js'
import { addContextRunCommand } from './commands/context-run.js'
import { addContextWritingCommands } from './commands/context-writing.js'
import { addDoctorCommand } from './commands/doctor.js'
import { addMigrateCommands } from './commands/migrate.js'
import { addSearchCommands } from './commands/search.js'
import { addServeCommand } from './commands/serve.js'
import { addSessionReadingCommands } from './commands/session-reading.js'
import { addSessionTransferCommands } from './commands/session-transfer.js'
import { addSessionUsageCommand } from './commands/session-usage.js'
import { addSessionWritingCommands } from './commands/session-writing.js'
import { addTranscriptIngestingCommands } from './commands/transcript-ingesting.js'
import { addTranscriptKeepingCommands } from './commands/transcript-keeping.js'
import { addTranscriptQuestionCommands } from './commands/transcript-questions.js'
import { addTranscriptReadingCommands } from './commands/transcript-reading.js'
import { addTranscriptShowCommand } from './commands/transcript-showing.js'
import { exitCodeOf, exitCodes } from './exit-codes.js'
import { inFlags } from './flag-names.js'
import { handOver, printable } from './output.js'

/** Runs one command line to its end and gives its exit code; everything it touches is handed in. */
export async function runCommandLine(parts: CommandLineParts, process: CommandLineProcess): Promise<number> {
  for (const stream of [process.stdout, process.stderr]) {
    if (!stream.listeners('error').includes(leaveToWriter)) stream.on('error', leaveToWriter)
  }
  const context = new CommandContext(parts, process)
  let command: Command | undefined
  try {
    const program = commandLine(context)
    const [, , first, ...names] = process.argv
    // The parser's own help command takes one word, and would print that of `sessions` for `sessions append`.
    if (first === 'help') helpFor(program, names)
    program.hook('preAction', (_, action) => {
      command = action
    })
    await program.parseAsync(process.argv)
    return context.exitCode
  } catch (error) {
    return await report(error, process, command)
  }
}

/** A failed write reaches its writer through the write's own callback. */
const leaveToWriter = () => {}

/** The whole command tree, with help for every command and option. */
export function commandLine(context: CommandContext): Command {
  const { stdout, stderr } = context.process
  const program = new Command('hansard')
    .description('The session store for AI agents: durable conversations on SQLite and Postgres.')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
      writeErr: (text) => void stderr.write(text),
      outputError: () => {},
      getOutHelpWidth: () => stdout.columns ?? 100,
      getErrHelpWidth: () => stderr.columns ?? 100,
    })
    // An option belongs to the command it stands behind: `--content --json` is a text, not a switch.
    .enablePositionalOptions()
    .version((require('hansard/package.json') as { version: string }).version, '--version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command...]', 'print help for a command')
    .addHelpText('beforeAll', refuseUnderJson)
    .addHelpText('after', epilogue)
  addSessionCommands(program, context)
  addContextCommands(program, context)
  addActivityCommands(program, context)
  addTranscriptCommands(program, context)
  addSearchCommands(program, context)
  addServeCommand(program, context)
  addMigrateCommands(program, context)
  addDoctorCommand(program, context)
  addGlobalOptions(program)
  return program
}

function addSessionCommands(program: Command, context: CommandContext): void {
  const sessions = program.command('sessions').description('record, read, export and check conversations')
  addSessionReadingCommands(sessions, context)
  addSessionWritingCommands(sessions, context)
  addSessionTransferCommands(sessions, context)
  addSessionUsageCommand(sessions, context)
}

function addContextCommands(program: Command, context: CommandContext): void {
  const contexts = program.command('contexts').description('keep short-lived working state behind a state token')
  addContextWritingCommands(contexts, context)
  addContextReadingCommands(contexts, context)
  addContextRunCommand(contexts, context)
  addContextPurgeCommand(contexts, context)
}

function addActivityCommands(program: Command, context: CommandContext): void {
  const activity = program.command('activity').description('record what happens around agents, and ask about it')
  addActivityWritingCommands(activity, context)
  addActivityReadingCommands(activity, context)
  addActivityQuestionCommands(activity, context)
  addActivityPurgeCommand(activity, context)
  addActivityBackfillCommands(activity, context)
}

function addTranscriptCommands(program: Command, context: CommandContext): void {
  const transcripts = program.command('transcripts').description('take in and read what coding agents left on disk')
  addTranscriptIngestingCommands(transcripts, context)
  addTranscriptReadingCommands(transcripts, context)
  addTranscriptShowCommand(transcripts, context)
  addTranscriptQuestionCommands(transcripts, context)
  addTranscriptKeepingCommands(transcripts, context)
}

const epilogue = `
Exit codes: ${exitCodes.ok} done, ${exitCodes.invalidInput} invalid input, ${exitCodes.notFound} not found or expired, \
${exitCodes.conflict} conflict, ${exitCodes.storage} storage, unsound data or an unexpected error.

With --json stdout carries one JSON document, and on failure stderr {"error":{"code","message",…}}.

Example:
  export HANSARD_DATABASE=sqlite:./hansard.db
  hansard sessions create --actor ada --title 'Trip to Oslo'
  hansard sessions append <id> --role user --content 'Hello'
  hansard sessions show <id>`

function helpFor(program: Command, names: string[]): never {
  let command = program
  for (const name of names) {
    if (name.startsWith('-')) break
    const child = command.commands.find((each) => each.name() === name)
    command = child ?? command.error(`error: unknown command '${name}'`)
  }
  return command.help()
}

/** Help that is printed for want of a command is a failure, and with `--json` a failure is one document. */
function refuseUnderJson({ error, command }: { error: boolean; command: Command }): string {
  if (!error || !command.optsWithGlobals<{ json?: boolean }>().json) return ''
  const path = [command.name()]
  for (let { parent } = command; parent; parent = parent.parent) path.unshift(parent.name())
  const message = `A command is missing: "${path.join(' ')}" takes ${command.commands.map((each) => each.name()).join(', ')}.`
  throw new InvalidInputError([{ path: '', message }])
}

/** On every command, so that they may stand anywhere on the line. */
function addGlobalOptions(command: Command): void {
  command
    .option('--database <url>', 'sqlite:./file.db or postgres://…; else HANSARD_DATABASE')
    .option('--namespace <name>', 'the tenant to work in; else HANSARD_NAMESPACE, else "default"')
    .option('--schema <name>', 'the Postgres schema of the tables; else HANSARD_SCHEMA')
    .option('--table-prefix <prefix>', 'what the tables’ names begin with; else HANSARD_TABLE_PREFIX')
    .option('--json', 'print one JSON document')
  for (const child of command.commands) addGlobalOptions(child)
}

async function report(error: unknown, { argv, stderr }: CommandLineProcess, command?: Command): Promise<number> {
  if (isClosedPipe(error)) return exitCodes.ok
  if (error instanceof CommanderError) {
    // Help was asked for, or was printed for want of a command.
    if (error.exitCode === 0) return exitCodes.ok
    if (error.code === 'commander.help') return exitCodes.invalidInput
  }
  const failure = error instanceof CommanderError ? usageError(error) : error
  const hint = failure === error ? '' : '\nAdd --help to see what is accepted.'
  const text = argv.includes('--json')
    ? JSON.stringify({ error: errorDocument(failure) })
    : printable(errorText(failure, command)) + hint
  await handOver(stderr, `${text}\n`).catch(() => {})
  return exitCodeOf(failure)
}

/** Whoever read our output has read enough, as in `| head`. */
function isClosedPipe(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED')
}

function usageError(error: CommanderError): HansardError {
  return new InvalidInputError([{ path: '', message: error.message.replace(/^error: /, '') }])
}

function errorText(error: unknown, command: Command | undefined): string {
  if (error instanceof InvalidInputError) {
    return `error: ${error.problems.map((problem) => inFlags(problem, command)).join('\n')} [${error.code}]`
  }
  if (isHansardError(error)) return `error: ${error.message} [${error.code}]`
  if (isSystemError(error)) return `error: ${error.message}`
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

/** The system's own refusals, such as a full disk, say all there is to say without a stack. */
function isSystemError(error: unknown): error is Error {
  return error instanceof Error && 'syscall' in error
}

interface ErrorDocument {
  code: string
  message: string
  problems?: InputProblem[]
  expected?: unknown
  actual?: unknown
  stack?: string
}

function errorDocument(error: unknown): ErrorDocument {
  if (isHansardError(error)) {
    const { code, message } = error
    const { problems, expected, actual } = error as Partial<InvalidInputError & ConflictError>
    return { code, message, problems, expected, actual }
  }
  const { message, stack } = error instanceof Error ? error : new Error(String(error))
  return { code: 'UNEXPECTED', message, stack: isSystemError(error) ? undefined : stack }
}
