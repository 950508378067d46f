import { type Command, Option } from 'commander'
import { type Transcript, transcriptFlavors, transcriptOutcomes } from '../../../domain/transcripts/transcript.js'
import { type TranscriptEventKind, transcriptEventKinds } from '../../../domain/transcripts/transcript-event.js'
import {
  transcriptDigestJson,
  transcriptEventsJson,
  transcriptJson,
} from '../../../domain/transcripts/transcript-json.js'
import type { ListTranscriptsOptions } from '../../../domain/transcripts/transcript-service.js'
import type { CommandContext, OpenStore } from '../command-context.js'
import { instantHelp, integer, isoInstant, text } from '../option-values.js'
import { digestText } from '../transcript-digest-text.js'
import { eventText, transcriptEntry } from '../transcript-entries.js'

/** The commands that list transcripts and tell of one. */
export function addTranscriptReadingCommands(transcripts: Command, context: CommandContext): void {
  addList(transcripts, context)
  addEvents(transcripts, context)
  addDigest(transcripts, context)
}

function addList(transcripts: Command, context: CommandContext): void {
  transcripts
    .command('list')
    .description('list transcripts, by when they began, newest first')
    .addOption(new Option('--flavor <flavor>', 'only those of this agent').choices(transcriptFlavors))
    .addOption(new Option('--outcome <outcome>', 'only those that came to this').choices(transcriptOutcomes))
    .option('--project <name>', 'only those of this project')
    .option('--repo <name>', 'only those of this repository')
    .option('--domain <name>', 'only those of this domain')
    .option('--since <instant>', `only those begun at or after ${instantHelp}`, isoInstant)
    .option('--until <instant>', `only those begun before ${instantHelp}`, isoInstant)
    .addOption(new Option('--order <order>', 'by when they began').choices(['newest', 'oldest']))
    .option('--limit <n>', 'at most this many; 50 unless given, up to 1,000', integer)
    .option('--cursor <cursor>', 'go on from the nextCursor or previousCursor of an earlier page')
    .action((given: ListTranscriptsOptions, command: Command) =>
      context.withStore(command, (store) => list(listOptions(given), store)),
    )
}

/** Without the options of every command. */
function listOptions(given: ListTranscriptsOptions): ListTranscriptsOptions {
  const { flavor, outcome, project, repo, domain, since, until, order, limit, cursor } = given
  return { flavor, outcome, project, repo, domain, since, until, order, limit, cursor }
}

async function list(options: ListTranscriptsOptions, { transcripts, output }: OpenStore): Promise<void> {
  const page = await transcripts.list(options)
  if (output.json) return output.result({ ...page, items: page.items.map(transcriptJson) }, () => '')
  const entries: string[] = []
  for (const transcript of page.items)
    entries.push(transcriptEntry(transcript, await digestIfUntitled(transcript), output))
  await output.write(`${entries.join('\n') || 'No transcripts.'}\n`)
  if (page.nextCursor) await output.narrate(`More: add --cursor ${page.nextCursor}`)
  const isAll = Object.values(options).every((given) => given === undefined)
  if (isAll && entries.length === 0) await output.narrate('"hansard transcripts ingest" reads those that agents left.')

  function digestIfUntitled({ uid, title }: Transcript) {
    return title === null ? transcripts.digest(uid) : undefined
  }
}

interface EventsCommandOptions {
  after?: number
  kind?: string[]
  bodies?: boolean
  limit?: number
}

function addEvents(transcripts: Command, context: CommandContext): void {
  transcripts
    .command('events <uid>')
    .description('print one page of the events of a transcript, in their order')
    .option('--after <seq>', 'only those after this number', integer)
    .option('--kind <kind>', `only these: ${transcriptEventKinds.join(', ')}; may be repeated`, text)
    .option('--bodies', 'bring their full texts')
    .option('--limit <n>', 'at most this many; 100 unless given, up to 1,000', integer)
    .action((uid: string, { after, kind, bodies, limit }: EventsCommandOptions, command: Command) =>
      context.withStore(command, async ({ transcripts, output }) => {
        const kinds = kind as TranscriptEventKind[] | undefined
        const page = await transcripts.events(uid, { after, kinds, withBodies: bodies, limit })
        await output.result(transcriptEventsJson(page), () =>
          page.items.length > 0 ? page.items.map((event) => eventText(event, output)).join('\n') : 'No events.',
        )
        if (page.nextCursor !== null) await output.narrate(`More: add --after ${page.nextCursor}`)
      }),
    )
}

function addDigest(transcripts: Command, context: CommandContext): void {
  transcripts
    .command('digest <uid>')
    .description(
      'print what is kept of a transcript when its texts are gone; none yet is not an error: null, exit code 0',
    )
    .action((uid: string, _options: unknown, command: Command) =>
      context.withStore(command, async ({ transcripts, output }) => {
        const digest = await transcripts.digest(uid)
        await output.result(digest ? transcriptDigestJson(digest) : null, () =>
          digest ? digestText(digest, output) : 'No digest yet: the next ingest makes it.',
        )
      }),
    )
}
