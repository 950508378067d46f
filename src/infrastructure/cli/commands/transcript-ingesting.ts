import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { resolve } from 'node:path'
import { type Command, Option } from 'commander'
import { InvalidInputError } from '../../../domain/errors.js'
import { transcriptFlavors } from '../../../domain/transcripts/transcript.js'
import type { DiscoveredSource, IngestOptions, WatchOptions } from '../../../domain/transcripts/transcript-ingest.js'
import { discoveredSourceJson, ingestReportJson } from '../../../domain/transcripts/transcript-json.js'
import type { TranscriptService } from '../../../domain/transcripts/transcript-service.js'
import type { CommandContext, OpenStore } from '../command-context.js'
import { changesText, ingestText } from '../ingest-texts.js'
import { text } from '../option-values.js'
import { byteSize, type Column, count, type Output, table } from '../output.js'
import { isWatched, withByteProgress } from '../progress.js'
import { fittedAtEnd, plain, wrapped } from '../text-layout.js'

interface Places {
  paths?: readonly string[]
  flavors?: readonly string[]
}

interface IngestCommandOptions {
  flavor?: string[]
  redact: boolean
  activity: boolean
  again?: boolean
  watch?: boolean
}

/** The commands that look for what agents left, and take it in. */
export function addTranscriptIngestingCommands(transcripts: Command, context: CommandContext): void {
  addDiscover(transcripts, context)
  addIngest(transcripts, context)
}

const pathsHelp = 'files and folders to look at in place of those of the agents'
const flavorHelp = `only those of this agent: ${transcriptFlavors.join(', ')}; may be repeated`

function addDiscover(transcripts: Command, context: CommandContext): void {
  transcripts
    .command('discover')
    .argument('[paths...]', pathsHelp)
    .description('list the transcripts on this machine, and which of them an ingest would read; it stores nothing')
    .option('--flavor <flavor>', flavorHelp, text)
    .action(async (paths: string[], { flavor }: { flavor?: string[] }, command: Command) => {
      const places = placesOf(paths, flavor)
      // Whoever looks before the first ingest has no store yet.
      await context.withStore(command, (store) => discover(places, store), { mayBeMissing: true })
    })
}

function placesOf(paths: string[], flavors: string[] | undefined): Places {
  const named = paths.map((path) => resolve(path))
  const missing = named.filter((path) => !existsSync(path))
  if (missing.length > 0) {
    throw new InvalidInputError(missing.map((path) => ({ path, message: 'no such file or folder' })))
  }
  return { paths: named.length > 0 ? named : undefined, flavors }
}

const sourceColumns: Column<DiscoveredSource>[] = [
  { head: 'State', cell: ({ state }) => state },
  { head: 'Agent', cell: ({ flavor }) => flavor },
  { head: 'Size', align: 'right', cell: ({ bytes }) => (bytes === null ? '' : byteSize(bytes)) },
]
/** What the columns before the file take, with their lines. */
const sourceWidth = 37

const inHome = (path: string) => (path.startsWith(`${homedir()}/`) ? `~${path.slice(homedir().length)}` : path)

async function discover(places: Places, { transcripts, output }: OpenStore): Promise<void> {
  const found: DiscoveredSource[] = []
  for await (const source of transcripts.discover(places)) found.push(source)
  await output.result({ items: found.map(discoveredSourceJson) }, () =>
    found.length > 0 ? sourceTable(found, output) : 'No transcripts found.',
  )
  await output.narrate(found.length > 0 ? `${foundText(found)}.` : whereText(places))
}

/** Where it was looked, for whoever wonders why nothing was found. */
function whereText({ paths, flavors = [...transcriptFlavors] }: Places): string {
  return paths
    ? `Nothing there is a transcript of ${new Intl.ListFormat('en-GB', { type: 'disjunction' }).format(flavors)}.`
    : `Looked in the usual folders of ${new Intl.ListFormat('en-GB').format(flavors)}; what is elsewhere has to be named.`
}

function sourceTable(found: DiscoveredSource[], { width = Number.POSITIVE_INFINITY }: Output): string {
  const room = width - sourceWidth
  // The reason has lines of its own: beside the path it would leave no room for it.
  const cell = ({ path, state, refusal = '' }: DiscoveredSource) =>
    [fittedAtEnd(plain(inHome(path)), room), ...(state === 'refused' ? wrapped(plain(refusal), room) : [])].join('\n')
  return table([...sourceColumns, { head: 'File', cell }], found, { compact: true })
}

function foundText(found: DiscoveredSource[]): string {
  const of = (...states: DiscoveredSource['state'][]) => found.filter(({ state }) => states.includes(state))
  const toRead = of('new', 'changed')
  return [
    `${count(toRead.length, 'file')} to read, ${byteSize(bytesOf(toRead))}`,
    `${count(of('unchanged').length)} read before`,
    `${count(of('refused').length)} refused`,
  ].join('; ')
}

const bytesOf = (found: DiscoveredSource[]) => found.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0)

function addIngest(transcripts: Command, context: CommandContext): void {
  transcripts
    .command('ingest')
    .argument('[paths...]', pathsHelp)
    .description('read what is new in the transcripts on this machine; makes a SQLite file if there is none')
    .option('--flavor <flavor>', flavorHelp, text)
    .option('--no-redact', 'keep secrets as they stand in the files')
    .option('--no-activity', 'record no events of activity from them')
    .addOption(
      new Option('--again', 'read them from their start, and bring back texts that were evicted').conflicts('watch'),
    )
    .option('--watch', 'go on with what agents write, until interrupted; with --json one JSON line for each report')
    .action((paths: string[], { flavor, watch, ...options }: IngestCommandOptions, command: Command) => {
      const { redact, activity, again } = options
      const given = { ...placesOf(paths, flavor), redact, activity }
      const work = async (store: OpenStore) => {
        if (!redact) await store.output.narrate('Warning: secrets are kept as they stand in the files.')
        await context.interruptible(
          (signal) => (watch ? watched({ ...given, signal }, store) : ingest({ ...given, again, signal }, store)),
          ['SIGINT', 'SIGTERM'],
        )
      }
      return context.withStore(command, work, { mayCreate: true })
    })
}

/** The first report is of all; those after it of what was written since. */
async function watched(options: WatchOptions, { transcripts, output }: OpenStore): Promise<void> {
  let isFirst = true
  for await (const report of transcripts.watch(options)) {
    await output.result(ingestReportJson(report), () => (isFirst ? ingestText(report, output) : changesText(report)))
    if (isFirst) await output.narrate('Watching; an interrupt ends it.')
    isFirst = false
  }
}

async function ingest(options: IngestOptions, { transcripts, output }: OpenStore): Promise<void> {
  const total = isWatched(output) ? await bytesToRead(options, transcripts, output) : 0
  const report = await withByteProgress(output, total, (progress) =>
    transcripts.ingest({ ...options, onProgress: ({ bytesDone }) => progress(bytesDone) }),
  )
  await output.result(ingestReportJson(report), () => ingestText(report, output))
  if (report.sources.found === 0) await output.narrate(whereText(options))
  if (report.isInterrupted) await output.narrate('Interrupted. What was read is stored; run it again to go on.')
}

/** Files that are as they were are not opened for it. */
async function bytesToRead(
  { paths, flavors, again, signal }: IngestOptions,
  transcripts: TranscriptService,
  output: Output,
): Promise<number> {
  await output.narrate('Looking for transcripts …')
  let bytes = 0
  for await (const source of transcripts.discover({ paths, flavors })) {
    if (signal?.aborted) break
    if (source.state === 'new' || source.state === 'changed' || (again && source.state === 'unchanged'))
      bytes += source.bytes ?? 0
  }
  return bytes
}
