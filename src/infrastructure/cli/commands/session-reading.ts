import { type Command, Option } from 'commander'
import type { JsonValue } from '../../../domain/canonical-json.js'
import { InvalidInputError } from '../../../domain/errors.js'
import type { SessionMessage } from '../../../domain/sessions/message.js'
import { type Session, sessionStatuses } from '../../../domain/sessions/session.js'
import { messageJson, sessionJson } from '../../../domain/sessions/session-archive.js'
import type {
  ListMessagesOptions,
  ListSessionsOptions,
  SessionService,
} from '../../../domain/sessions/session-service.js'
import type { CommandContext } from '../command-context.js'
import { exitCodes } from '../exit-codes.js'
import { instantHelp, integer, isoInstant, metadataEntry } from '../option-values.js'
import { type Column, count, instant, type Output, shortened, table } from '../output.js'
import { messageEntry, sessionHeader } from '../session-texts.js'

const sessionColumns: Column<Session>[] = [
  { head: 'Session', cell: (session) => session.id },
  { head: 'Title', cell: (session) => shortened(session.title ?? session.externalId ?? '', 40) },
  { head: 'Actor', cell: (session) => shortened(session.actorName, 24) },
  { head: 'Status', cell: (session) => session.status },
  { head: 'Messages', align: 'right', cell: (session) => count(session.messageCount) },
  { head: 'Created', cell: (session) => instant(session.createdAt) },
]

/** The commands that only look. */
export function addSessionReadingCommands(sessions: Command, context: CommandContext): void {
  addFind(sessions, context)
  addList(sessions, context)
  addShow(sessions, context)
  addMessages(sessions, context)
  addFollow(sessions, context)
  addVerify(sessions, context)
}

function addFind(sessions: Command, context: CommandContext): void {
  sessions
    .command('find')
    .description('print the session with this id or external id; none is not an error: null, exit code 0')
    .addOption(new Option('--id <id>', 'the id of the session').conflicts('externalId'))
    .option('--external-id <id>', 'your own name for the session')
    .action(({ id, externalId }: { id?: string; externalId?: string }, command: Command) =>
      context.withStore(command, async ({ sessions, output }) => {
        const reference = id !== undefined ? { id } : externalId !== undefined ? { externalId } : undefined
        if (!reference) throw new InvalidInputError([{ path: '', message: 'Pass --id or --external-id.' }])
        const session = await sessions.find(reference)
        const text = () => (session ? sessionHeader(session, output).trimEnd() : 'No such session.')
        await output.result(session ? sessionJson(session) : null, text)
      }),
    )
}

function addList(sessions: Command, context: CommandContext): void {
  sessions
    .command('list')
    .description('list sessions, newest first')
    .option('--actor <name>', 'only those of this actor')
    .addOption(new Option('--status <status>', 'only those with this status').choices(sessionStatuses))
    .option('--metadata <key=JSON>', 'only those with this metadata value; may be repeated', metadataEntry)
    .option('--metadata-key <key>', 'only those that have this metadata key')
    .option('--created-after <instant>', `only those created at or after ${instantHelp}`, isoInstant)
    .option('--created-before <instant>', `only those created before ${instantHelp}`, isoInstant)
    .option('--limit <n>', 'at most this many; 50 unless given', integer)
    .option('--cursor <cursor>', 'go on from the nextCursor or previousCursor of an earlier page')
    .option('--offset <n>', 'skip this many; not together with --cursor', integer)
    .addOption(new Option('--order <order>', 'by creation').choices(['newest', 'oldest']))
    .action((given: ListOptions, command: Command) =>
      context.withStore(command, async ({ sessions, output }) => {
        const page = await sessions.list(listOptions(given))
        await output.result({ ...page, items: page.items.map(sessionJson) }, () =>
          page.items.length > 0 ? table(sessionColumns, page.items) : 'No sessions.',
        )
        if (page.nextCursor) await output.narrate(`More: add --cursor ${page.nextCursor}`)
      }),
    )
}

interface ListOptions extends Omit<ListSessionsOptions, 'actorName' | 'metadata'> {
  actor?: string
  metadata?: [string, JsonValue][]
}

function listOptions({ actor, metadata, ...given }: ListOptions): ListSessionsOptions {
  const { status, metadataKey, createdAfter, createdBefore, limit, cursor, offset, order } = given
  const filter = { actorName: actor, status, metadataKey, createdAfter, createdBefore }
  return { ...filter, metadata: metadata && Object.fromEntries(metadata), limit, cursor, offset, order }
}

function addShow(sessions: Command, context: CommandContext): void {
  sessions
    .command('show <id>')
    .description('print a session and what was said in it; with --json the session with its messages')
    .option('--latest <n>', 'only the last n messages', integer)
    .action((id: string, { latest }: { latest?: number }, command: Command) =>
      context.withStore(command, async ({ sessions, output }) => {
        const session = await sessions.get(id)
        const messages =
          latest === undefined ? allMessages(sessions, id) : (await sessions.messages(id, { latest })).items
        // Piece by piece, as a session may be larger than memory.
        const head = `${JSON.stringify(sessionJson(session)).slice(0, -1)},"messages":[`
        await output.write(output.json ? head : sessionHeader(session, output))
        let comma = ''
        for await (const message of messages) {
          await output.write(output.json ? comma + JSON.stringify(messageJson(message)) : messageEntry(message, output))
          comma = ','
        }
        if (output.json) await output.write(']}\n')
      }),
    )
}

async function* allMessages(sessions: SessionService, id: string): AsyncGenerator<SessionMessage> {
  for (let after: number | null = 0; after !== null; ) {
    const page = await sessions.messages(id, { after, limit: 500 })
    yield* page.items
    after = page.nextCursor
  }
}

function addMessages(sessions: Command, context: CommandContext): void {
  sessions
    .command('messages <id>')
    .description('print one page of a session’s messages, or with <id>#<sequence>, as search gives it, that message')
    .option('--after <sequence>', 'only messages after this sequence', integer)
    .option('--before <sequence>', 'only messages before this sequence', integer)
    .option('--latest <n>', 'the last n messages; not together with the others', integer)
    .option('--limit <n>', 'at most this many; 100 unless given', integer)
    .option('--offset <n>', 'skip this many', integer)
    .action((place: string, { after, before, latest, limit, offset }: ListMessagesOptions, command: Command) =>
      context.withStore(command, async ({ sessions, output }) => {
        const [, id = place, sequence] = /^(.+)#(\d+)$/.exec(place) ?? []
        const range = { after, before, latest, limit, offset }
        const page = await sessions.messages(id, sequence === undefined ? range : onlyAt(Number(sequence)))
        const text = () =>
          page.items
            .map((message) => messageEntry(message, output))
            .join('')
            .trim() || 'No messages.'
        await output.result({ ...page, items: page.items.map(messageJson) }, text)
        if (page.nextCursor !== null) await output.narrate(`More: add --after ${page.nextCursor}`)
      }),
    )
}

const onlyAt = (sequence: number): ListMessagesOptions => ({ after: sequence - 1, before: sequence + 1 })

function addFollow(sessions: Command, context: CommandContext): void {
  sessions
    .command('follow <id>')
    .description('print messages as they are appended, until interrupted; with --json one JSON line each')
    .option('--after <sequence>', 'start after this sequence; 0, the beginning, unless given', integer)
    .option('--until-count <n>', 'end after this many messages', integer)
    .action((id: string, { after, untilCount = Infinity }: { after?: number; untilCount?: number }, command: Command) =>
      context.withStore(command, ({ sessions, output }) =>
        untilCount === 0
          ? // None is to be printed, and an unknown id is an error all the same.
            sessions.get(id).then(() => undefined)
          : context.interruptible((signal) => followed(sessions.follow(id, { after, signal }), untilCount, output)),
      ),
    )
}

async function followed(messages: AsyncIterable<SessionMessage>, untilCount: number, output: Output): Promise<void> {
  let printed = 0
  for await (const message of messages) {
    // The blank line that parts entries has no place before the first.
    const entry = () => messageEntry(message, output).slice(printed === 0 ? 1 : 0)
    await output.write(output.json ? `${JSON.stringify(messageJson(message))}\n` : entry())
    printed += 1
    if (printed >= untilCount) return
  }
}

function addVerify(sessions: Command, context: CommandContext): void {
  sessions
    .command('verify <id>')
    .description(`recompute a session’s hashes, order and sums; exit code ${exitCodes.storage} if something is wrong`)
    .action((id: string, _options: unknown, command: Command) =>
      context.withStore(command, async ({ sessions, output }) => {
        const report = await sessions.verify(id)
        const checked = `${count(report.messages, 'message')} and ${count(report.usageEntries, 'usage row')} checked`
        await output.result(report, () =>
          report.ok ? `Sound: ${checked}.` : `Unsound: ${checked}.\n${report.problems.map(problemText).join('\n')}`,
        )
        if (!report.ok) context.exitCode = exitCodes.storage
      }),
    )
}

function problemText({ code, sequence, message }: { code: string; sequence: number | null; message: string }): string {
  return `${code}${sequence === null ? '' : ` at #${sequence}`}: ${message}`
}
