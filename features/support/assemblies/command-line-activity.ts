import {
  type ActivityEvent,
  type ActivityEventInput,
  type ActivityPurgeReport,
  ActivityService,
  type ActivitySink,
  type BackfillOptions,
  type BackfillReport,
  type EventKindDeclaration,
  type EventPageOptions,
  type FailedLoop,
  type FailedLoopsOptions,
  type FailingTool,
  type FailingToolsOptions,
  type Page,
  type PurgeEventsOptions,
  type RecentEventsOptions,
  type RecordedEvent,
  type RejectedPiece,
  type RelatedEvent,
  type RelatedSubject,
} from '../../../src/index.js'
import type { RunCommand } from './cli.js'
import { documentOf, jsonOf, type Option } from './command-words.js'
import { notOffered } from './library.js'

/** The activity service as the commands offer it. */
export class CommandLineActivity extends ActivityService {
  constructor(private readonly runCommand: RunCommand) {
    super()
  }

  record({ payload, args, ...event }: ActivityEventInput): Promise<RecordedEvent> {
    return this.command('record', [], { ...flagsOf(event), payload, args: jsonOf(args) })
  }

  async recordAll(events: readonly ActivityEventInput[]): Promise<RecordedEvent[]> {
    const lines = events.map((event) => JSON.stringify(event)).join('\n')
    return (await this.command<Items<RecordedEvent>>('record', [], { from: '-' }, lines)).items
  }

  get(id: string): Promise<ActivityEvent> {
    return this.command('get', [id])
  }

  recent(options: RecentEventsOptions = {}): Promise<Page<ActivityEvent>> {
    return this.command('recent', [], flagsOf(options))
  }

  related(subject: RelatedSubject, options: EventPageOptions = {}): Promise<Page<RelatedEvent>> {
    return this.command('related', [], flagsOf({ ...subject, ...options }))
  }

  async failedLoops({ path, ...options }: FailedLoopsOptions): Promise<FailedLoop[]> {
    return (await this.command<Items<FailedLoop>>('failed-loops', [path], flagsOf(options))).items
  }

  issueHistory(issueId: string, options: EventPageOptions = {}): Promise<Page<ActivityEvent>> {
    return this.command('history', [issueId], flagsOf(options))
  }

  async failingTools(options: FailingToolsOptions = {}): Promise<FailingTool[]> {
    return (await this.command<Items<FailingTool>>('failing-tools', [], flagsOf(options))).items
  }

  kinds(): EventKindDeclaration[] {
    return notOffered('command line', 'kinds that are there at once')
  }

  async delete(id: string): Promise<void> {
    await this.command('delete', [id])
  }

  purge({ kinds = [], dryRun, olderThanMs, batchSize }: PurgeEventsOptions): Promise<ActivityPurgeReport> {
    const options = { 'dry-run': dryRun, 'older-than-ms': olderThanMs, 'batch-size': batchSize }
    return this.command(
      'purge',
      kinds.map((kind) => `--kind=${kind}`),
      options,
    )
  }

  backfill({ issuesDir, loopsDir, transcripts = [] }: BackfillOptions): Promise<BackfillReport> {
    const places = transcripts.map((place) => `--transcripts=${place}`)
    return this.command('backfill', places, { issues: issuesDir, loops: loopsDir })
  }

  rejects(options: EventPageOptions = {}): Promise<Page<RejectedPiece>> {
    return this.command('rejects', [], flagsOf(options))
  }

  sink(): ActivitySink {
    return notOffered('command line', 'sink')
  }

  private command<T>(command: string, args: string[], options: Record<string, Option> = {}, stdin?: string) {
    return documentOf<T>(this.runCommand, [command, ...args], options, stdin)
  }
}

interface Items<T> {
  items: T[]
}

const flagNames: Record<string, string> = {
  issueId: 'issue',
  projectId: 'project',
  actorName: 'actor',
  sessionId: 'session-id',
  nativeId: 'native-id',
}

const flagsOf = (options: object): Record<string, Option> =>
  Object.fromEntries(Object.entries(options).map(([name, value]) => [flagNames[name] ?? name, value as Option]))
