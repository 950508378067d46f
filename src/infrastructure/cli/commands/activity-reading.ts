import { type Command, Option } from 'commander'
import type { ActivityEvent } from '../../../domain/activity/activity-event.js'
import { activityEventJson, relatedEventJson } from '../../../domain/activity/activity-json.js'
import type { RecentEventsOptions, RelatedSubject } from '../../../domain/activity/activity-service.js'
import { declarations, eventKindNames } from '../../../domain/activity/event-kinds.js'
import { InvalidInputError } from '../../../domain/errors.js'
import type { Page } from '../../../domain/page.js'
import { eventColumns, eventEntry, kindEntry } from '../activity-texts.js'
import type { CommandContext } from '../command-context.js'
import { instantHelp, integer, isoInstant } from '../option-values.js'
import { type Column, type Output, table } from '../output.js'

const limitHelp = 'at most this many; 50 unless given, up to 1,000'
const cursorHelp = 'go on from the nextCursor or previousCursor of an earlier page'

/** The commands that list events. */
export function addActivityReadingCommands(activity: Command, context: CommandContext): void {
  addGet(activity, context)
  addRecent(activity, context)
  addRelated(activity, context)
  addHistory(activity, context)
  addKinds(activity, context)
}

function addGet(activity: Command, context: CommandContext): void {
  activity
    .command('get <id>')
    .description('print an event')
    .action((id: string, _options: unknown, command: Command) =>
      context.withStore(command, async ({ activity, output }) => {
        const event = await activity.get(id)
        await output.result(activityEventJson(event), () => eventEntry(event, output))
      }),
    )
}

type RecentOptions = Omit<RecentEventsOptions, 'issueId' | 'projectId' | 'actorName'> & {
  issue?: string
  project?: string
  actor?: string
}

function addRecent(activity: Command, context: CommandContext): void {
  activity
    .command('recent')
    .description('list events, newest first')
    .addOption(new Option('--kind <kind>', 'only those of this kind').choices(eventKindNames))
    .option('--since <instant>', `only those at or after ${instantHelp}`, isoInstant)
    .option('--until <instant>', `only those before ${instantHelp}`, isoInstant)
    .option('--session-id <id>', 'only those of this session')
    .option('--issue <id>', 'only those of this issue')
    .option('--project <id>', 'only those of this project')
    .option('--actor <name>', 'only those of this actor')
    .option('--path <path>', 'only those on this file')
    .option('--name <name>', 'only those of this name')
    .option('--state <state>', 'only those with this state')
    .option('--limit <n>', limitHelp, integer)
    .option('--cursor <cursor>', cursorHelp)
    .action(({ issue, project, actor, ...given }: RecentOptions, command: Command) =>
      context.withStore(command, async ({ activity, output }) => {
        const { kind, since, until, sessionId, path, name, state, limit, cursor } = given
        const carried = { sessionId, issueId: issue, projectId: project, actorName: actor, path, name, state }
        await printPage(await activity.recent({ kind, since, until, ...carried, limit, cursor }), output)
      }),
    )
}

interface RelatedOptions {
  path?: string
  issue?: string
  sessionId?: string
  loop?: string
  limit?: number
  cursor?: string
}

function addRelated(activity: Command, context: CommandContext): void {
  activity
    .command('related')
    .description('list what has to do with a file, an issue, a session or a loop, newest first')
    .option('--path <path>', 'a file')
    .option('--issue <id>', 'an issue')
    .option('--session-id <id>', 'a session')
    .option('--loop <name>', 'a loop')
    .option('--limit <n>', limitHelp, integer)
    .option('--cursor <cursor>', cursorHelp)
    .action(async ({ path, issue, sessionId, loop, limit, cursor }: RelatedOptions, command: Command) => {
      const subject = { path, issueId: issue, sessionId, loop }
      assertOne(subject)
      await context.withStore(command, async ({ activity, output }) => {
        const page = await activity.related(subject, { limit, cursor })
        const columns = [
          ...eventColumns,
          { head: 'Related by', cell: ({ relation }: { relation: string }) => relation },
        ]
        await printPage(page, output, { columns, json: relatedEventJson })
      })
    })
}

function assertOne(subject: RelatedSubject): void {
  if (Object.values(subject).filter((each) => each !== undefined).length === 1) return
  const message = 'needs exactly one of --path, --issue, --session-id and --loop'
  throw new InvalidInputError([{ path: 'subject', message }])
}

function addHistory(activity: Command, context: CommandContext): void {
  activity
    .command('history <issue>')
    .description('list what happened to an issue, oldest first')
    .option('--limit <n>', limitHelp, integer)
    .option('--cursor <cursor>', cursorHelp)
    .action((issue: string, { limit, cursor }: { limit?: number; cursor?: string }, command: Command) =>
      context.withStore(command, async ({ activity, output }) => {
        await printPage(await activity.issueHistory(issue, { limit, cursor }), output)
      }),
    )
}

/** The registry itself: no store is opened. */
function addKinds(activity: Command, context: CommandContext): void {
  activity
    .command('kinds')
    .description('print the kinds of events and what each knows; it connects to nothing')
    .action(async (_options: unknown, command: Command) => {
      const output = context.output(command)
      const items = declarations()
      await output.result({ items }, () => items.map((kind) => kindEntry(kind, output)).join('\n'))
    })
}

async function printPage<Event extends ActivityEvent>(
  page: Page<Event>,
  output: Output,
  { columns, json }: { columns: Column<Event>[]; json: (event: Event) => object } = {
    columns: eventColumns,
    json: activityEventJson,
  },
): Promise<void> {
  await output.result({ ...page, items: page.items.map(json) }, () =>
    page.items.length > 0 ? table(columns, page.items) : 'No events.',
  )
  if (page.nextCursor) await output.narrate(`More: add --cursor ${page.nextCursor}`)
}
