import type { EvictionReport, EvictOptions } from '../../../src/domain/transcripts/eviction.js'
import type { RescanOptions, RescanReport } from '../../../src/domain/transcripts/rescan.js'
import {
  type ErrorsOptions,
  type ListTranscriptsOptions,
  type RecurringError,
  type TranscriptEventsOptions,
  type TranscriptUsage,
  type TranscriptUsageOptions,
} from '../../../src/domain/transcripts/transcript-service.js'
import type {
  IngestOptions,
  IngestReport,
  Page,
  Transcript,
  TranscriptDigest,
  TranscriptEvent,
  TranscriptWithSources,
} from '../../../src/index.js'
import { HttpClient } from './http-client.js'
import type { TranscriptCalls } from './library.js'

/** Transcripts as the HTTP service tells them. What it has no route for, since it is an operator's act, is done beside it. */
export class HttpTranscripts implements TranscriptCalls {
  private readonly http: HttpClient

  constructor(
    url: string,
    namespace: string,
    private readonly beside: Pick<TranscriptCalls, 'ingest' | 'evict' | 'hold' | 'release' | 'rescan'>,
  ) {
    this.http = new HttpClient(url, namespace)
  }

  ingest(options?: IngestOptions): Promise<IngestReport> {
    return this.beside.ingest(options)
  }

  evict(options?: EvictOptions): Promise<EvictionReport> {
    return this.beside.evict(options)
  }

  hold(uid: string, reason: string): Promise<Transcript> {
    return this.beside.hold(uid, reason)
  }

  release(uid: string): Promise<Transcript> {
    return this.beside.release(uid)
  }

  rescan(options?: RescanOptions): Promise<RescanReport> {
    return this.beside.rescan(options)
  }

  list(options: ListTranscriptsOptions = {}): Promise<Page<Transcript>> {
    return this.http.send('GET', '/v1/transcripts', { query: { ...options } })
  }

  get(uid: string): Promise<TranscriptWithSources> {
    return this.http.send('GET', pathOf(uid))
  }

  events(
    uid: string,
    { kinds, ...options }: TranscriptEventsOptions = {},
  ): Promise<{ items: TranscriptEvent[]; nextCursor: number | null }> {
    return this.http.send('GET', `${pathOf(uid)}/events`, { query: { ...options, kind: kinds && [...kinds] } })
  }

  digest(uid: string): Promise<TranscriptDigest | undefined> {
    return this.http.send('GET', `${pathOf(uid)}/digest`)
  }

  async errors(options: ErrorsOptions = {}): Promise<RecurringError[]> {
    const query = { ...options }
    return (await this.http.send<Items<RecurringError>>('GET', '/v1/transcripts/errors', { query })).items
  }

  async usage(options: TranscriptUsageOptions = {}): Promise<TranscriptUsage[]> {
    const query = { ...options }
    return (await this.http.send<Items<TranscriptUsage>>('GET', '/v1/transcripts/usage', { query })).items
  }
}

const pathOf = (uid: string) => `/v1/transcripts/${encodeURIComponent(uid)}`

interface Items<T> {
  items: T[]
}
