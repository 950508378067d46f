import { transcriptFlavors, transcriptOutcomes } from '../../domain/transcripts/transcript.js'
import { transcriptEventKinds, transcriptRoles } from '../../domain/transcripts/transcript-event.js'
import { sourceForms } from '../../domain/transcripts/transcript-reader.js'
import { errorTrends } from '../../domain/transcripts/transcript-service.js'
import { described, flag, instant, list, maybe, maybeText, page, record, text, whole } from './output-schemas.js'

export const oneOf = (values: readonly string[]) => ({ type: 'string', enum: values })

export const flavor = described(oneOf(transcriptFlavors), 'The agent whose session it was.')
export const outcome = oneOf(transcriptOutcomes)
const eventKind = oneOf(transcriptEventKinds)
const tokenFields = {
  inputTokens: described(whole, 'Neither read from the cache nor written to it.'),
  cacheReadTokens: whole,
  cacheWriteTokens: whole,
  outputTokens: described(whole, 'Reasoning included.'),
}
const estimate = {
  estimatedCostUsd: described({ type: ['number', 'null'] }, 'By the prices of the store; null where none is known.'),
  unpricedResponses: described(whole, 'Those that the estimate leaves out.'),
}
const countsBy = (names: readonly string[]) => ({
  type: 'object',
  properties: Object.fromEntries(names.map((each) => [each, whole])),
  additionalProperties: false,
})
const counts = { type: 'object', additionalProperties: whole }

const figures = record({
  records: described(whole, 'Whole lines that are one JSON object, in all sources.'),
  malformedLines: described(whole, 'Lines that are not.'),
  recovered: described(whole, 'What was saved of malformed lines.'),
  unknownTypes: whole,
  oversizedLines: described(whole, 'Lines that were too long, and left out.'),
  oversizedBytes: whole,
  events: described(countsBy(transcriptEventKinds), 'By kind, those that occur.'),
  userPrompts: whole,
  assistantMessages: whole,
  toolCalls: whole,
  toolResults: whole,
  toolErrors: whole,
  tokens: record(tokenFields),
})

const transcriptFields = {
  id: text,
  namespace: text,
  uid: described(text, '`<flavor>:<nativeId>`, unique in its namespace.'),
  flavor,
  nativeId: text,
  repo: described(maybeText, '`host/owner/name`, or the root folder of its repository.'),
  domain: described(maybeText, 'What the settings of the store call the working folder.'),
  project: described(maybeText, 'The name of the working folder.'),
  cwd: maybeText,
  branch: maybeText,
  model: maybeText,
  title: maybeText,
  taskRef: described(maybeText, 'What it was about, such as the address of a pull request.'),
  parentUid: described(maybeText, 'The session that started this one, or that it goes on from.'),
  startedAt: maybe(instant),
  endedAt: maybe(instant),
  outcome,
  outcomeConfidence: described({ type: 'number' }, 'From 0, a guess, to 1.'),
  outcomeSource: described(text, 'What the outcome was inferred from.'),
  tokens: record(tokenFields),
  tokensUncertain: described(flag, 'Some may have been counted in a session that is not here.'),
  wallClockMs: whole,
  turns: whole,
  retries: whole,
  ...estimate,
  figures,
  lastSeq: described(whole, 'The number of its last event.'),
  generation: described(whole, 'One more each time that a source of it was rewritten.'),
  discoveredAt: instant,
  ingestedAt: maybe(instant),
  analyzedAt: described(maybe(instant), 'When its digest was made; one of a later version leaves it.'),
  evictedAt: described(maybe(instant), 'When its full texts went.'),
  holdReason: described(maybeText, 'Why its full texts may not go.'),
  schemaVersion: whole,
  redactionVersion: described(maybeText, 'Null where secrets were kept in any of it.'),
  redactions: described(counts, 'How many secrets of each kind were hidden.'),
  digestVersion: maybe(whole),
  throughSeq: described(maybe(whole), 'The last event that the digest knows.'),
  isTrivial: described(flag, 'So short that it tells nothing of how work goes.'),
}

export const transcriptPage = page(record(transcriptFields), maybeText)

const source = record({
  path: described(text, 'On the machine that read it.'),
  form: oneOf(sourceForms),
  bytes: described(whole, 'As it lay on disk.'),
  generation: described(whole, 'One more each time that it was found rewritten.'),
  isPending: described(flag, 'Its last line is not whole yet.'),
  lastError: described(maybeText, 'Why it could not be read to its end.'),
  copiedFromUid: described(maybeText, 'The session whose history it begins with.'),
  readAt: instant,
})
export const transcript = record({
  ...transcriptFields,
  sources: described(list(source), 'All files and folders that tell of it.'),
  copiedFromUids: described(list(text), 'Sessions that some of its history was copied from.'),
})

const event = record({
  id: text,
  transcriptId: text,
  seq: described(whole, '1, 2, 3 … in the order of time.'),
  ts: maybe(instant),
  parentSeq: described(maybe(whole), 'The event that it answers.'),
  kind: eventKind,
  role: oneOf(transcriptRoles),
  tool: maybeText,
  toolCallId: maybeText,
  summary: described(text, 'One line of it, at most 200 characters.'),
  body: described(maybeText, 'The full text; null where it was not asked for, or is gone.'),
  bodyRef: described(maybeText, '`sha256:<hex>` of a text that is kept apart.'),
  bodyBytes: whole,
  tokens: described(maybe(record(tokenFields)), 'Of the responses that it is the first event of, each counted once.'),
  isSidechain: described(flag, 'By, or to, an agent that the agent itself started.'),
  isError: flag,
})
export const eventPage = record({
  items: list(event),
  nextCursor: described({ type: ['integer', 'null'] }, 'The `after` to go on with.'),
})

const cost = record({ ...tokenFields, wallClockMs: whole, turns: whole, retries: whole, ...estimate })
const errorOfDigest = record({
  fingerprint: described(text, 'The same for the same error in any transcript.'),
  version: whole,
  template: described(text, 'The error without its variable parts.'),
  sample: text,
  tool: maybeText,
  count: whole,
  firstAt: maybe(instant),
  lastAt: maybe(instant),
  wasPassed: described(flag, 'The tool did later what it was asked, and the error did not come again.'),
})
export const digest = record({
  uid: text,
  version: whole,
  throughSeq: described(whole, 'The last event that it knows.'),
  isComplete: described(flag, 'It knows every event that the transcript has.'),
  cost,
  events: countsBy(transcriptEventKinds),
  tools: described(counts, 'Calls, by the name of the tool.'),
  markers: record({
    ...{ errors: whole, retries: whole, tests: whole, edits: whole, interventions: whole, decisions: whole },
  }),
  firstPrompt: maybeText,
  lastAnswer: maybeText,
  filesTouched: described(list(text), 'In the order in which they were first changed; at most 500.'),
  tests: record({ runs: whole, passed: whole, failed: whole, last: { enum: ['passed', 'failed', null] } }),
  outcome: record({ outcome, confidence: { type: 'number' }, source: text }),
  errors: list(errorOfDigest),
  isTrivial: flag,
})

export const errors = record({
  items: list(
    record({
      fingerprint: text,
      version: whole,
      template: described(text, 'The error without its variable parts.'),
      sample: text,
      tools: list(text),
      count: described(whole, 'How often it came, in all transcripts.'),
      transcripts: described(whole, 'How many had it.'),
      trend: described(oneOf(errorTrends), 'Of the last seven days, against the seven before.'),
      recentCount: described(whole, 'In the last seven days.'),
      earlierCount: described(whole, 'In the seven days before.'),
      firstAt: maybe(instant),
      lastAt: maybe(instant),
      passedIn: described(list(text), 'Uids of transcripts that later got past it; at most 20.'),
    }),
  ),
})

export const usage = record({
  items: list(
    record({
      group: described(maybeText, 'The day, the project, the domain or the model; null where it is not known.'),
      responses: whole,
      ...tokenFields,
      ...estimate,
    }),
  ),
})
