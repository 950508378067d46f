import { decodeCursor, encodeCursor, listingFingerprint, type Page } from '../../domain/page.js'
import type { TranscriptDigest } from '../../domain/transcripts/digest.js'
import type { EvictionReport, EvictOptions } from '../../domain/transcripts/eviction.js'
import type { RescanOptions, RescanReport } from '../../domain/transcripts/rescan.js'
import {
  flavorOf,
  type Transcript,
  type TranscriptEvent,
  TranscriptWithSources,
  transcriptNotFound,
} from '../../domain/transcripts/transcript.js'
import type {
  DiscoveredSource,
  IngestOptions,
  IngestReport,
  WatchOptions,
} from '../../domain/transcripts/transcript-ingest.js'
import {
  type ErrorsOptions,
  type ListTranscriptsOptions,
  type RecurringError,
  type TranscriptEventsOptions,
  TranscriptService,
  type TranscriptUsage,
  type TranscriptUsageOptions,
} from '../../domain/transcripts/transcript-service.js'
import { instantOr } from '../input-rules.js'
import { accepted } from '../open-calls.js'
import { requireText, validated } from '../validated.js'
import { discoverSources } from './discovering.js'
import { Eviction } from './evicting.js'
import { ingestTranscripts } from './ingesting.js'
import { gateOf } from './redacting.js'
import { rescanTranscripts } from './rescanning.js'
import {
  ErrorsFields,
  EvictFields,
  HoldFields,
  IngestFields,
  ListTranscriptsFields,
  RescanFields,
  TranscriptEventsFields,
  TranscriptUsageFields,
  withWholePaths,
} from './transcript-inputs.js'
import type { TranscriptServiceParts } from './transcript-service-parts.js'
import { watchTranscripts } from './watching.js'

/** Transcripts kept through the repositories. */
export class PersistentTranscriptService extends TranscriptService {
  constructor(readonly parts: TranscriptServiceParts) {
    super()
  }

  async *discover(plain: Pick<IngestOptions, 'paths' | 'flavors'> = {}): AsyncGenerator<DiscoveredSource> {
    yield* discoverSources(this.parts, withWholePaths(validated(IngestFields, plain)))
  }

  /** Each of its writes is an accepted call: a store that closes does not wait for all files. */
  async ingest(options: IngestOptions = {}): Promise<IngestReport> {
    this.parts.calls.assertOpen()
    return ingestTranscripts(this.parts, withWholePaths(validated(IngestFields, options)))
  }

  watch(options: WatchOptions = {}): AsyncIterableIterator<IngestReport> {
    return watchTranscripts(this.parts, options)
  }

  @accepted()
  async list(plain: ListTranscriptsOptions = {}): Promise<Page<Transcript>> {
    const { limit = 50, cursor, since, until, ...filter } = validated(ListTranscriptsFields, plain)
    const query = { ...filter, since: instantOr(since), until: instantOr(until) }
    const fingerprint = listingFingerprint(this.parts.namespace, { transcripts: query })
    const position = cursor === undefined ? undefined : decodeCursor(cursor, fingerprint)
    const page = await this.parts.transcripts.list({ ...query, limit, position })
    return {
      items: page.items,
      nextCursor: page.nextCursor && encodeCursor(page.nextCursor, fingerprint),
      previousCursor: page.previousCursor && encodeCursor(page.previousCursor, fingerprint),
    }
  }

  @accepted()
  async get(uid: string): Promise<TranscriptWithSources> {
    const transcript = await this.found(uid)
    return Object.assign(new TranscriptWithSources(), transcript, await this.parts.transcripts.sources(transcript.id))
  }

  @accepted()
  async events(
    uid: string,
    plain: TranscriptEventsOptions = {},
  ): Promise<{ items: TranscriptEvent[]; nextCursor: number | null }> {
    const { after = 0, limit = 100, kinds, withBodies = false } = validated(TranscriptEventsFields, plain, 'options')
    const { id } = await this.found(uid)
    const found = await this.parts.transcripts.events(id, { after, limit: limit + 1, kinds, withBodies })
    const items = found.slice(0, limit)
    return { items, nextCursor: found.length > limit ? (items.at(-1)?.seq ?? null) : null }
  }

  @accepted()
  async digest(uid: string): Promise<TranscriptDigest | undefined> {
    const { id } = await this.found(uid)
    return this.parts.transcripts.digest(id)
  }

  @accepted()
  async errors(plain: ErrorsOptions = {}): Promise<RecurringError[]> {
    const { since, limit = 50, ...filter } = validated(ErrorsFields, plain)
    return this.parts.transcripts.errors({ ...filter, since: instantOr(since), limit, now: this.parts.clock() })
  }

  @accepted()
  async usage(plain: TranscriptUsageOptions = {}): Promise<TranscriptUsage[]> {
    const { since, until, by = 'day', ...filter } = validated(TranscriptUsageFields, plain)
    return this.parts.transcripts.usage({ ...filter, since: instantOr(since), until: instantOr(until), by })
  }

  /** Each of its writes is an accepted call: a store that closes does not wait for all transcripts. */
  async evict(options: EvictOptions = {}): Promise<EvictionReport> {
    this.parts.calls.assertOpen()
    return new Eviction(this.parts, validated(EvictFields, options)).run()
  }

  @accepted()
  async hold(uid: string, reason: string): Promise<Transcript> {
    const { reason: given } = validated(HoldFields, { reason })
    return this.setHold(uid, (await gateOf(this.parts)).name(given))
  }

  @accepted()
  async release(uid: string): Promise<Transcript> {
    return this.setHold(uid, null)
  }

  private async setHold(uid: string, reason: string | null): Promise<Transcript> {
    flavorOf(requireText(uid, 'uid'))
    await this.parts.evictions.setHold(uid, reason)
    return this.found(uid)
  }

  async rescan(options: RescanOptions = {}): Promise<RescanReport> {
    this.parts.calls.assertOpen()
    return rescanTranscripts(this.parts, validated(RescanFields, options))
  }

  private async found(uid: string): Promise<Transcript> {
    flavorOf(requireText(uid, 'uid'))
    const transcript = await this.parts.transcripts.find(uid)
    if (!transcript) throw transcriptNotFound(uid)
    return transcript
  }
}
