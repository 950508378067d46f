import { Transcript, TranscriptEvent, type TranscriptFigures } from '../../../domain/transcripts/transcript.js'

type Count = number | string

export const transcriptColumns =
  'id, namespace, uid, flavor, native_id, repo, domain, project, cwd, branch, model, title, task_ref, parent_uid, started_at, ended_at, outcome, outcome_confidence, outcome_source, input_tokens, cache_read_tokens, cache_write_tokens, output_tokens, tokens_uncertain, wall_clock_ms, turns, retries, cost_nano_usd, unpriced_responses, figures, last_seq, generation, discovered_at, ingested_at, analyzed_at, evicted_at, hold_reason, schema_version, redaction_version, redactions, digest_version, through_seq, is_trivial'

export interface TranscriptRow {
  id: string
  namespace: string
  uid: string
  flavor: Transcript['flavor']
  native_id: string
  repo: string | null
  domain: string | null
  project: string | null
  cwd: string | null
  branch: string | null
  model: string | null
  title: string | null
  task_ref: string | null
  parent_uid: string | null
  started_at: Count | null
  ended_at: Count | null
  outcome: Transcript['outcome']
  outcome_confidence: number
  outcome_source: string
  input_tokens: Count
  cache_read_tokens: Count
  cache_write_tokens: Count
  output_tokens: Count
  tokens_uncertain: number
  wall_clock_ms: Count
  turns: number
  retries: number
  cost_nano_usd: Count | null
  unpriced_responses: number
  figures: string
  last_seq: number
  generation: number
  discovered_at: Count
  ingested_at: Count | null
  analyzed_at: Count | null
  evicted_at: Count | null
  hold_reason: string | null
  schema_version: number
  redaction_version: string | null
  redactions: string
  digest_version: number | null
  through_seq: number | null
  is_trivial: number
}

export const dateOf = (time: Count | null) => (time === null ? null : new Date(Number(time)))

export function transcriptFromRow(row: TranscriptRow): Transcript {
  const { id, namespace, uid, flavor, repo, domain, project, cwd, branch, model, title } = row
  const named = { nativeId: row.native_id, taskRef: row.task_ref, parentUid: row.parent_uid }
  const place = { id, namespace, uid, flavor, repo, domain, project, cwd, branch, model, title }
  return Object.assign(new Transcript(), place, named, courseOf(row), stateOf(row))
}

/** What became of it, and what it cost. */
function courseOf(row: TranscriptRow) {
  const tokens = tokensOf(row)
  return {
    startedAt: dateOf(row.started_at),
    endedAt: dateOf(row.ended_at),
    outcome: row.outcome,
    outcomeConfidence: row.outcome_confidence,
    outcomeSource: row.outcome_source,
    tokens,
    tokensUncertain: row.tokens_uncertain === 1,
    wallClockMs: Number(row.wall_clock_ms),
    turns: row.turns,
    retries: row.retries,
    estimatedCostUsd: row.cost_nano_usd === null ? null : usdOf(Number(row.cost_nano_usd)),
    unpricedResponses: row.unpriced_responses,
    figures: { ...(JSON.parse(row.figures) as TranscriptFigures), tokens },
    lastSeq: row.last_seq,
  }
}

/** How far the store has come with it. */
function stateOf(row: TranscriptRow) {
  return {
    generation: row.generation,
    discoveredAt: new Date(Number(row.discovered_at)),
    ingestedAt: dateOf(row.ingested_at),
    analyzedAt: dateOf(row.analyzed_at),
    evictedAt: dateOf(row.evicted_at),
    holdReason: row.hold_reason,
    schemaVersion: row.schema_version,
    redactionVersion: row.redaction_version,
    redactions: JSON.parse(row.redactions) as Record<string, number>,
    digestVersion: row.digest_version,
    throughSeq: row.through_seq,
    isTrivial: row.is_trivial === 1,
  }
}

export const usdOf = (nanoUsd: number) => nanoUsd / 1e9

export const tokenColumns = ['input_tokens', 'cache_read_tokens', 'cache_write_tokens', 'output_tokens'] as const
export type TokensRow = Record<(typeof tokenColumns)[number], Count>

/** Of rows under the name `of`. */
export const tokenSums = (of: string) => tokenColumns.map((column) => `sum(${of}.${column}) as ${column}`).join(', ')

export const tokensOf = (row: TokensRow) => ({
  inputTokens: Number(row.input_tokens),
  cacheReadTokens: Number(row.cache_read_tokens),
  cacheWriteTokens: Number(row.cache_write_tokens),
  outputTokens: Number(row.output_tokens),
})

/** Of a row under the name `e`. */
export const eventColumns =
  'e.id, e.transcript_id, e.seq, e.ts, e.kind, e.role, e.tool, e.tool_call_id, e.summary, e.body, e.body_hash, e.body_bytes, e.is_sidechain, e.is_error'

export interface TranscriptEventRow {
  id: string
  transcript_id: string
  seq: number
  ts: Count | null
  kind: TranscriptEvent['kind']
  role: TranscriptEvent['role']
  tool: string | null
  tool_call_id: string | null
  summary: string
  body: string | null
  body_hash: string | null
  body_bytes: number
  is_sidechain: number
  is_error: number
  parent_seq?: number | null
}

const hashForm = 'sha256:'
export const hashOfRef = (ref: string) => ref.slice(hashForm.length)

export function transcriptEventFromRow(row: TranscriptEventRow): TranscriptEvent {
  const event = new TranscriptEvent()
  event.id = row.id
  event.transcriptId = row.transcript_id
  event.seq = row.seq
  event.ts = dateOf(row.ts)
  event.parentSeq = row.parent_seq ?? null
  event.kind = row.kind
  event.role = row.role
  event.tool = row.tool
  event.toolCallId = row.tool_call_id
  event.summary = row.summary
  event.body = row.body
  event.bodyRef = row.body_hash === null ? null : hashForm + row.body_hash
  event.bodyBytes = row.body_bytes
  event.tokens = null
  event.isSidechain = row.is_sidechain === 1
  event.isError = row.is_error === 1
  return event
}
