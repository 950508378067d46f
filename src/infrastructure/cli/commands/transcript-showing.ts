import type { Command } from 'commander'
import type { TranscriptEvent, TranscriptWithSources } from '../../../domain/transcripts/transcript.js'
import { transcriptEventJson, transcriptWithSourcesJson } from '../../../domain/transcripts/transcript-json.js'
import type { TranscriptService } from '../../../domain/transcripts/transcript-service.js'
import type { CommandContext, OpenStore } from '../command-context.js'
import { foldedCalls } from '../folded-calls.js'
import { integer } from '../option-values.js'
import type { Output } from '../output.js'
import { TranscriptConversation } from '../transcript-conversation.js'
import { outcomeText, transcriptHeader } from '../transcript-header.js'

interface ShowOptions {
  latest?: number
  full?: boolean
}

const pageEvents = 500
/** So much text is held at once, or one text that is longer. */
const heldBytes = 8 * 1024 * 1024

export function addTranscriptShowCommand(transcripts: Command, context: CommandContext): void {
  transcripts
    .command('show <uid>')
    .description('print a transcript as a conversation; with --json the transcript with its events')
    .option('--latest <n>', 'only the last n events', integer)
    .option('--full', 'also what tools gave back, what was thought, and long messages whole')
    .action((uid: string, given: ShowOptions, command: Command) =>
      context.withStore(command, (store) => show(uid, given, store)),
    )
}

async function show(uid: string, { latest, full = false }: ShowOptions, store: OpenStore): Promise<void> {
  const { transcripts, output } = store
  const transcript = await transcripts.get(uid)
  const after = latest === undefined ? 0 : Math.max(transcript.lastSeq - latest, 0)
  const events = wholeEvents(transcripts, uid, after)
  if (output.json) return writeDocument(transcript, events, output)
  await output.write(`${transcriptHeader(transcript, await transcripts.digest(uid), output)}\n`)
  const conversation = new TranscriptConversation(output, { cwd: transcript.cwd, isWhole: full })
  for await (const entry of foldedCalls(events)) await output.write(conversation.entry(entry))
  await output.write(`\n${outcomeText(transcript, output)}\n`)
}

/** Piece by piece, as a transcript may be larger than memory. */
async function writeDocument(
  transcript: TranscriptWithSources,
  events: AsyncIterable<TranscriptEvent>,
  output: Output,
) {
  await output.write(`${JSON.stringify(transcriptWithSourcesJson(transcript)).slice(0, -1)},"events":[`)
  let comma = ''
  for await (const event of events) {
    await output.write(comma + JSON.stringify(transcriptEventJson(event)))
    comma = ','
  }
  await output.write(']}\n')
}

/** Events with their texts, brought in runs that memory holds. */
async function* wholeEvents(
  transcripts: TranscriptService,
  uid: string,
  from: number,
): AsyncGenerator<TranscriptEvent> {
  for (let after: number | null = from; after !== null; ) {
    const page = await transcripts.events(uid, { after, limit: pageEvents })
    for (const run of runsOf(page.items)) {
      const whole = await transcripts.events(uid, { after: run.after, limit: run.length, withBodies: true })
      yield* whole.items
    }
    after = page.nextCursor
  }
}

function runsOf(events: TranscriptEvent[]): { after: number; length: number }[] {
  const runs: { after: number; length: number; bytes: number }[] = []
  for (const { seq, bodyBytes } of events) {
    const run = runs.at(-1)
    if (!run || run.bytes + bodyBytes > heldBytes) runs.push({ after: seq - 1, length: 1, bytes: bodyBytes })
    else Object.assign(run, { length: run.length + 1, bytes: run.bytes + bodyBytes })
  }
  return runs
}
