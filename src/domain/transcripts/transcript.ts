import type { JsonObject } from '../canonical-json.js'
import { InvalidInputError, NotFoundError } from '../errors.js'
import type { TranscriptEventKind, TranscriptRole } from './transcript-event.js'
import type { RecordCounts, SourceForm, TokenCounts } from './transcript-reader.js'

export const transcriptFlavors = ['claude', 'codex', 'grok', 'gemini', 'opencode'] as const
export type TranscriptFlavor = (typeof transcriptFlavors)[number]

export const transcriptOutcomes = ['success', 'fail', 'abandoned', 'unknown'] as const
export type TranscriptOutcome = (typeof transcriptOutcomes)[number]

export const transcriptSchemaVersion = 1

/** What is reported of a transcript; of several the sums. */
export interface TranscriptFigures {
  /** Whole lines that are one JSON object, in all its sources; of those that hold the same, in one. */
  records: number
  malformedLines: number
  recovered: number
  unknownTypes: number
  oversizedLines: number
  oversizedBytes: number
  events: Partial<Record<TranscriptEventKind, number>>
  userPrompts: number
  assistantMessages: number
  toolCalls: number
  toolResults: number
  toolErrors: number
  tokens: TokenCounts
}

/** A coding agent's session, put together from the files that tell of it. */
export class Transcript {
  id!: string
  namespace!: string
  /** `<flavor>:<nativeId>`, unique in its namespace. */
  uid!: string
  flavor!: TranscriptFlavor
  nativeId!: string
  /** Its repository: `host/owner/name` where the agent told the address, else the folder that is its root. */
  repo!: string | null
  /** What the store's map of working folders calls the one that it worked in. */
  domain!: string | null
  /** The name of the folder that it worked in. */
  project!: string | null
  cwd!: string | null
  branch!: string | null
  model!: string | null
  title!: string | null
  /** What it was about, such as the address of a pull request. */
  taskRef!: string | null
  /** The session that started this one, or that it goes on from, here or not. */
  parentUid!: string | null
  startedAt!: Date | null
  endedAt!: Date | null
  outcome!: TranscriptOutcome
  /** From 0, a guess, to 1. */
  outcomeConfidence!: number
  outcomeSource!: string
  tokens!: TokenCounts
  /** Some of it may have been counted in the session that it was copied from, which is not here. */
  tokensUncertain!: boolean
  wallClockMs!: number
  turns!: number
  retries!: number
  /** By the store's table of prices, of the responses whose model stands there; null where none does. */
  estimatedCostUsd!: number | null
  /** Responses whose model has no price: the estimate leaves them out. */
  unpricedResponses!: number
  figures!: TranscriptFigures
  lastSeq!: number
  /** One more each time that a source of it was rewritten. */
  generation!: number
  discoveredAt!: Date
  ingestedAt!: Date | null
  analyzedAt!: Date | null
  evictedAt!: Date | null
  holdReason!: string | null
  schemaVersion!: number
  redactionVersion!: string | null
  /** How many secrets of each kind were hidden. */
  redactions!: Record<string, number>
  digestVersion!: number | null
  /** The last event that the digest knows; it is complete when that is `lastSeq`. */
  throughSeq!: number | null
  /** So short that it tells nothing of how work goes. */
  isTrivial!: boolean
}

/** A file or folder that tells of a transcript, as it was last read. */
export interface ReadSource {
  path: string
  form: SourceForm
  /** As it lay on disk. */
  bytes: number
  /** 1 at first, one more each time that it was found rewritten. */
  generation: number
  /** Its last line is not whole yet. */
  isPending: boolean
  /** Why it could not be read to its end. */
  lastError: string | null
  /** The session whose history it begins with, as its agent tells. */
  copiedFromUid: string | null
  readAt: Date
}

/** A transcript with all that tells of it. */
export class TranscriptWithSources extends Transcript {
  sources!: ReadSource[]
  /** Sessions that some of its history was copied from: told by its agent, or seen by responses that count there. */
  copiedFromUids!: string[]
}

/** One event of a transcript. */
export class TranscriptEvent {
  id!: string
  transcriptId!: string
  /** 1, 2, 3 … in the order of time; new events between old ones move them. */
  seq!: number
  ts!: Date | null
  /** The event that it answers. */
  parentSeq!: number | null
  kind!: TranscriptEventKind
  role!: TranscriptRole
  tool!: string | null
  toolCallId!: string | null
  summary!: string
  /** The full text; null where it was not asked for, or is gone. */
  body!: string | null
  /** `sha256:<hex>` of a text that is kept apart. */
  bodyRef!: string | null
  bodyBytes!: number
  /** Of the responses that count here and that it is the first event of; their sum over all events is the transcript's. */
  tokens!: TokenCounts | null
  isSidechain!: boolean
  isError!: boolean
}

export type EvictableState = Pick<Transcript, 'digestVersion' | 'throughSeq' | 'lastSeq' | 'evictedAt' | 'holdReason'>

/** Complete and done with: its texts may go. */
export function isEvictable(state: EvictableState): boolean {
  const { digestVersion, throughSeq, lastSeq, evictedAt, holdReason } = state
  return digestVersion !== null && throughSeq === lastSeq && evictedAt === null && holdReason === null
}

/** @throws {InvalidInputError} it does not begin with a flavor that is known */
export function flavorOf(uid: string): TranscriptFlavor {
  const flavor = transcriptFlavors.find((each) => uid.startsWith(`${each}:`) && uid.length > each.length + 1)
  if (flavor) return flavor
  const message = `${JSON.stringify(uid)} is not one; write ${transcriptFlavors.map((each) => `${each}:<id>`).join(', ')}`
  throw new InvalidInputError([{ path: 'uid', message }])
}

export function transcriptNotFound(uid: string): NotFoundError {
  const message = `No transcript "${uid}" in this namespace. "hansard transcripts ingest" reads those that agents left.`
  return new NotFoundError('TRANSCRIPT_NOT_FOUND', 'transcript', uid, message)
}

export const noTokens: TokenCounts = { inputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 0 }

export const noCounts: RecordCounts = {
  records: 0,
  malformedLines: 0,
  recovered: 0,
  unknownTypes: 0,
  oversizedLines: 0,
  oversizedBytes: 0,
}

export const noFigures = (): TranscriptFigures => ({
  ...noCounts,
  events: {},
  userPrompts: 0,
  assistantMessages: 0,
  toolCalls: 0,
  toolResults: 0,
  toolErrors: 0,
  tokens: { ...noTokens },
})

export function addCounts(sums: Record<string, number>, counts: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(counts)) sums[name] = (sums[name] ?? 0) + count
}

/** Sums, name by name and below. */
export function addFigures(one: TranscriptFigures, other: TranscriptFigures): TranscriptFigures {
  return added(one as never, other as never) as unknown as TranscriptFigures
}

function added(one: JsonObject, other: JsonObject): JsonObject {
  const sums: JsonObject = { ...one }
  for (const [name, value] of Object.entries(other)) {
    const before = sums[name]
    if (typeof value === 'number') sums[name] = (typeof before === 'number' ? before : 0) + value
    else sums[name] = added((before ?? {}) as JsonObject, value as JsonObject)
  }
  return sums
}
