import { repositoryName } from '../../../domain/transcripts/repository-name.js'
import type { ResponseUsage, SessionFacts } from '../../../domain/transcripts/transcript-reader.js'
import { DraftEvents, recordTime, withoutUndefined } from '../draft-events.js'
import { isoTime, optionalText, plainText } from '../event-text.js'
import { isObject, type JsonRecord } from '../json-line.js'
import type { LineFlavor, RecordParts } from '../line-records.js'
import { addScreenEvent, amendmentsOf, errorText } from './codex-events.js'
import { addItem } from './codex-items.js'
import { type CodexTokens, codexTokens, noTokens, tokenCounts, tokensAdded } from './codex-tokens.js'

interface CodexState {
  sessionId: string
  lastTs: string | null
  hasMeta: boolean
  /** Named by the session's own metadata. */
  parentId?: string
  copiedFrom?: string
  turnId?: string
  model?: string
  totals: CodexTokens
}

/** One line, out of its envelope. */
interface Item {
  type: string
  payload: JsonRecord
  isEnveloped: boolean
}

/** Of a response that has no id the place of the record is its identity. */
type Usage = Omit<ResponseUsage, 'key' | 'at'> & { key?: string }
type Told = Pick<RecordParts, 'session' | 'amendments' | 'isUnknown'> & { usage?: Usage }

const silent = new Set(
  'world_state inter_agent_communication inter_agent_communication_metadata security_risk_score retained_context realtime_item state'.split(
    ' ',
  ),
)
const enveloped = new Set('session_meta turn_context response_item event_msg compacted token_usage_record'.split(' '))

/** Codex's lines: flat in time, bare before September 2025, in envelopes since. */
export function codexLines(sessionId: string): LineFlavor<CodexState> {
  return {
    newState: () => ({ sessionId, lastTs: null, hasMeta: false, totals: { ...noTokens } }),
    isRecord: ({ type, payload }) => typeof type === 'string' && isObject(payload),
    sessionId: (state) => state.sessionId,
    interpret,
  }
}

/** Tells Codex's records from those of agents that write alike. */
export function isCodexRecord(value: JsonRecord): boolean {
  const { type, payload, record_type, instructions } = value
  if (isObject(payload)) return enveloped.has(String(type))
  if (record_type === 'state' || (type === undefined && instructions !== undefined)) return true
  return isBareMessage(value)
}

/** Others who write so name their session in every record. */
function isBareMessage({ type, role, timestamp, created_at, content, message, sessionId }: JsonRecord): boolean {
  const isBare = type === 'message' || (type === undefined && (timestamp ?? created_at) !== undefined)
  const isSaid = content !== undefined || typeof message === 'string'
  return isBare && isSaid && sessionId === undefined && (role === 'user' || role === 'assistant')
}

/** The session that a file is about: what its first metadata says. */
export function codexSessionId(records: JsonRecord[]): string | undefined {
  const first = records.find(
    ({ type, id, instructions }) => type === 'session_meta' || (id && instructions !== undefined),
  )
  const meta = first && isObject(first.payload) ? first.payload : first
  return optionalText(meta?.id) ?? optionalText(meta?.session_id)
}

function interpret(value: JsonRecord, state: CodexState, ownKey: () => string): RecordParts {
  const item = outOfEnvelope(value)
  const sourceKey = typeof value.ordinal === 'number' ? `ordinal:${value.ordinal}` : ownKey()
  const messageKey = isAnswer(item) ? sourceKey : undefined
  const time = recordTime(value.timestamp ?? value.created_at ?? item.payload.timestamp, state)
  const events = new DraftEvents({ sourceKey, ...time, isSidechain: false, messageKey })
  const { usage, ...parts } = tell(item, state, events)
  const { sessionId, turnId, copiedFrom } = state
  const spent = usage && { key: `codex:${sessionId}:${sourceKey}`, ...usage, at: time.ts }
  return { sourceKey, sessionId, events: events.list, turnId, copiedFrom, ...parts, usage: spent }
}

/** In the history, an `agent_message` is what one agent wrote to another. */
const isAnswer = ({ type, payload }: Item) =>
  payload.role === 'assistant' || (type === 'event_msg' && payload.type === 'agent_message')

function outOfEnvelope(value: JsonRecord): Item {
  const { type, payload } = value
  if (isObject(payload)) return { type: plainText(type), payload, isEnveloped: true }
  const isMeta = type === undefined && value.role === undefined && value.id !== undefined
  return { type: isMeta ? 'session_meta' : bareType(value), payload: value, isEnveloped: false }
}

const bareType = ({ type, record_type }: JsonRecord) =>
  plainText(record_type) || (type === 'error' ? 'error' : 'response_item')

function tell({ type, payload, isEnveloped }: Item, state: CodexState, events: DraftEvents): Told {
  switch (type) {
    case 'session_meta':
      return metaFacts(payload, state)
    case 'turn_context':
      return turnFacts(payload, state)
    case 'response_item':
      return { isUnknown: !addItem(payload, events, isEnveloped) }
    case 'event_msg':
      return tellScreenEvent(payload, state, events)
    case 'token_usage_record':
      return { usage: recordedUsage(payload, state) }
    case 'compacted':
      events.add({ kind: 'lifecycle', role: 'system', body: plainText(payload.message) || type })
      return {}
    case 'error':
      events.add({ kind: 'error', role: 'system', body: errorText(payload), isError: true })
      return {}
    default:
      return { isUnknown: !silent.has(type) }
  }
}

/** The first is the file's own; one of another session heads the history that a fork copied. */
function metaFacts(payload: JsonRecord, state: CodexState): Told {
  if (state.hasMeta) {
    const id = optionalText(payload.id)
    if (state.parentId !== undefined && id !== state.sessionId) state.copiedFrom ??= id
    return {}
  }
  state.hasMeta = true
  state.parentId = parentOf(payload)
  const git = isObject(payload.git) ? payload.git : {}
  const session: SessionFacts = {
    startedAt: isoTime(payload.timestamp),
    cwd: optionalText(payload.cwd),
    gitBranch: optionalText(git.branch),
    repository: repositoryName(plainText(git.repository_url)),
    agentVersion: optionalText(payload.cli_version),
    parentSessionId: state.parentId,
  }
  return { session: withoutUndefined(session) }
}

function parentOf({ forked_from_id, parent_thread_id, source }: JsonRecord): string | undefined {
  const subagent = isObject(source) && isObject(source.subagent) ? source.subagent : {}
  const spawn = isObject(subagent.thread_spawn) ? subagent.thread_spawn : {}
  return optionalText(forked_from_id) ?? optionalText(parent_thread_id) ?? optionalText(spawn.parent_thread_id)
}

function turnFacts(payload: JsonRecord, state: CodexState): Told {
  state.turnId = optionalText(payload.turn_id) ?? state.turnId
  state.model = optionalText(payload.model) ?? state.model
  const session = withoutUndefined({ cwd: optionalText(payload.cwd), model: optionalText(payload.model) })
  return Object.keys(session).length > 0 ? { session } : {}
}

function tellScreenEvent(payload: JsonRecord, state: CodexState, events: DraftEvents): Told {
  if (payload.type === 'task_started' || payload.type === 'turn_started') {
    state.turnId = optionalText(payload.turn_id) ?? state.turnId
  }
  const isKnown = addScreenEvent(payload, events)
  const name = payload.type === 'thread_name_updated' ? optionalText(payload.thread_name) : undefined
  return withoutUndefined({
    isUnknown: !isKnown,
    usage: payload.type === 'token_count' ? countedUsage(payload, state) : undefined,
    amendments: amendmentsOf(payload),
    session: name ? { title: { text: name, rank: 3 } } : undefined,
  })
}

function countedUsage({ info }: JsonRecord, state: CodexState): Usage | undefined {
  if (!isObject(info)) return undefined
  const added = tokensAdded(info, state.totals)
  if (added.input + added.cached + added.output === 0) return undefined
  return usageOf(added, { state, model: optionalText(info.model), rank: 1 })
}

function recordedUsage(payload: JsonRecord, state: CodexState): Usage | undefined {
  const { usage, thread_id, response_id } = payload
  if (!isObject(usage)) return undefined
  const id = optionalText(response_id)
  const key = id && `codex:${optionalText(thread_id) ?? state.sessionId}:${id}`
  return withoutUndefined({
    key,
    ...usageOf(codexTokens(usage), { state, model: optionalText(payload.model), rank: 2 }),
  })
}

interface UsageFrom {
  state: CodexState
  model: string | undefined
  rank: number
}

/** In a turn of which each response is recorded by itself, the counters only repeat. */
function usageOf(tokens: CodexTokens, { state, model, rank }: UsageFrom): Usage {
  return withoutUndefined({
    weight: [tokens.output, tokens.input],
    tokens: tokenCounts(tokens),
    model: model ?? state.model,
    voice: { of: `codex:${state.sessionId}:${state.turnId ?? ''}`, rank },
  })
}
