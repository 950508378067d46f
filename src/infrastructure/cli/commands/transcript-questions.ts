import { type Command, Option } from 'commander'
import { recurringErrorJson, transcriptUsageJson } from '../../../domain/transcripts/transcript-json.js'
import {
  type ErrorsOptions,
  type TranscriptUsage,
  type TranscriptUsageOptions,
  type UsageGrouping,
  usageGroupings,
} from '../../../domain/transcripts/transcript-service.js'
import type { CommandContext } from '../command-context.js'
import { integer, isoInstant } from '../option-values.js'
import { type Column, count, type Output, table } from '../output.js'
import { fitted } from '../text-layout.js'
import { oneLine } from '../tool-texts.js'
import { recurringErrorEntry } from '../transcript-entries.js'

const instantHelp = 'this ISO 8601 date or instant, UTC where it names no offset'

/** The commands that answer a question across transcripts. */
export function addTranscriptQuestionCommands(transcripts: Command, context: CommandContext): void {
  addErrors(transcripts, context)
  addUsage(transcripts, context)
}

function addErrors(transcripts: Command, context: CommandContext): void {
  transcripts
    .command('errors')
    .description('list the errors that recur across transcripts, those in most of them first')
    .option('--since <instant>', `only those seen at or after ${instantHelp}`, isoInstant)
    .option('--project <name>', 'only those in this project')
    .option('--tool <name>', 'only those of this tool')
    .option('--limit <n>', 'at most this many; 50 unless given, up to 1,000', integer)
    .action((given: ErrorsOptions, command: Command) =>
      context.withStore(command, async ({ transcripts, output }) => {
        const errors = await transcripts.errors(given)
        await output.result({ items: errors.map(recurringErrorJson) }, () =>
          errors.length > 0 ? errors.map((error) => recurringErrorEntry(error, output)).join('\n') : 'No errors.',
        )
      }),
    )
}

const groupHeads: Record<UsageGrouping, string> = { day: 'Day (UTC)', project: 'Project', model: 'Model' }

const figureColumns: Column<TranscriptUsage>[] = [
  { head: 'Responses', align: 'right', cell: ({ responses }) => count(responses) },
  { head: 'Input', align: 'right', cell: ({ inputTokens }) => count(inputTokens) },
  { head: 'Cache read', align: 'right', cell: ({ cacheReadTokens }) => count(cacheReadTokens) },
  { head: 'Cache write', align: 'right', cell: ({ cacheWriteTokens }) => count(cacheWriteTokens) },
  { head: 'Output', align: 'right', cell: ({ outputTokens }) => count(outputTokens) },
]

function addUsage(transcripts: Command, context: CommandContext): void {
  transcripts
    .command('usage')
    .description('sum the tokens of every response, each counted once, by day, project or model')
    .addOption(new Option('--by <group>', 'what to sum by; day unless given').choices(usageGroupings))
    .option('--since <instant>', `only responses at or after ${instantHelp}`, isoInstant)
    .option('--until <instant>', `only responses before ${instantHelp}`, isoInstant)
    .action((given: TranscriptUsageOptions, command: Command) =>
      context.withStore(command, async ({ transcripts, output }) => {
        const usage = await transcripts.usage(given)
        await output.result({ items: usage.map(transcriptUsageJson) }, () => usageText(usage, given.by, output))
      }),
    )
}

/** What the figures take, with their lines. */
const figureWidth = 64
const minGroupWidth = 12

function usageText(
  usage: TranscriptUsage[],
  by: UsageGrouping | undefined,
  { width = Number.POSITIVE_INFINITY }: Output,
): string {
  if (usage.length === 0) return 'No usage recorded.'
  const groupWidth = Math.max(width - figureWidth, minGroupWidth)
  const group = ({ group }: TranscriptUsage) => fitted(oneLine(group ?? '(unknown)'), groupWidth)
  const rows = [...usage, usage.reduce(summed, { ...noUsage, group: 'Total' })]
  return table([{ head: groupHeads[by ?? 'day'], cell: group }, ...figureColumns], rows, { compact: true })
}

const noUsage = { responses: 0, inputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 0 }

function summed(sum: TranscriptUsage, row: TranscriptUsage): TranscriptUsage {
  return {
    group: sum.group,
    responses: sum.responses + row.responses,
    inputTokens: sum.inputTokens + row.inputTokens,
    cacheReadTokens: sum.cacheReadTokens + row.cacheReadTokens,
    cacheWriteTokens: sum.cacheWriteTokens + row.cacheWriteTokens,
    outputTokens: sum.outputTokens + row.outputTokens,
  }
}
