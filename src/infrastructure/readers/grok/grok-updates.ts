import type { EventAmendment } from '../../../domain/transcripts/transcript-event.js'
import type { ResponseUsage, TokenCounts } from '../../../domain/transcripts/transcript-reader.js'
import { DraftEvents, type EventParts, recordTime, withoutUndefined } from '../draft-events.js'
import { optionalText, plainText, textOf, tokenCount } from '../event-text.js'
import { isObject, type JsonRecord } from '../json-line.js'
import type { LineFlavor, RecordParts } from '../line-records.js'

export interface UpdateState {
  sessionId: string
  lastTs: string | null
  /** Usages so far: a later one of the same prompt takes the place of the earlier. */
  usages: number
}

const silent = new Set(
  'agent_message_chunk agent_thought_chunk available_commands_update current_mode_update hook_execution session_summary_generated diff_review task_completed session_info_update usage_update'.split(
    ' ',
  ),
)
const lifecycle =
  /^(compaction_checkpoint|rewind_marker|subagent_(spawned|finished)|auto_compact_\w+|auto_recovery_started|model_changed)$/
/** A turn's words, piece by piece, and each call's output so far, over and over: the chat has both, once. */
const repeated = ['agent_message_chunk', 'agent_thought_chunk'].map((kind) => Buffer.from(`"sessionUpdate":"${kind}"`))
const running = ['in_progress', 'pending'].map((status) => Buffer.from(`"status":"${status}"`))
const callUpdate = Buffer.from('"sessionUpdate":"tool_call_update"')
const closingBrace = 0x7d

/** `updates.jsonl` of Grok Build: times, outcomes, tokens and faults, for the events that the chat tells of. */
export function updateLines(sessionId: string): LineFlavor<UpdateState> {
  return {
    newState: () => ({ sessionId, lastTs: null, usages: 0 }),
    isRecord: (value) => isObject(value.params),
    isIgnored,
    sessionId: (state) => state.sessionId,
    interpret,
  }
}

function isIgnored(bytes: Buffer): boolean {
  if (bytes.at(-1) !== closingBrace) return false
  if (repeated.some((mark) => bytes.includes(mark))) return true
  return bytes.includes(callUpdate) && running.some((mark) => bytes.includes(mark))
}

function interpret(value: JsonRecord, state: UpdateState, ownKey: () => string): RecordParts {
  const { told, meta } = updateOf(value)
  const kind = plainText(told.sessionUpdate)
  const sourceKey = optionalText(meta.eventId) ?? ownKey()
  const time = recordTime(meta.agentTimestampMs ?? value.timestamp, state)
  const events = new DraftEvents({ sourceKey, ...time, isSidechain: false })
  const event = eventOf(kind, told)
  if (event) events.add(event)
  const amendment = amendmentOf(kind, { ...meta, ...told })
  return withoutUndefined({
    sourceKey,
    sessionId: state.sessionId,
    events: events.list,
    usage: kind === 'turn_completed' ? usageOf(told, state, { sourceKey, at: time.ts }) : undefined,
    amendments: amendment && [withoutUndefined({ ...amendment, ts: time.ts ?? undefined })],
    isAside: true,
    isUnknown: !event && !isKnownUpdate(kind),
  })
}

export function updateOf({ params }: JsonRecord): { told: JsonRecord; meta: JsonRecord } {
  const { update, _meta: meta } = isObject(params) ? params : {}
  return { told: isObject(update) ? update : {}, meta: isObject(meta) ? meta : {} }
}

const isKnownUpdate = (kind: string) =>
  silent.has(kind) || /^(user_message_chunk|tool_call|tool_call_update)$/.test(kind)

function amendmentOf(kind: string, told: JsonRecord): EventAmendment | undefined {
  const { promptIndex, toolCallId, status } = told
  if (kind === 'user_message_chunk' && typeof promptIndex === 'number') return { joinKey: `prompt:${promptIndex}` }
  const id = optionalText(toolCallId)
  if (kind === 'tool_call' && id) return { joinKey: `call:${id}` }
  if (kind !== 'tool_call_update' || !id || (status !== 'completed' && status !== 'failed')) return undefined
  return { joinKey: `result:${id}`, ...(status === 'failed' && { isError: true }) }
}

function eventOf(kind: string, told: JsonRecord): EventParts | undefined {
  const body = plainText(told.message) || textOf(told.error) || kind
  if (kind === 'turn_completed')
    return { kind: 'completion', role: 'system', body: plainText(told.stop_reason) || kind }
  if (kind === 'plan') return { kind: 'decision', role: 'system', body: textOf(told.entries) || kind }
  if (kind === 'retry_state') return { kind: 'retry', role: 'system', body }
  if (kind === 'auto_recovery_exhausted') return { kind: 'error', role: 'system', body }
  return lifecycle.test(kind) ? { kind: 'lifecycle', role: 'system', body } : undefined
}

interface UsagePlace {
  sourceKey: string
  at: string | null
}

/** Of a turn; told again when the agent replays it, the last one counting. A fork repeats its parent's prompts. */
function usageOf(told: JsonRecord, state: UpdateState, { sourceKey, at }: UsagePlace): ResponseUsage | undefined {
  if (!isObject(told.usage)) return undefined
  const prompt = optionalText(told.prompt_id)
  const isUnique = prompt !== undefined && prompt.length >= 32
  const key = isUnique ? `grok:${prompt}` : `grok:${state.sessionId}:${prompt ?? sourceKey}`
  const models = isObject(told.usage.modelUsage) ? Object.keys(told.usage.modelUsage) : []
  const weight = [state.usages++]
  return withoutUndefined({
    key,
    weight,
    tokens: tokensOf(told.usage),
    model: models.length === 1 ? models[0] : undefined,
    at,
  })
}

/** What was read from the cache, or written to it, is part of the input. */
function tokensOf(usage: JsonRecord): TokenCounts {
  const cacheReadTokens = tokenCount(usage.cachedReadTokens)
  const cacheWriteTokens = tokenCount(usage.cacheCreationTokens)
  const inputTokens = Math.max(0, tokenCount(usage.inputTokens) - cacheReadTokens - cacheWriteTokens)
  return { inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens: tokenCount(usage.outputTokens) }
}
