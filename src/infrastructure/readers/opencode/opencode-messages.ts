import type { DraftEvent } from '../../../domain/transcripts/transcript-event.js'
import type { ResponseUsage, SessionFacts, TokenCounts } from '../../../domain/transcripts/transcript-reader.js'
import { DraftEvents, withoutUndefined } from '../draft-events.js'
import { isoTime, optionalText, plainText, textOf, tokenCount } from '../event-text.js'
import type { JsonRecord } from '../json-line.js'
import { AnswerParts, errorText, isAborted, objectIn, objectsIn } from './opencode-parts.js'

/** A message as its row has it: before version 2 its parts have rows of their own. */
export interface OpencodeMessage {
  id: string
  /** Its role, before version 2. */
  type: string
  data: JsonRecord
  parts: JsonRecord[]
  createdAt: string | null
}

export interface ToldMessage {
  events: DraftEvent[]
  usage?: ResponseUsage
  session?: SessionFacts
  isUnknown: boolean
}

type Telling = (message: OpencodeMessage, events: DraftEvents) => void

export function tellMessage(message: OpencodeMessage): ToldMessage {
  const { id, type, createdAt: ts } = message
  const isResponse = type === 'assistant' || type === 'compaction'
  const basis = { sourceKey: id, ts, isTimeInherited: ts === null, isSidechain: false }
  const events = new DraftEvents(isResponse ? { ...basis, messageKey: id } : basis)
  const tell = Object.hasOwn(tellings, type) ? tellings[type] : undefined
  tell?.(message, events)
  const usage = isResponse ? usageOf(message) : undefined
  return withoutUndefined({ events: events.list, usage, session: factsOf(message), isUnknown: tell === undefined })
}

const lifecycle: Telling = ({ type, data }, events) => {
  const { text, agent, model, location } = data
  const body = plainText(text) || textOf(agent ?? location) || modelOf(objectIn(model)) || type
  events.add({ kind: 'lifecycle', role: 'system', body })
}

const tellings: Record<string, Telling> = {
  user: addPrompt,
  assistant: addAnswer,
  compaction: addCompaction,
  shell: addShell,
  idle: addIdle,
  ...{ synthetic: lifecycle, system: lifecycle, skill: lifecycle },
  ...{ 'agent-switched': lifecycle, 'model-switched': lifecycle, 'location-switched': lifecycle },
}

/** What a person asked; what the agent put beside it is another matter. */
function addPrompt({ id, data, parts }: OpencodeMessage, events: DraftEvents): void {
  const isAside = ({ synthetic, ignored }: JsonRecord) => synthetic === true || ignored === true
  const texts = parts.filter(({ type }) => type === 'text')
  const asked = [data.text, ...texts.filter((part) => !isAside(part)).map(({ text }) => text)]
  const tasks = parts.filter(({ type }) => type === 'subtask').map(({ prompt }) => prompt)
  const files = [...parts.filter(({ type }) => type === 'file'), ...objectsIn(data.files)]
  const words = [...asked, ...tasks].map(plainText).filter(Boolean)
  // A prompt with nothing but what the agent put there is none of a person's.
  const body = words.join('\n') || (texts.some(isAside) ? '' : files.map(fileName).join('\n'))
  if (body !== '') events.add({ key: `${id}/prompt`, kind: 'user_msg', role: 'user', body })
  for (const [index, { text }] of texts.filter(isAside).entries()) {
    events.add({ key: `${id}/aside:${index}`, kind: 'lifecycle', role: 'user', body: plainText(text) })
  }
  if (parts.some(({ type }) => type === 'compaction')) {
    events.add({ key: `${id}/compaction`, kind: 'lifecycle', role: 'system', body: 'compaction' })
  }
}

const fileName = ({ filename, name, mime }: JsonRecord) => `[${plainText(filename ?? name ?? mime) || 'file'}]`

function addAnswer(message: OpencodeMessage, events: DraftEvents): void {
  const { id, data, createdAt } = message
  const { error, summary } = data
  const parts = message.parts.length > 0 ? message.parts : objectsIn(data.content)
  const answer = new AnswerParts(events, createdAt, summary === true)
  for (const part of parts) answer.add(part)
  const ts = completedAt(data)
  // Until then it may be tried again.
  if (ts === undefined) return
  if (isAborted(error)) {
    events.add({ key: `${id}/error`, kind: 'human_intervention', role: 'user', body: 'interrupted', ts })
  } else if (error) events.add({ key: `${id}/error`, kind: 'error', role: 'system', body: errorText(error), ts })
  if (events.list.length === 0) events.add({ key: `${id}/empty`, kind: 'assistant_msg', role: 'assistant', body: '' })
  // From version 2 on a turn's end has a row of its own.
  if (message.parts.length > 0 && !error && endsTurn(data)) {
    events.add({ key: `${id}/finish`, kind: 'completion', role: 'system', body: plainText(data.finish), ts })
  }
}

const completedAt = (data: JsonRecord) => isoTime(objectIn(data.time).completed)
const endsTurn = ({ finish, summary }: JsonRecord) =>
  summary !== true && typeof finish === 'string' && !['', 'tool-calls', 'unknown'].includes(finish)

function addCompaction({ id, data }: OpencodeMessage, events: DraftEvents): void {
  const { status, summary, error } = data
  if (status === 'failed' && !isAborted(error)) {
    events.add({ key: `${id}/compaction`, kind: 'error', role: 'system', body: errorText(error) })
  } else {
    const body = optionalText(summary) ?? 'compaction'
    events.add({ key: `${id}/compaction`, kind: 'lifecycle', role: 'system', body })
  }
}

/** A command of the person's own. */
function addShell({ id, data }: OpencodeMessage, events: DraftEvents): void {
  events.add({ key: `${id}/command`, kind: 'human_intervention', role: 'user', body: plainText(data.command) })
  const ts = completedAt(data)
  const output = plainText(objectIn(data.output).output)
  if (ts !== undefined) events.add({ key: `${id}/output`, kind: 'lifecycle', role: 'system', body: output, ts })
}

function addIdle({ data }: OpencodeMessage, events: DraftEvents): void {
  const outcome = plainText(data.outcome)
  const kind = outcome === 'succeeded' ? 'completion' : 'lifecycle'
  events.add({ kind, role: 'system', body: outcome || 'idle' })
}

function modelOf({ providerID, modelID, id }: JsonRecord): string | undefined {
  const model = optionalText(modelID ?? id)
  return model && [optionalText(providerID), model].filter(Boolean).join('/')
}

function factsOf({ type, data }: OpencodeMessage): SessionFacts | undefined {
  const { cwd } = objectIn(data.path)
  const { directory } = objectIn(data.location)
  const facts = withoutUndefined({ model: ownModel(type, data), cwd: optionalText(cwd ?? directory) })
  return Object.keys(facts).length > 0 ? facts : undefined
}

const ownModel = (type: string, data: JsonRecord) =>
  type === 'assistant' ? modelOf(data.modelID === undefined ? objectIn(data.model) : data) : undefined

/**
 * Told once nothing is added to it any more. A fork copies messages under new ids: a response is known by when it
 * came and what it cost.
 */
function usageOf({ id, type, data, parts, createdAt }: OpencodeMessage): ResponseUsage | undefined {
  const at = completedAt(data) ?? (type === 'compaction' ? createdAt : undefined)
  // A message of several steps has the counts of the last one alone.
  const steps = parts.filter((part) => part.type === 'step-finish').map(({ tokens }) => tokens)
  const told = (steps.length > 1 ? steps : [data.tokens]).map(countsIn)
  const tokens = told.reduce(sum)
  const spent = Object.values(tokens)
  if (at === undefined || spent.every((count) => count === 0)) return undefined
  const model = modelOf(data.modelID === undefined ? objectIn(data.model) : data)
  const key = ['opencode', createdAt, at, model, ...spent].join(' ')
  return withoutUndefined({ key, weight: [0], tokens, model, at, messageKey: id })
}

/** Input is what the cache had no part in, and thoughts are counted beside the answer, but for some that were in it. */
function countsIn(value: unknown): TokenCounts {
  const { input, output, reasoning, cache, total } = objectIn(value)
  const [inputTokens, outputTokens, thoughts] = [tokenCount(input), tokenCount(output), tokenCount(reasoning)]
  const [cacheReadTokens, cacheWriteTokens] = [tokenCount(objectIn(cache).read), tokenCount(objectIn(cache).write)]
  const isIncluded = tokenCount(total) === inputTokens + outputTokens + cacheReadTokens + cacheWriteTokens
  return {
    ...{ inputTokens, cacheReadTokens, cacheWriteTokens },
    outputTokens: outputTokens + (isIncluded ? 0 : thoughts),
  }
}

const sum = (one: TokenCounts, other: TokenCounts): TokenCounts => ({
  inputTokens: one.inputTokens + other.inputTokens,
  cacheReadTokens: one.cacheReadTokens + other.cacheReadTokens,
  cacheWriteTokens: one.cacheWriteTokens + other.cacheWriteTokens,
  outputTokens: one.outputTokens + other.outputTokens,
})
