import type { TranscriptDigest } from '../../../src/domain/transcripts/digest.js'
import type { Transcript, TranscriptEvent, TranscriptWithSources } from '../../../src/domain/transcripts/transcript.js'
import type { IngestOptions, IngestReport } from '../../../src/domain/transcripts/transcript-ingest.js'
import type {
  ErrorsOptions,
  ListTranscriptsOptions,
  RecurringError,
  TranscriptEventsOptions,
  TranscriptUsage,
  TranscriptUsageOptions,
} from '../../../src/domain/transcripts/transcript-service.js'
import type { Page } from '../../../src/index.js'
import type { RunCommand } from './cli.js'
import { documentOf, type Option } from './command-words.js'
import type { TranscriptCalls } from './library.js'

/** Transcripts as the commands tell them. */
export class CommandLineTranscripts implements TranscriptCalls {
  constructor(private readonly runCommand: RunCommand) {}

  ingest({ paths = [], flavors = [], redact }: IngestOptions = {}): Promise<IngestReport> {
    const words = [...flavors.map((flavor) => `--flavor=${flavor}`), ...paths]
    return this.command('ingest', words, { 'no-redact': redact === false })
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

  private command<T>(command: string, words: string[], options: Record<string, Option> = {}): Promise<T> {
    return documentOf<T>(this.runCommand, [command, ...words], options)
  }
}

interface Items<T> {
  items: T[]
}
