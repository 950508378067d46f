import { type Command, Option } from 'commander'
import { type ActivityPurgeReport, activityPurgeBounds } from '../../../domain/activity/activity-purge.js'
import type { ActivityService, PurgeEventsOptions } from '../../../domain/activity/activity-service.js'
import { type EventKind, eventKindNames } from '../../../domain/activity/event-kinds.js'
import { type InputProblem, InvalidInputError, isHansardError } from '../../../domain/errors.js'
import type { CommandContext, OpenStore } from '../command-context.js'
import { integer } from '../option-values.js'
import { count, type Output } from '../output.js'
import { isWatched, withProgress } from '../progress.js'

type PurgeOptions = Omit<PurgeEventsOptions, 'onProgress'>
type PurgeCommandOptions = Omit<PurgeOptions, 'kinds'> & { kind?: EventKind[] }

export function addActivityPurgeCommand(activity: Command, context: CommandContext): void {
  activity
    .command('purge')
    .description('delete the events that happened longer ago than an age')
    .requiredOption('--older-than-ms <n>', 'the age in milliseconds; 2592000000 is 30 days; required', integer)
    .addOption(new Option('--kind <kind...>', 'only those of these kinds; may be repeated').choices(eventKindNames))
    .option('--dry-run', 'count and change nothing; the figures are those of a run at the same instant')
    .option('--batch-size <n>', 'events of one transaction; 500 unless given, up to 10,000', integer)
    .action(async ({ olderThanMs, kind, dryRun, batchSize }: PurgeCommandOptions, command: Command) => {
      const options = { olderThanMs, kinds: kind, dryRun, batchSize }
      assertBounds(options)
      const work = (store: OpenStore) => purge(options, store)
      await context.withStore(command, work).catch((error: unknown) => {
        if (!isHansardError(error, 'DATABASE_NOT_FOUND')) throw error
        // A scheduled dry run must not fail where there is nothing yet; a run there is a mistyped path.
        if (!dryRun) throw new InvalidInputError([{ path: 'database', message: error.message }])
        return print({ dryRun: true, eventsDeleted: 0, byKind: {}, remaining: 0 }, context.output(command))
      })
    })
}

/** Also where there is no store that would refuse them. */
function assertBounds(options: PurgeOptions): void {
  const problems: InputProblem[] = []
  for (const path of ['olderThanMs', 'batchSize'] as const) {
    const { min, max } = activityPurgeBounds[path]
    const { [path]: value = min } = options
    if (value < min || value > max)
      problems.push({ path, message: `must be a whole number from ${min} to ${max} (it is ${value})` })
  }
  if (problems.length > 0) throw new InvalidInputError(problems)
}

async function purge(options: PurgeOptions, { activity, output }: OpenStore): Promise<void> {
  const total = isWatched(output) && !options.dryRun ? await eventsToDo(activity, options) : 0
  const report = await withProgress(output, 'events', (progress) =>
    activity.purge({
      ...options,
      onProgress: ({ eventsDeleted }) => progress(eventsDeleted, Math.max(total, eventsDeleted)),
    }),
  )
  await print(report, output)
}

const eventsToDo = async (activity: ActivityService, options: PurgeOptions) =>
  (await activity.purge({ ...options, dryRun: true })).eventsDeleted

function print({ dryRun, eventsDeleted, byKind, remaining }: ActivityPurgeReport, output: Output): Promise<void> {
  return output.result({ dryRun, eventsDeleted, byKind, remaining }, () =>
    [
      dryRun ? 'Dry run; nothing was changed. A run now would report:' : 'Purged.',
      `${count(eventsDeleted, 'event')} deleted`,
      ...Object.entries(byKind).map(([kind, events]) => `  ${kind} ${count(events)}`),
      `${count(remaining, 'event')} left`,
    ].join('\n'),
  )
}
