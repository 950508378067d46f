import type { Command } from 'commander'
import type {
  BackfillOptions,
  BackfillReport,
  RejectedPiece,
  SourceReport,
} from '../../../domain/activity/activity-backfill.js'
import { rejectedPieceJson } from '../../../domain/activity/activity-json.js'
import type { CommandContext, OpenStore } from '../command-context.js'
import { integer } from '../option-values.js'
import { type Column, count, instant, printable, shortened, table } from '../output.js'
import { withProgress } from '../progress.js'

interface BackfillCommandOptions {
  issues?: string
  loops?: string
  transcripts?: string[]
  again?: boolean
}

export function addActivityBackfillCommands(activity: Command, context: CommandContext): void {
  activity
    .command('backfill')
    .description(
      'record what happened before, from issues, loops and transcripts; makes a SQLite file if there is none',
    )
    .option('--issues <dir>', 'folder of issues with frontmatter; .issues if no source is named')
    .option('--loops <dir>', 'folder of loops, with the states of their runs; .loops if no source is named')
    .option('--transcripts <path...>', 'transcripts of Claude Code, or folders of them')
    .option('--again', 'read them from their start, and bring back what was deleted of it')
    .action((given: BackfillCommandOptions, command: Command) =>
      context.withStore(command, (store) => backfill(placesOf(given), store), { mayCreate: true }),
    )
  activity
    .command('rejects')
    .description('list what backfills could not read, and why, the newest first')
    .option('--limit <n>', 'at most this many; 50 unless given, up to 1,000', integer)
    .option('--cursor <cursor>', 'go on from the nextCursor or previousCursor of an earlier page')
    .action(({ limit, cursor }: { limit?: number; cursor?: string }, command: Command) =>
      context.withStore(command, (store) => printRejects({ limit, cursor }, store)),
    )
}

function placesOf({ issues, loops, transcripts, again }: BackfillCommandOptions): BackfillOptions {
  const isNamed = issues !== undefined || loops !== undefined || transcripts !== undefined
  const named = isNamed
    ? { issuesDir: issues, loopsDir: loops, transcripts }
    : { issuesDir: '.issues', loopsDir: '.loops' }
  return { ...named, again }
}

async function backfill(options: BackfillOptions, { hansard, output }: OpenStore): Promise<void> {
  const report = await withProgress(output, 'files', (progress) =>
    hansard.activity.backfill({
      ...options,
      onProgress: ({ filesDone, filesTotal }) => progress(filesDone, filesTotal),
    }),
  )
  await output.result(report, () => reportText(report))
}

function reportText(report: BackfillReport): string {
  const { sources, inserted, updated, skipped, failed, rejects, byKind } = report
  const kinds = Object.entries(byKind).map(([kind, changes]) => ({ kind, ...changes }))
  const lines = [
    ...Object.entries(sources).map(([name, source]) => `${name}: ${sourceText(source)}`),
    `${count(inserted, 'event')} inserted, ${count(updated)} updated, ${count(skipped)} known already`,
    ...kinds.map((each) => `  ${each.kind}: ${each.inserted} inserted, ${each.updated} updated, ${each.skipped} known`),
  ]
  if (failed > 0) lines.push(`${count(failed)} could not be read`)
  if (rejects > 0) lines.push(`${count(rejects, 'reject')} in all; "hansard activity rejects" tells why`)
  return lines.join('\n')
}

function sourceText({ status, absent, files, unchanged, pending }: SourceReport): string {
  const missing = absent.length > 0 ? `absent: ${printable(absent.join(', '))}` : ''
  if (status === 'none') return 'not asked for'
  if (status === 'absent') return missing
  const read = [count(files, 'file')]
  if (unchanged > 0) read.push(`${count(unchanged)} as before`)
  if (pending > 0) read.push(`${count(pending)} with a last line that waits for its end`)
  return [read.join(', '), missing].filter(Boolean).join('; ')
}

const rejectTable: Column<RejectedPiece>[] = [
  { head: 'When', cell: ({ createdAt }) => instant(createdAt) },
  { head: 'File', cell: ({ path }) => path },
  { head: 'Place', cell: ({ place }) => place },
  { head: 'Why', cell: ({ reason }) => shortened(reason, 80) },
]

async function printRejects(
  options: { limit?: number; cursor?: string },
  { hansard, output }: OpenStore,
): Promise<void> {
  const page = await hansard.activity.rejects(options)
  await output.result({ ...page, items: page.items.map(rejectedPieceJson) }, () =>
    page.items.length > 0 ? table(rejectTable, page.items) : 'No rejects.',
  )
  if (page.nextCursor) await output.narrate(`More: add --cursor ${page.nextCursor}`)
}
