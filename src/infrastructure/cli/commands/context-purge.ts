import type { Command } from 'commander'
import { type PurgeReport, purgeBounds } from '../../../domain/contexts/context-purge.js'
import type { ContextService, PurgeOptions } from '../../../domain/contexts/context-service.js'
import { type InputProblem, InvalidInputError, isHansardError } from '../../../domain/errors.js'
import type { CommandContext, OpenStore } from '../command-context.js'
import { integer } from '../option-values.js'
import { count, type Output } from '../output.js'
import { isWatched, withProgress } from '../progress.js'

type PurgeCommandOptions = Omit<PurgeOptions, 'onProgress'>

export function addContextPurgeCommand(contexts: Command, context: CommandContext): void {
  contexts
    .command('purge')
    .description('mark what has expired, and delete what ended longer ago than the retention')
    .option('--dry-run', 'count and change nothing; the figures are those of a run at the same instant')
    .option('--retention-ms <n>', 'how long an ended context is kept; 7 days unless given', integer)
    .option('--aged-steps', 'also delete steps older than the retention from contexts that stay')
    .option('--batch-size <n>', 'contexts, or steps, of one transaction; 500 unless given', integer)
    .action(async ({ dryRun, retentionMs, agedSteps, batchSize }: PurgeCommandOptions, command: Command) => {
      const options = { dryRun, retentionMs, agedSteps, batchSize }
      assertBounds(options)
      const work = (store: OpenStore) => purge(options, store)
      await context.withStore(command, work).catch((error: unknown) => {
        if (!isHansardError(error, 'DATABASE_NOT_FOUND')) throw error
        // A scheduled dry run must not fail where there is nothing yet; a run there is a mistyped path.
        if (!dryRun) throw new InvalidInputError([{ path: 'database', message: error.message }])
        return print(nothing, context.output(command))
      })
    })
}

/** Also where there is no store that would refuse them. */
function assertBounds(options: PurgeCommandOptions): void {
  const problems: InputProblem[] = []
  for (const path of ['retentionMs', 'batchSize'] as const) {
    const { min, max } = purgeBounds[path]
    const { [path]: value = min } = options
    if (value < min || value > max)
      problems.push({ path, message: `must be a whole number from ${min} to ${max} (it is ${value})` })
  }
  if (problems.length > 0) throw new InvalidInputError(problems)
}

const nothing: PurgeReport = {
  dryRun: true,
  expiredMarked: 0,
  contextDeleted: 0,
  stepOrphanDeleted: 0,
  stepAgedDeleted: 0,
  aliveRemaining: 0,
}

async function purge(options: PurgeCommandOptions, { contexts, output }: OpenStore): Promise<void> {
  const total = isWatched(output) && !options.dryRun ? await rowsToDo(contexts, options) : 0
  const report = await withProgress(output, 'rows', (progress) =>
    contexts.purge({ ...options, onProgress: (soFar) => progress(rowsOf(soFar), Math.max(total, rowsOf(soFar))) }),
  )
  await print(report, output)
}

const rowsToDo = async (contexts: ContextService, options: PurgeCommandOptions) =>
  rowsOf(await contexts.purge({ ...options, dryRun: true }))

type Figures = Omit<PurgeReport, 'dryRun' | 'aliveRemaining'>
const rowsOf = ({ expiredMarked, contextDeleted, stepOrphanDeleted, stepAgedDeleted }: Figures) =>
  expiredMarked + contextDeleted + stepOrphanDeleted + stepAgedDeleted

function print(report: PurgeReport, output: Output): Promise<void> {
  const { dryRun, expiredMarked, contextDeleted, stepOrphanDeleted, stepAgedDeleted, aliveRemaining } = report
  const document = { dryRun, expiredMarked, contextDeleted, stepOrphanDeleted, stepAgedDeleted, aliveRemaining }
  return output.result(document, () =>
    [
      dryRun ? 'Dry run; nothing was changed. A run now would report:' : 'Purged.',
      `${count(expiredMarked, 'context')} marked as expired`,
      `${count(contextDeleted, 'context')} deleted, with ${count(stepOrphanDeleted, 'step')}`,
      `${count(stepAgedDeleted, 'aged step')} deleted from contexts that stay`,
      `${count(aliveRemaining, 'context')} alive`,
    ].join('\n'),
  )
}
