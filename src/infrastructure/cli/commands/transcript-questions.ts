import { type Command, Option } from 'commander'
import { recurringErrorJson, transcriptUsageJson } from '../../../domain/transcripts/transcript-json.js'
import {
  type ErrorsOptions,
  type TranscriptUsageOptions,
  usageGroupings,
} from '../../../domain/transcripts/transcript-service.js'
import type { CommandContext } from '../command-context.js'
import { instantHelp, integer, isoInstant } from '../option-values.js'
import { recurringErrorEntry } from '../transcript-entries.js'
import { usageText } from '../transcript-usage-text.js'

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
    .option('--domain <name>', 'only those in this domain')
    .option('--tool <name>', 'only those of this tool')
    .option('--limit <n>', 'at most this many; 50 unless given, up to 1,000', integer)
    .action(({ since, project, domain, tool, limit }: ErrorsOptions, command: Command) =>
      context.withStore(command, async ({ transcripts, output }) => {
        const errors = await transcripts.errors({ since, project, domain, tool, limit })
        await output.result({ items: errors.map(recurringErrorJson) }, () =>
          errors.length > 0 ? errors.map((error) => recurringErrorEntry(error, output)).join('\n') : 'No errors.',
        )
      }),
    )
}

function addUsage(transcripts: Command, context: CommandContext): void {
  transcripts
    .command('usage')
    .description('sum the tokens of every response, each counted once, by day, project, domain or model')
    .addOption(new Option('--by <group>', 'what to sum by; day unless given').choices(usageGroupings))
    .option('--since <instant>', `only responses at or after ${instantHelp}`, isoInstant)
    .option('--until <instant>', `only responses before ${instantHelp}`, isoInstant)
    .option('--project <name>', 'only those of this project')
    .option('--domain <name>', 'only those of this domain')
    .action(({ by, since, until, project, domain }: TranscriptUsageOptions, command: Command) =>
      context.withStore(command, async ({ transcripts, output }) => {
        const usage = await transcripts.usage({ by, since, until, project, domain })
        await output.result({ items: usage.map(transcriptUsageJson) }, () => usageText(usage, by, output))
      }),
    )
}
