import type { Command } from 'commander'
import { failedLoopJson, failingToolJson } from '../../../domain/activity/activity-json.js'
import type { FailedLoop, FailingTool } from '../../../domain/activity/activity-service.js'
import type { CommandContext } from '../command-context.js'
import { instantHelp, integer, isoInstant } from '../option-values.js'
import { type Column, count, instant, shortened, table } from '../output.js'

const limitHelp = 'at most this many; 50 unless given, up to 1,000'

/** The commands that answer a question across events. */
export function addActivityQuestionCommands(activity: Command, context: CommandContext): void {
  addFailedLoops(activity, context)
  addFailingTools(activity, context)
}

const loopColumns: Column<FailedLoop>[] = [
  { head: 'Loop', cell: (loop) => shortened(loop.name, 32) },
  { head: 'Issue', cell: (loop) => shortened(loop.issueId, 32) },
  { head: 'Failures', align: 'right', cell: (loop) => count(loop.failures) },
  { head: 'Last state', cell: (loop) => shortened(loop.lastState ?? '', 24) },
  { head: 'Last failure', cell: (loop) => instant(loop.lastAt) },
]

function addFailedLoops(activity: Command, context: CommandContext): void {
  activity
    .command('failed-loops <path>')
    .description('list the loops that failed on issues touching a file, the last failure first')
    .option('--since <instant>', `only failures at or after ${instantHelp}`, isoInstant)
    .option('--limit <n>', limitHelp, integer)
    .action((path: string, { since, limit }: { since?: Date; limit?: number }, command: Command) =>
      context.withStore(command, async ({ activity, output }) => {
        const loops = await activity.failedLoops({ path, since, limit })
        await output.result({ items: loops.map(failedLoopJson) }, () =>
          loops.length > 0 ? table(loopColumns, loops) : 'No loop failed on an issue that touches this file.',
        )
      }),
    )
}

const toolColumns: Column<FailingTool>[] = [
  { head: 'Tool', cell: (tool) => shortened(tool.name, 32) },
  { head: 'Project', cell: (tool) => shortened(tool.projectId ?? '', 24) },
  { head: 'Failures', align: 'right', cell: (tool) => count(tool.failures) },
  { head: 'Calls', align: 'right', cell: (tool) => count(tool.calls) },
  { head: 'Rate', align: 'right', cell: (tool) => `${(tool.failureRate * 100).toFixed(1)}%` },
  { head: 'Most often on', cell: (tool) => shortened(tool.path ?? '', 40) },
  { head: 'Last failure', cell: (tool) => instant(tool.lastFailureAt) },
]

interface FailingToolsCommandOptions {
  since?: Date
  project?: string
  limit?: number
}

function addFailingTools(activity: Command, context: CommandContext): void {
  activity
    .command('failing-tools')
    .description('list the tools that fail most, by project, and where')
    .option('--since <instant>', `only calls at or after ${instantHelp}`, isoInstant)
    .option('--project <id>', 'only calls in this project')
    .option('--limit <n>', limitHelp, integer)
    .action(({ since, project, limit }: FailingToolsCommandOptions, command: Command) =>
      context.withStore(command, async ({ activity, output }) => {
        const tools = await activity.failingTools({ since, projectId: project, limit })
        await output.result({ items: tools.map(failingToolJson) }, () =>
          tools.length > 0 ? table(toolColumns, tools) : 'No tool failed.',
        )
      }),
    )
}
