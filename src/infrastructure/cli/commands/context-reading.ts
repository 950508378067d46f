import type { Command } from 'commander'
import type { Context } from '../../../domain/contexts/context.js'
import { contextJson, contextWithStepsJson } from '../../../domain/contexts/context-json.js'
import type { CommandContext } from '../command-context.js'
import { contextText } from '../context-texts.js'
import { integer } from '../option-values.js'
import { type Column, count, instant, shortened, table } from '../output.js'
import { stateTokenFrom } from '../state-token.js'
import { subjectFlags, subjectHelp, tokenHelp } from './context-writing.js'

const contextTable: Column<Context>[] = [
  { head: 'Context', cell: (context) => context.id },
  { head: 'Subject', cell: (context) => shortened(context.subjectId ?? '', 24) },
  { head: 'Status', cell: (context) => context.status },
  { head: 'Version', align: 'right', cell: (context) => count(context.version) },
  { head: 'Steps', align: 'right', cell: (context) => count(context.stepCount) },
  { head: 'Opened', cell: (context) => instant(context.openedAt) },
  { head: 'Expires', cell: (context) => instant(context.expiresAt) },
]

/** The commands that only look. */
export function addContextReadingCommands(contexts: Command, context: CommandContext): void {
  addGet(contexts, context)
  addList(contexts, context)
}

function addGet(contexts: Command, context: CommandContext): void {
  contexts
    .command('get')
    .argument('<token>', tokenHelp)
    .description('print a context and its log; changes nothing, not even a sliding lifetime')
    .option(subjectFlags, subjectHelp)
    .action((given: string, { subject }: { subject?: string }, command: Command) =>
      context.withStore(command, async ({ contexts, output }) => {
        const token = await stateTokenFrom(given, context.process.stdin)
        const found = await contexts.get(token, { subjectId: subject })
        await output.result(contextWithStepsJson(found), () => contextText(found, output))
      }),
    )
}

function addList(contexts: Command, context: CommandContext): void {
  contexts
    .command('list')
    .description('list the contexts that can be used now, newest first, without their tokens')
    .option('--all', 'ended ones too, until they are purged')
    .option('--subject <id>', 'only those of this subject')
    .option('--limit <n>', 'at most this many; 50 unless given', integer)
    .option('--cursor <cursor>', 'go on from the nextCursor or previousCursor of an earlier page')
    .action((given: { all?: boolean; subject?: string; limit?: number; cursor?: string }, command: Command) =>
      context.withStore(command, async ({ contexts, output }) => {
        const { all, subject, limit, cursor } = given
        const page = await contexts.list({ state: all ? 'all' : 'alive', subjectId: subject, limit, cursor })
        await output.result({ ...page, items: page.items.map(contextJson) }, () =>
          page.items.length > 0 ? table(contextTable, page.items) : 'No contexts.',
        )
        if (page.nextCursor) await output.narrate(`More: add --cursor ${page.nextCursor}`)
      }),
    )
}
