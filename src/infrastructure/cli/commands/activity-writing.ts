import { type Command, Option } from 'commander'
import { recordedEventJson } from '../../../domain/activity/activity-json.js'
import type { ActivityEventInput, RecordedEvent } from '../../../domain/activity/activity-service.js'
import { eventKindNames } from '../../../domain/activity/event-kinds.js'
import type { JsonObject, JsonValue } from '../../../domain/canonical-json.js'
import { InvalidInputError } from '../../../domain/errors.js'
import { eventEntry } from '../activity-texts.js'
import type { CommandContext, OpenStore } from '../command-context.js'
import { inputName, openInput } from '../files.js'
import { type ObjectBatch, objectBatches } from '../object-batches.js'
import { atLines } from '../object-lines.js'
import { boxedJson, integer, isoInstant, jsonObject } from '../option-values.js'
import { count } from '../output.js'

/** The commands that record events and delete one. */
export function addActivityWritingCommands(activity: Command, context: CommandContext): void {
  addRecord(activity, context)
  addDelete(activity, context)
}

interface RecordOptions {
  kind?: string
  name?: string
  path?: string
  issue?: string
  sessionId?: string
  project?: string
  actor?: string
  state?: string
  retries?: number
  ts?: Date
  nativeId?: string
  payload?: JsonObject
  args?: { value: JsonValue }
  from?: string
}

const fields: (keyof RecordOptions)[] = [
  ...(['kind', 'name', 'path', 'issue', 'sessionId', 'project', 'actor'] as const),
  ...(['state', 'retries', 'ts', 'nativeId', 'payload', 'args'] as const),
]
const eventExample = '{"kind":"file","path":"src/a.ts"}'
/** Of these the first is what the library takes at once; the other bounds the memory. */
const batchBounds = { objects: 1_000, bytes: 32 * 1024 * 1024 }

function addRecord(activity: Command, context: CommandContext): void {
  const kindHelp = `${eventKindNames.join(', ')}; any other is kept as custom`
  const whole = 'read one JSON object {"kind",…} per line; - is stdin'
  activity
    .command('record')
    .description('record one event, or with --from a file of events; makes a SQLite file if there is none')
    .option('--kind <kind>', kindHelp)
    .option('--name <name>', 'what it is of: the tool, the loop')
    .option('--path <path>', 'the file')
    .option('--issue <id>', 'the issue')
    .option('--session-id <id>', 'the session, of a coding agent or of this store')
    .option('--project <id>', 'the project')
    .option('--actor <name>', 'who did it')
    .option('--state <state>', 'where the thing stands after it')
    .option('--retries <n>', 'how often it was tried again', integer)
    .option(
      '--ts <instant>',
      'when it happened, an ISO 8601 date or instant, UTC where it names no offset; now unless given',
      isoInstant,
    )
    .option('--native-id <id>', 'its own identity: recording it again gives the event that is there')
    .option('--payload <JSON>', 'a JSON object to keep with it', jsonObject)
    .option('--args <JSON>', 'the arguments of a tool, any JSON value; hashed and not kept', boxedJson)
    .addOption(new Option('--from <file>', whole).conflicts(fields))
    .action((given: RecordOptions, command: Command) =>
      given.from === undefined ? recordOne(given, command, context) : recordLines(given.from, command, context),
    )
}

function recordOne(given: RecordOptions, command: Command, context: CommandContext): Promise<void> {
  const input = eventOf(given)
  return context.withStore(
    command,
    async ({ activity, output }) => {
      const event = await activity.record(input)
      const repeated = event.replayed ? '\nrecorded before; nothing was added' : ''
      await output.result(recordedEventJson(event), () => eventEntry(event, output) + repeated)
    },
    { mayCreate: true },
  )
}

function eventOf({ kind, issue, project, actor, args, ...given }: RecordOptions): ActivityEventInput {
  if (kind === undefined) {
    throw new InvalidInputError([{ path: '', message: 'Pass --kind, or events with --from <file>.' }])
  }
  const { name, path, sessionId, state, retries, ts, nativeId, payload } = given
  const carried = { sessionId, issueId: issue, projectId: project, actorName: actor }
  return { kind, ts, ...carried, name, path, state, retries, nativeId, payload, args: args?.value }
}

type EventLines = ObjectBatch<ActivityEventInput>

/** Batch by batch, each all or none: a file may be larger than memory. */
async function recordLines(file: string, command: Command, context: CommandContext): Promise<void> {
  const source = await openInput(file, context.process.stdin)
  const batches = objectBatches<ActivityEventInput>(source, eventExample, batchBounds)
  // Read before the store is opened, which may make a file.
  const first = await batches.next()
  // A script that meant to record something must hear that there was nothing.
  if (first.done) throw new InvalidInputError([{ path: '--from', message: `no events in ${inputName(file)}` }])
  await context.withStore(command, (store) => recordBatches(first.value, batches, store), { mayCreate: true })
}

async function recordBatches(first: EventLines, rest: AsyncIterable<EventLines>, store: OpenStore): Promise<void> {
  const report = new RecordReport(store)
  try {
    await report.add(await recordBatch(first, store))
    for await (const batch of rest) await report.add(await recordBatch(batch, store))
  } catch (error) {
    // Those before it are recorded; that they could not be told is the lesser fault.
    await report.end().catch(() => {})
    throw error
  }
  await report.end()
}

/** What is no object is refused with the rest of its batch, so that all faults are told together. */
function recordBatch(batch: EventLines, { activity }: OpenStore): Promise<RecordedEvent[]> {
  const { objects, lineNumbers, faults } = batch
  return activity.recordAll(objects as ActivityEventInput[]).catch((error: unknown) => {
    throw atLines(error, 'events', lineNumbers, faults)
  })
}

/** Written as it grows: the events come first, the sums when they are known. */
class RecordReport {
  private recorded = 0
  private replayed = 0
  /** Settles as the writing went; nobody who stops reading stops the recording. */
  private written = Promise.resolve()

  constructor(private readonly store: OpenStore) {}

  async add(events: RecordedEvent[]): Promise<void> {
    const { output } = this.store
    const isFirst = this.recorded + this.replayed === 0
    const replayed = events.filter((event) => event.replayed).length
    this.replayed += replayed
    this.recorded += events.length - replayed
    if (!output.json) return
    const items = events.map((event) => JSON.stringify(recordedEventJson(event)))
    this.written = this.written.then(() => output.write(`${isFirst ? '{"items":[' : ','}${items.join(',')}`))
    // Waited for, so that a slow reader holds the recording back.
    await this.written.catch(() => {})
  }

  async end(): Promise<void> {
    const { output } = this.store
    const { recorded, replayed } = this
    await this.written
    if (recorded + replayed === 0) return
    const repeated = replayed === 0 ? '' : `, ${count(replayed)} recorded before`
    await output.write(
      output.json
        ? `],"recorded":${recorded},"replayed":${replayed}}\n`
        : `${count(recorded, 'event')} recorded${repeated}\n`,
    )
  }
}

function addDelete(activity: Command, context: CommandContext): void {
  activity
    .command('delete <id>')
    .description('delete an event, for good')
    .action((id: string, _options: unknown, command: Command) =>
      context.withStore(command, async ({ activity, output }) => {
        await activity.delete(id)
        await output.result({ id, deleted: true }, () => `Deleted ${id}`)
      }),
    )
}
