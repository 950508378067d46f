import type { Command } from 'commander'
import { InvalidInputError } from '../../../domain/errors.js'
import type { EvictOptions } from '../../../domain/transcripts/eviction.js'
import type { RescanOptions } from '../../../domain/transcripts/rescan.js'
import { transcriptJson } from '../../../domain/transcripts/transcript-json.js'
import type { CommandContext, OpenStore } from '../command-context.js'
import { evictionText, rescanText } from '../keeping-texts.js'
import { integer } from '../option-values.js'
import { isWatched, withByteProgress, withProgress } from '../progress.js'
import { plain } from '../text-layout.js'

/** The commands that say what is kept of transcripts. */
export function addTranscriptKeepingCommands(transcripts: Command, context: CommandContext): void {
  addEvict(transcripts, context)
  addHold(transcripts, context)
  addRescan(transcripts, context)
}

const dryRunHelp = 'report and change nothing; the figures are those of a run at the same instant'

function addEvict(transcripts: Command, context: CommandContext): void {
  transcripts
    .command('evict')
    .description('let texts of transcripts go, so that the store stays within bounds; events, digests and figures stay')
    .option('--dry-run', dryRunHelp)
    .option('--soft-cap-bytes <n>', 'beyond it those analysed first go; 4 GiB unless given', integer)
    .option('--hard-cap-bytes <n>', 'beyond it digests that are missing are made now; 6 GiB unless given', integer)
    .option('--max-age-ms <n>', 'those analysed longer ago go; 3888000000, 45 days, unless given', integer)
    .action(({ dryRun, softCapBytes, hardCapBytes, maxAgeMs }: EvictOptions, command: Command) =>
      context.withStore(command, (store) => evict({ dryRun, softCapBytes, hardCapBytes, maxAgeMs }, store)),
    )
}

async function evict(options: EvictOptions, { transcripts, output }: OpenStore): Promise<void> {
  const isTold = isWatched(output) && !options.dryRun
  const total = isTold ? (await transcripts.evict({ ...options, dryRun: true })).bytesFreed : 0
  const report = await withByteProgress(output, total, (progress) =>
    transcripts.evict({ ...options, onProgress: ({ bytesFreed }) => progress(bytesFreed) }),
  )
  await output.result(report, () => evictionText(report, output))
}

interface HoldOptions {
  reason?: string
  release?: boolean
}

function addHold(transcripts: Command, context: CommandContext): void {
  transcripts
    .command('hold <uid>')
    .description('keep the texts of a transcript from eviction, or with --release no longer')
    .option('--reason <text>', 'why, for whoever wonders')
    .option('--release', 'end the hold')
    .action((uid: string, { reason, release = false }: HoldOptions, command: Command) => {
      if (release === (reason !== undefined)) {
        throw new InvalidInputError([{ path: '', message: 'Pass --reason, or --release to end a hold.' }])
      }
      return context.withStore(command, async ({ transcripts, output }) => {
        const transcript = release ? await transcripts.release(uid) : await transcripts.hold(uid, reason ?? '')
        await output.result(transcriptJson(transcript), () => `${release ? 'Released' : 'Held'} ${plain(uid)}`)
      })
    })
}

function addRescan(transcripts: Command, context: CommandContext): void {
  transcripts
    .command('rescan')
    .argument('[uids...]', 'only these transcripts')
    .description('hide secrets again, by the rules of today, in what was stored under other rules or under none')
    .option('--dry-run', dryRunHelp)
    .action((uids: string[], { dryRun }: RescanOptions, command: Command) =>
      context.withStore(command, async ({ transcripts, output }) => {
        const report = await withProgress(output, 'transcripts', (progress) =>
          transcripts.rescan({
            uids: uids.length > 0 ? uids : undefined,
            dryRun,
            onProgress: ({ transcriptsDone, transcriptsTotal }) => progress(transcriptsDone, transcriptsTotal),
          }),
        )
        await output.result(report, () => rescanText(report))
      }),
    )
}
