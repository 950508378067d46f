import { hash } from 'node:crypto'
import { repositoryOfRequest } from '../../../domain/transcripts/repository-name.js'
import type { ResponseUsage, SessionFacts } from '../../../domain/transcripts/transcript-reader.js'
import { DraftEvents, type RecordBasis, recordTime, withoutUndefined } from '../draft-events.js'
import { optionalText, plainText, tokenCount } from '../event-text.js'
import { isObject, type JsonRecord } from '../json-line.js'
import type { LineFlavor, RecordParts } from '../line-records.js'
import { addAssistantEvents, addAttachmentEvents, addSystemEvents, addUserEvents } from './claude-events.js'

interface ClaudeState {
  /** The session of records that name none. */
  home: string
  lastTs: string | null
  /** The last facts told: they stand on every record, and seldom change. */
  told: string
}

const eventsOf = new Map([
  ['user', addUserEvents],
  ['assistant', addAssistantEvents],
  ['system', addSystemEvents],
  ['attachment', addAttachmentEvents],
])
const titleRanks = new Map([
  ['custom-title', { field: 'customTitle', rank: 3 }],
  ['ai-title', { field: 'aiTitle', rank: 2 }],
  ['agent-name', { field: 'agentName', rank: 1 }],
  ['summary', { field: 'summary', rank: 1 }],
])
/** Known, and telling nothing of what was said or done. */
const bookkeeping = new Set(
  'progress file-history-snapshot last-prompt tag pr-link permission-mode mode worktree-state relocated bridge-session frame-link atis-latch started result queue-operation'.split(
    ' ',
  ),
)

/** Claude Code's lines: a tree of records by `uuid` and `parentUuid`, several per response. */
export function claudeLines(home: string): LineFlavor<ClaudeState> {
  return {
    newState: () => ({ home, lastTs: null, told: '' }),
    isRecord: (value) => isClaudeRecord(value) && ('sessionId' in value || 'uuid' in value),
    sessionId: (state) => state.home,
    interpret,
  }
}

/** Tells Claude Code's records from those of agents that write alike. */
export function isClaudeRecord(value: JsonRecord): boolean {
  const { type } = value
  if (type === undefined || type === 'user' || type === 'assistant') return isOfMessage(value)
  if (type === 'system') return 'uuid' in value || 'parentUuid' in value
  return type === 'attachment' || titleRanks.has(String(type)) || isBookkeeping(value)
}

/** Where only tokens were kept, records of an answer have neither words nor, some of them, a type. */
const isOfMessage = ({ type, message }: JsonRecord) =>
  isObject(message) && (isObject(message.usage) || (type !== undefined && 'content' in message))

const isBookkeeping = ({ type, sessionId, messageId }: JsonRecord) =>
  bookkeeping.has(String(type)) && (sessionId !== undefined || messageId !== undefined)

function interpret(value: JsonRecord, state: ClaudeState, ownKey: () => string): RecordParts {
  const type = plainText(value.type)
  const sessionId = optionalText(value.sessionId) ?? state.home
  const basis = basisOf(value, state, ownKey)
  const events = new DraftEvents(basis)
  eventsOf.get(type)?.(value, events)
  if (type === 'queue-operation') addQueued(value, events)
  return {
    sourceKey: basis.sourceKey,
    sessionId,
    events: events.list,
    usage: usageOf(value, basis, sessionId),
    session: newFacts(factsOf(value, basis), sessionId, state),
    isUnknown: type !== '' && !eventsOf.has(type) && !titleRanks.has(type) && !bookkeeping.has(type),
  }
}

function basisOf(value: JsonRecord, state: ClaudeState, ownKey: () => string): RecordBasis {
  const sourceKey = recordId(value) ?? ownKey()
  const message = isObject(value.message) ? value.message : {}
  const isAnswer = value.type === 'assistant'
  return {
    sourceKey,
    ...recordTime(value.timestamp, state),
    isSidechain: value.isSidechain === true,
    parentKey: optionalText(value.parentUuid) ?? optionalText(value.logicalParentUuid),
    messageKey: isAnswer ? (optionalText(message.id) ?? sourceKey) : undefined,
  }
}

/** Whoever gives a transcript away may have put the same words in place of every id. */
function recordId({ uuid }: JsonRecord): string | undefined {
  const id = optionalText(uuid)
  return id === undefined || /\s/.test(id) ? undefined : id
}

/** What waits while the agent works; when its turn comes it is written again, as a prompt. */
function addQueued(value: JsonRecord, events: DraftEvents): void {
  const body = plainText(value.content)
  if (body !== '') events.add({ kind: 'lifecycle', role: 'system', body })
}

/**
 * Several records of one response repeat its usage, the early ones with fewer output tokens. A response
 * is known by message and request; gateways leave the request out. Side conversations replay the messages
 * of the main one under other requests.
 */
function usageOf(value: JsonRecord, basis: RecordBasis, sessionId: string): ResponseUsage | undefined {
  const { message } = value
  if (!isObject(message) || !isObject(message.usage) || message.model === '<synthetic>') return undefined
  const { usage } = message
  const tokens = {
    inputTokens: tokenCount(usage.input_tokens),
    cacheReadTokens: tokenCount(usage.cache_read_input_tokens),
    cacheWriteTokens: cacheWrites(usage),
    outputTokens: tokenCount(usage.output_tokens),
  }
  const total = Object.values(tokens).reduce((sum, each) => sum + each, 0)
  const id = optionalText(message.id)
  return withoutUndefined({
    key: id ? `claude:${id}:${plainText(value.requestId)}` : `claude:${sessionId}:${basis.sourceKey}`,
    weight: [tokens.outputTokens, total],
    tokens,
    model: optionalText(message.model),
    at: basis.ts,
    messageKey: id ?? basis.sourceKey,
    isReplay: basis.isSidechain || undefined,
  })
}

function cacheWrites(usage: JsonRecord): number {
  const parts = isObject(usage.cache_creation) ? usage.cache_creation : {}
  const byLifetime = tokenCount(parts.ephemeral_5m_input_tokens) + tokenCount(parts.ephemeral_1h_input_tokens)
  return tokenCount(usage.cache_creation_input_tokens) || byLifetime
}

function factsOf(value: JsonRecord, basis: RecordBasis): SessionFacts {
  const message = isObject(value.message) && value.type === 'assistant' ? value.message : {}
  const model = optionalText(message.model)
  const request = value.type === 'pr-link' ? optionalText(value.prUrl) : undefined
  return withoutUndefined({
    cwd: optionalText(value.cwd),
    gitBranch: optionalText(value.gitBranch),
    agentVersion: optionalText(value.version),
    model: model === '<synthetic>' ? undefined : model,
    title: titleOf(value),
    taskRef: request,
    repository: request && repositoryOfRequest(request),
    startedAt: basis.isTimeInherited ? undefined : (basis.ts ?? undefined),
  })
}

function titleOf(value: JsonRecord): SessionFacts['title'] {
  const known = titleRanks.get(plainText(value.type))
  const text = known && optionalText(value[known.field] ?? value.title ?? value.name)
  return known && text ? { text, rank: known.rank } : undefined
}

function newFacts(facts: SessionFacts, sessionId: string, state: ClaudeState): SessionFacts | undefined {
  const { cwd, gitBranch, agentVersion, model, title, taskRef } = facts
  const lasting = JSON.stringify([sessionId, cwd, gitBranch, agentVersion, model, title, taskRef])
  const told = hash('sha1', lasting, 'base64')
  if (told === state.told || Object.keys(facts).length === 0) return undefined
  state.told = told
  return facts
}
