import type { EvictionReport, EvictOptions } from '../../../src/domain/transcripts/eviction.js'
import type { RescanOptions, RescanReport } from '../../../src/domain/transcripts/rescan.js'
import type {
  ErrorsOptions,
  IngestOptions,
  IngestReport,
  ListTranscriptsOptions,
  Page,
  RecurringError,
  Transcript,
  TranscriptDigest,
  TranscriptEvent,
  TranscriptEventsOptions,
  TranscriptUsage,
  TranscriptUsageOptions,
  TranscriptWithSources,
} from '../../../src/index.js'
import type { RunCommand } from './cli.js'
import { documentOf, type Option } from './command-words.js'
import type { TranscriptCalls } from './library.js'

/** Transcripts as the commands tell them. */
export class CommandLineTranscripts implements TranscriptCalls {
  constructor(private readonly runCommand: RunCommand) {}

  ingest({ paths = [], flavors = [], redact, activity, again }: IngestOptions = {}): Promise<IngestReport> {
    const words = [...flavors.map((flavor) => `--flavor=${flavor}`), ...paths]
    const without = { 'no-redact': redact === false, 'no-activity': activity === false }
    return this.command('ingest', words, { ...without, again })
  }

  list(options: ListTranscriptsOptions = {}): Promise<Page<Transcript>> {
    return this.command('list', [], { ...options })
  }

  get(uid: string): Promise<TranscriptWithSources> {
    return this.command('show', [uid])
  }

  events(
    uid: string,
    { kinds = [], withBodies, ...options }: TranscriptEventsOptions = {},
  ): Promise<{ items: TranscriptEvent[]; nextCursor: number | null }> {
    const words = [uid, ...kinds.map((kind) => `--kind=${kind}`)]
    return this.command('events', words, { ...options, bodies: withBodies })
  }

  digest(uid: string): Promise<TranscriptDigest | undefined> {
    return this.command('digest', [uid])
  }

  async errors(options: ErrorsOptions = {}): Promise<RecurringError[]> {
    return (await this.command<Items<RecurringError>>('errors', [], { ...options })).items
  }

  async usage(options: TranscriptUsageOptions = {}): Promise<TranscriptUsage[]> {
    return (await this.command<Items<TranscriptUsage>>('usage', [], { ...options })).items
  }

  evict({ dryRun, softCapBytes, hardCapBytes, maxAgeMs }: EvictOptions = {}): Promise<EvictionReport> {
    const bounds = { 'soft-cap-bytes': softCapBytes, 'hard-cap-bytes': hardCapBytes, 'max-age-ms': maxAgeMs }
    return this.command('evict', [], { 'dry-run': dryRun, ...bounds })
  }

  hold(uid: string, reason: string): Promise<Transcript> {
    return this.command('hold', [uid], { reason })
  }

  release(uid: string): Promise<Transcript> {
    return this.command('hold', [uid], { release: true })
  }

  rescan({ uids = [], dryRun }: RescanOptions = {}): Promise<RescanReport> {
    return this.command('rescan', [...uids], { 'dry-run': dryRun })
  }

  private command<T>(command: string, words: string[], options: Record<string, Option> = {}): Promise<T> {
    return documentOf<T>(this.runCommand, [command, ...words], options)
  }
}

interface Items<T> {
  items: T[]
}
