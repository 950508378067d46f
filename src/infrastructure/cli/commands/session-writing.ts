import { type Command, Option } from 'commander'
import type { JsonObject, JsonValue } from '../../../domain/canonical-json.js'
import { InvalidInputError } from '../../../domain/errors.js'
import { type MessageRole, messageRoles } from '../../../domain/sessions/message.js'
import { type Session, sessionStatuses } from '../../../domain/sessions/session.js'
import { messageJson, sessionJson } from '../../../domain/sessions/session-archive.js'
import type {
  AppendMessageInput,
  AppendOptions,
  CreateSessionInput,
  UpdateSessionInput,
} from '../../../domain/sessions/session-service.js'
import type { CommandContext, OpenStore } from '../command-context.js'
import { inputName, openInput } from '../files.js'
import { atLines, readObjectLines } from '../object-lines.js'
import { boxedJson, integer, isoInstant, jsonObject } from '../option-values.js'
import { count, type Output } from '../output.js'
import { messageEntry, sessionHeader } from '../session-texts.js'

const messageExample = '{"role":"user","content":"Hello"}'
const keyHelp = 'makes a repeated call give the first result instead of acting twice'

/** The commands that change sessions. */
export function addSessionWritingCommands(sessions: Command, context: CommandContext): void {
  addCreate(sessions, context)
  addAppend(sessions, context)
  addTruncate(sessions, context)
  addUpdate(sessions, context)
  addClose(sessions, context)
  addDelete(sessions, context)
}

function addCreate(sessions: Command, context: CommandContext): void {
  sessions
    .command('create')
    .description('create a session; makes a SQLite file if there is none')
    .requiredOption('--actor <name>', 'whom the session belongs to')
    .option('--external-id <id>', 'your own name for the session, unique in its namespace')
    .option('--title <title>', 'what it is about')
    .option('--metadata <JSON>', 'a JSON object to keep with it', jsonObject)
    .option('--idempotency-key <key>', keyHelp)
    .option('--or-get', 'give the session with this --external-id if there is one')
    .action(({ actor, orGet, ...given }: CreateOptions, command: Command) =>
      context.withStore(
        command,
        async ({ sessions, output }) => {
          const { externalId, title, metadata, idempotencyKey } = given
          const input = { actorName: actor, externalId, title, metadata, idempotencyKey }
          await printSession(
            orGet ? await sessions.getOrCreate(identified(input)) : await sessions.create(input),
            output,
          )
        },
        { mayCreate: true },
      ),
    )
}

interface CreateOptions extends Omit<CreateSessionInput, 'actorName'> {
  actor: string
  orGet?: boolean
}

function identified(input: CreateSessionInput): CreateSessionInput & { externalId: string } {
  if (typeof input.externalId === 'string') return { ...input, externalId: input.externalId }
  throw new InvalidInputError([{ path: '--or-get', message: 'needs --external-id to know which session to get' }])
}

interface AppendCommandOptions extends AppendOptions {
  role?: MessageRole
  content?: string
  contentJson?: { value: JsonValue }
  metadata?: JsonObject
  toolCallId?: string
  tokenCount?: number
  createdAt?: Date
  from?: string
}

function addAppend(sessions: Command, context: CommandContext): void {
  const alone = ['role', 'content', 'contentJson', 'metadata', 'toolCallId', 'tokenCount', 'createdAt']
  sessions
    .command('append <id>')
    .description('append one message, or with --from a file of messages, all or none')
    .addOption(new Option('--role <role>', 'who speaks').choices(messageRoles))
    .addOption(new Option('--content <text>', 'what is said, as text').conflicts('contentJson'))
    .option('--content-json <JSON>', 'what is said, as a JSON value', boxedJson)
    .option('--metadata <JSON>', 'a JSON object to keep with the message', jsonObject)
    .option('--tool-call-id <id>', 'the tool call that this message answers')
    .option('--token-count <n>', 'the tokens of the message', integer)
    .option('--created-at <instant>', 'when it was said, an ISO 8601 date or instant; now unless given', isoInstant)
    .addOption(
      new Option('--from <file>', 'read one JSON object {"role","content",…} per line; - is stdin').conflicts(alone),
    )
    .option('--idempotency-key <key>', keyHelp)
    .option('--expected-sequence <n>', 'fail unless this is the session’s last sequence', integer)
    .action((id: string, given: AppendCommandOptions, command: Command) =>
      context.withStore(command, (store) =>
        given.from === undefined ? appendOne(id, given, store) : appendLines(id, given.from, given, store, context),
      ),
    )
}

async function appendOne(id: string, given: AppendCommandOptions, { sessions, output }: OpenStore): Promise<void> {
  const { role, metadata, toolCallId, tokenCount, createdAt, idempotencyKey, expectedSequence } = given
  const content = given.contentJson ? given.contentJson.value : given.content
  if (role === undefined || content === undefined) {
    const message = 'Pass --role with --content or --content-json, or messages with --from <file>.'
    throw new InvalidInputError([{ path: '', message }])
  }
  const input = { role, content, metadata, toolCallId, tokenCount, createdAt }
  const message = await sessions.appendMessage(id, input, { idempotencyKey, expectedSequence })
  await output.result(messageJson(message), () => messageEntry(message, output).trim())
}

async function appendLines(
  id: string,
  file: string,
  { idempotencyKey, expectedSequence }: AppendOptions,
  { sessions, output }: OpenStore,
  { process }: CommandContext,
): Promise<void> {
  const input = await openInput(file, process.stdin)
  const { objects: messages, lineNumbers } = await readObjectLines<AppendMessageInput>(input, messageExample)
  // A script that meant to store a turn must hear that there was none.
  if (messages.length === 0)
    throw new InvalidInputError([{ path: '--from', message: `no messages in ${inputName(file)}` }])
  const appended = await sessions.appendMessages(id, messages, { idempotencyKey, expectedSequence }).catch((error) => {
    throw atLines(error, 'messages', lineNumbers)
  })
  const range = `#${appended[0]?.sequence} to #${appended.at(-1)?.sequence}`
  await output.result(
    { items: appended.map(messageJson) },
    () => `${count(appended.length, 'message')} appended: ${range}`,
  )
}

function addTruncate(sessions: Command, context: CommandContext): void {
  sessions
    .command('truncate <id>')
    .description('remove the messages after a sequence, for good; the removal is recorded')
    .requiredOption('--after-sequence <n>', 'the last message to keep; 0 keeps none', integer)
    .action((id: string, { afterSequence }: { afterSequence: number }, command: Command) =>
      context.withStore(command, async ({ sessions, output }) => {
        const { removed, truncation } = await sessions.truncate(id, { afterSequence })
        const document = truncation && {
          afterSequence: truncation.afterSequence,
          lastSequence: truncation.lastSequence,
          removedCount: truncation.removedCount,
          createdAt: truncation.createdAt,
        }
        await output.result({ removed, truncation: document }, () => `${count(removed, 'message')} removed`)
      }),
    )
}

function addUpdate(sessions: Command, context: CommandContext): void {
  sessions
    .command('update <id>')
    .description('change a session’s title, status or metadata')
    .option('--title <title>', 'the new title')
    .option('--no-title', 'take the title away')
    .addOption(new Option('--status <status>', 'the new status').choices(sessionStatuses))
    .option('--metadata <JSON>', 'a JSON object that replaces the metadata as a whole', jsonObject)
    .action((id: string, given: UpdateCommandOptions, command: Command) =>
      context.withStore(command, async ({ sessions, output }) =>
        printSession(await sessions.update(id, updateInput(given)), output),
      ),
    )
}

type UpdateCommandOptions = Omit<UpdateSessionInput, 'title'> & { title?: string | false }

function updateInput({ title, status, metadata }: UpdateCommandOptions): UpdateSessionInput {
  if (title === undefined && status === undefined && metadata === undefined) {
    const message = 'There is nothing to change: pass --title, --no-title, --status or --metadata.'
    throw new InvalidInputError([{ path: '', message }])
  }
  return { title: title === false ? null : title, status, metadata }
}

function addClose(sessions: Command, context: CommandContext): void {
  sessions
    .command('close <id>')
    .description('close a session: it takes no more messages; its record stays')
    .action((id: string, _options: unknown, command: Command) =>
      context.withStore(command, async ({ sessions, output }) =>
        printSession(await sessions.update(id, { status: 'closed' }), output),
      ),
    )
}

function addDelete(sessions: Command, context: CommandContext): void {
  sessions
    .command('delete <id>')
    .description('delete a session with everything recorded in it, for good')
    .action((id: string, _options: unknown, command: Command) =>
      context.withStore(command, async ({ sessions, output }) => {
        await sessions.delete(id)
        await output.result({ id, deleted: true }, () => `Deleted ${id}`)
      }),
    )
}

function printSession(session: Session, output: Output): Promise<void> {
  return output.result(sessionJson(session), () => sessionHeader(session, output).trimEnd())
}
