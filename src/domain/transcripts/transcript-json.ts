import type { TranscriptDigest } from './digest.js'
import type { ReadSource, Transcript, TranscriptEvent, TranscriptFigures, TranscriptWithSources } from './transcript.js'
import { transcriptEventKinds } from './transcript-event.js'
import type { DiscoveredSource, IngestedTranscript, IngestReport } from './transcript-ingest.js'
import type { TokenCounts } from './transcript-reader.js'
import type { RecurringError, TranscriptUsage } from './transcript-service.js'

type Watermark = 'discoveredAt' | 'ingestedAt' | 'analyzedAt' | 'evictedAt'

/** A transcript as the surfaces write it: instants as ISO 8601, members always in the same order. */
export interface TranscriptJson extends Omit<Transcript, 'startedAt' | 'endedAt' | Watermark> {
  startedAt: string | null
  endedAt: string | null
  discoveredAt: string
  ingestedAt: string | null
  analyzedAt: string | null
  evictedAt: string | null
}

export type ReadSourceJson = Omit<ReadSource, 'readAt'> & { readAt: string }
export type TranscriptWithSourcesJson = TranscriptJson & { sources: ReadSourceJson[]; copiedFromUids: string[] }

export interface TranscriptEventJson extends Omit<TranscriptEvent, 'ts'> {
  ts: string | null
}

export interface TranscriptEventsJson {
  items: TranscriptEventJson[]
  nextCursor: number | null
}

export interface DiscoveredSourceJson extends Omit<DiscoveredSource, 'refusal' | 'isReadIfNamed'> {
  /** Recognised, and no transcript: why it is not read. */
  refusal: string | null
}

export interface RecurringErrorJson extends Omit<RecurringError, 'firstAt' | 'lastAt'> {
  firstAt: string | null
  lastAt: string | null
}

export function transcriptJson(transcript: Transcript): TranscriptJson {
  return { ...origin(transcript), ...course(transcript), ...upkeep(transcript) }
}

/** The same, with all that tells of it. */
export function transcriptWithSourcesJson(transcript: TranscriptWithSources): TranscriptWithSourcesJson {
  const { sources, copiedFromUids } = transcript
  return { ...transcriptJson(transcript), sources: sources.map(readSourceJson), copiedFromUids }
}

function readSourceJson({ readAt, ...source }: ReadSource): ReadSourceJson {
  return { ...source, readAt: readAt.toISOString() }
}

/** Whose it is, and where it comes from. */
const origin = (transcript: Transcript) => ({
  id: transcript.id,
  namespace: transcript.namespace,
  uid: transcript.uid,
  flavor: transcript.flavor,
  nativeId: transcript.nativeId,
  repo: transcript.repo,
  domain: transcript.domain,
  project: transcript.project,
  cwd: transcript.cwd,
  branch: transcript.branch,
  model: transcript.model,
  title: transcript.title,
  taskRef: transcript.taskRef,
  parentUid: transcript.parentUid,
})

/** How it went, and what it cost. */
const course = (transcript: Transcript) => ({
  startedAt: instantOrNull(transcript.startedAt),
  endedAt: instantOrNull(transcript.endedAt),
  outcome: transcript.outcome,
  outcomeConfidence: transcript.outcomeConfidence,
  outcomeSource: transcript.outcomeSource,
  tokens: tokenFigures(transcript.tokens),
  tokensUncertain: transcript.tokensUncertain,
  wallClockMs: transcript.wallClockMs,
  turns: transcript.turns,
  retries: transcript.retries,
  estimatedCostUsd: transcript.estimatedCostUsd,
  unpricedResponses: transcript.unpricedResponses,
  figures: transcriptFigures(transcript.figures),
  lastSeq: transcript.lastSeq,
})

/** What the store did with it. */
const upkeep = (transcript: Transcript) => ({
  generation: transcript.generation,
  discoveredAt: transcript.discoveredAt.toISOString(),
  ingestedAt: instantOrNull(transcript.ingestedAt),
  analyzedAt: instantOrNull(transcript.analyzedAt),
  evictedAt: instantOrNull(transcript.evictedAt),
  holdReason: transcript.holdReason,
  schemaVersion: transcript.schemaVersion,
  redactionVersion: transcript.redactionVersion,
  redactions: transcript.redactions,
  digestVersion: transcript.digestVersion,
  throughSeq: transcript.throughSeq,
  isTrivial: transcript.isTrivial,
})

export function transcriptEventJson(event: TranscriptEvent): TranscriptEventJson {
  return {
    id: event.id,
    transcriptId: event.transcriptId,
    seq: event.seq,
    ts: instantOrNull(event.ts),
    parentSeq: event.parentSeq,
    kind: event.kind,
    role: event.role,
    tool: event.tool,
    toolCallId: event.toolCallId,
    summary: event.summary,
    body: event.body,
    bodyRef: event.bodyRef,
    bodyBytes: event.bodyBytes,
    tokens: event.tokens && tokenFigures(event.tokens),
    isSidechain: event.isSidechain,
    isError: event.isError,
  }
}

export function transcriptEventsJson(page: {
  items: TranscriptEvent[]
  nextCursor: number | null
}): TranscriptEventsJson {
  return { items: page.items.map(transcriptEventJson), nextCursor: page.nextCursor }
}

/** Whose it is, what it knows and what it cost; the rest as it is kept. */
export function transcriptDigestJson(digest: TranscriptDigest): TranscriptDigest {
  const { uid, version, throughSeq, isComplete, cost, ...distilled } = digest
  return { uid, version, throughSeq, isComplete, cost, ...distilled }
}

export function recurringErrorJson({ firstAt, lastAt, ...error }: RecurringError): RecurringErrorJson {
  return { ...error, firstAt: instantOrNull(firstAt), lastAt: instantOrNull(lastAt) }
}

export function transcriptUsageJson(usage: TranscriptUsage): TranscriptUsage {
  const { group, responses, inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens, ...priced } = usage
  return { group, responses, inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens, ...priced }
}

export function discoveredSourceJson({
  flavor,
  path,
  sessionId,
  form,
  id,
  ...found
}: DiscoveredSource): DiscoveredSourceJson {
  const { state, bytes, refusal = null } = found
  return { flavor, path, state, bytes, form, sessionId, id, refusal }
}

/** What a run did, with the figures of every transcript that it changed. */
export function ingestReportJson({ isInterrupted, sources, digests, transcripts, totals }: IngestReport): IngestReport {
  const figures = { transcripts: transcripts.map(ingestedTranscriptJson), totals: transcriptFigures(totals) }
  return { isInterrupted, sources, digests, ...figures }
}

function ingestedTranscriptJson({ uid, flavor, ...figures }: IngestedTranscript): IngestedTranscript {
  return { uid, flavor, ...transcriptFigures(figures) }
}

/** The figures alone, always in the same order; of events, the kinds that occur. */
function transcriptFigures(figures: TranscriptFigures): TranscriptFigures {
  const kinds = transcriptEventKinds.filter((kind) => figures.events[kind] !== undefined)
  return {
    records: figures.records,
    malformedLines: figures.malformedLines,
    recovered: figures.recovered,
    unknownTypes: figures.unknownTypes,
    oversizedLines: figures.oversizedLines,
    oversizedBytes: figures.oversizedBytes,
    events: Object.fromEntries(kinds.map((kind) => [kind, figures.events[kind]])),
    userPrompts: figures.userPrompts,
    assistantMessages: figures.assistantMessages,
    toolCalls: figures.toolCalls,
    toolResults: figures.toolResults,
    toolErrors: figures.toolErrors,
    tokens: tokenFigures(figures.tokens),
  }
}

function tokenFigures(tokens: TokenCounts): TokenCounts {
  return {
    inputTokens: tokens.inputTokens,
    cacheReadTokens: tokens.cacheReadTokens,
    cacheWriteTokens: tokens.cacheWriteTokens,
    outputTokens: tokens.outputTokens,
  }
}

const instantOrNull = (instant: Date | null): string | null => instant?.toISOString() ?? null
