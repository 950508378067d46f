import { InvalidInputError } from '../errors.js'
import {
  aCount,
  aFlag,
  aNumber,
  anInstant,
  aText,
  type Fields,
  listOf,
  mapOf,
  objectOf,
  oneOf,
  orNull,
  readJson,
} from './json-fields.js'
import {
  type ReadSource,
  Transcript,
  TranscriptEvent,
  type TranscriptFigures,
  TranscriptWithSources,
  transcriptFlavors,
  transcriptOutcomes,
} from './transcript.js'
import { transcriptEventKinds, transcriptRoles } from './transcript-event.js'
import { sourceForms, type TokenCounts } from './transcript-reader.js'

const tokens = objectOf<TokenCounts>({
  inputTokens: aCount,
  cacheReadTokens: aCount,
  cacheWriteTokens: aCount,
  outputTokens: aCount,
})

const figures = objectOf<TranscriptFigures>({
  records: aCount,
  malformedLines: aCount,
  recovered: aCount,
  unknownTypes: aCount,
  oversizedLines: aCount,
  oversizedBytes: aCount,
  events: mapOf(oneOf(...transcriptEventKinds), aCount),
  userPrompts: aCount,
  assistantMessages: aCount,
  toolCalls: aCount,
  toolResults: aCount,
  toolErrors: aCount,
  tokens,
})

const transcriptFields: Fields<Transcript> = {
  id: aText,
  namespace: aText,
  uid: aText,
  flavor: oneOf(...transcriptFlavors),
  nativeId: aText,
  repo: orNull(aText),
  domain: orNull(aText),
  project: orNull(aText),
  cwd: orNull(aText),
  branch: orNull(aText),
  model: orNull(aText),
  title: orNull(aText),
  taskRef: orNull(aText),
  parentUid: orNull(aText),
  startedAt: orNull(anInstant),
  endedAt: orNull(anInstant),
  outcome: oneOf(...transcriptOutcomes),
  outcomeConfidence: aNumber,
  outcomeSource: aText,
  tokens,
  tokensUncertain: aFlag,
  wallClockMs: aCount,
  turns: aCount,
  retries: aCount,
  estimatedCostUsd: orNull(aNumber),
  unpricedResponses: aCount,
  figures,
  lastSeq: aCount,
  generation: aCount,
  discoveredAt: anInstant,
  ingestedAt: orNull(anInstant),
  analyzedAt: orNull(anInstant),
  evictedAt: orNull(anInstant),
  holdReason: orNull(aText),
  schemaVersion: aCount,
  redactionVersion: orNull(aText),
  redactions: mapOf(aText, aCount),
  digestVersion: orNull(aCount),
  throughSeq: orNull(aCount),
  isTrivial: aFlag,
}

const source = objectOf<ReadSource>({
  path: aText,
  form: oneOf(...sourceForms),
  bytes: aCount,
  generation: aCount,
  isPending: aFlag,
  lastError: orNull(aText),
  copiedFromUid: orNull(aText),
  readAt: anInstant,
})

const eventFields: Fields<TranscriptEvent> = {
  id: aText,
  transcriptId: aText,
  seq: aCount,
  ts: orNull(anInstant),
  parentSeq: orNull(aCount),
  kind: oneOf(...transcriptEventKinds),
  role: oneOf(...transcriptRoles),
  tool: orNull(aText),
  toolCallId: orNull(aText),
  summary: aText,
  body: orNull(aText),
  bodyRef: orNull(aText),
  bodyBytes: aCount,
  tokens: orNull(tokens),
  isSidechain: aFlag,
  isError: aFlag,
}

const transcript = objectOf(transcriptFields)
const withSources = objectOf<TranscriptWithSources>({
  ...transcriptFields,
  sources: listOf(source),
  copiedFromUids: listOf(aText),
})
const event = objectOf(eventFields)

/**
 * The transcript that a surface wrote as JSON, with its sources where they stand there. Members that are not
 * known are passed over; what is left out is null.
 *
 * @throws {InvalidInputError} a known member is not what it must be: an unknown flavor, outcome or kind, a uid
 *   that is not of its flavor
 */
export function transcriptFromJson(json: unknown): Transcript | TranscriptWithSources {
  const hasSources = typeof json === 'object' && json !== null && Object.hasOwn(json, 'sources')
  const read = hasSources
    ? Object.assign(new TranscriptWithSources(), readJson(withSources, json))
    : Object.assign(new Transcript(), readJson(transcript, json))
  const { uid, flavor, nativeId } = read
  if (uid === `${flavor}:${nativeId}`) return read
  const message = `${JSON.stringify(uid)} is not one; it is ${flavor}:${nativeId} by its flavor and nativeId`
  throw new InvalidInputError([{ path: 'uid', message }])
}

/**
 * The event that a surface wrote as JSON. Members that are not known are passed over; what is left out is null.
 *
 * @throws {InvalidInputError} a known member is not what it must be, such as an unknown kind
 */
export function transcriptEventFromJson(json: unknown): TranscriptEvent {
  return Object.assign(new TranscriptEvent(), readJson(event, json))
}
