import type { DraftEvent, TranscriptEventKind } from '../src/domain/transcripts/transcript-event.js'
import type {
  ReadBatch,
  ReadCursor,
  ReadOptions,
  ResponseUsage,
  TokenCounts,
  TranscriptReader,
  TranscriptRecord,
  TranscriptSource,
} from '../src/domain/transcripts/transcript-reader.js'

/** What is reported of transcripts, over all records at once: the definition that any store of them must meet. */
export interface Tally {
  records: number
  malformedLines: number
  recovered: number
  unknownTypes: number
  oversizedLines: number
  userPrompts: number
  assistantMessages: number
  toolCalls: number
  toolResults: number
  toolErrors: number
  kinds: Partial<Record<TranscriptEventKind, number>>
  tokens: TokenCounts
}

/** The order of the records does not matter. */
export function tally(records: readonly TranscriptRecord[]): Tally {
  const own = ownRecords(records)
  const events = eventsOf(own)
  const count = (test: (event: DraftEvent) => boolean) => events.filter(test).length
  const sum = (of: (record: TranscriptRecord) => number) => records.reduce((total, record) => total + of(record), 0)
  const kinds: Tally['kinds'] = {}
  for (const { kind } of events) kinds[kind] = (kinds[kind] ?? 0) + 1
  return {
    records: sum(({ counts }) => counts.records),
    malformedLines: sum(({ counts }) => counts.malformedLines),
    recovered: sum(({ counts }) => counts.recovered),
    unknownTypes: sum(({ counts }) => counts.unknownTypes),
    oversizedLines: sum(({ counts }) => counts.oversizedLines),
    userPrompts: count(({ kind, isSidechain }) => kind === 'user_msg' && !isSidechain),
    assistantMessages: new Set(events.map(({ messageKey }) => messageKey).filter((key) => key !== undefined)).size,
    toolCalls: count(({ role, tool }) => role === 'assistant' && tool !== undefined),
    toolResults: count(({ role }) => role === 'tool'),
    toolErrors: count(({ isError }) => isError),
    kinds,
    tokens: tokensOf(own),
  }
}

/** Without the history that a fork copied, where the session that it was copied from is here too. */
function ownRecords(records: readonly TranscriptRecord[]): TranscriptRecord[] {
  const turnsOf = turnsBySession(records)
  /** By session: where its own records begin; nowhere yet, as long as all its turns are copied ones. */
  const ownFrom = new Map<string, number>()
  for (const { copiedFrom, turnId, sessionId, place } of records) {
    const copied = turnsOf.get(copiedFrom ?? '')
    if (!copied || turnId === undefined) continue
    const start = copied.has(turnId) ? Number.POSITIVE_INFINITY : place.byteOffset
    ownFrom.set(sessionId, Math.min(start, ownFrom.get(sessionId) ?? Number.POSITIVE_INFINITY))
  }
  const isOwn = ({ copiedFrom, sessionId, place, isInherited }: TranscriptRecord) =>
    !isInherited && (copiedFrom === undefined || place.byteOffset >= (ownFrom.get(sessionId) ?? 0))
  return records.filter(isOwn)
}

function turnsBySession(records: readonly TranscriptRecord[]): Map<string, Set<string>> {
  const turnsOf = new Map<string, Set<string>>()
  for (const { sessionId, turnId } of records) {
    const turns = turnsOf.get(sessionId) ?? new Set()
    turnsOf.set(sessionId, turnId === undefined ? turns : turns.add(turnId))
  }
  return turnsOf
}

function eventsOf(records: readonly TranscriptRecord[]): DraftEvent[] {
  const byKey = new Map<string, DraftEvent>()
  const highest = new Map<string, number>()
  const amended = new Map<string, boolean>()
  for (const { sessionId, events, amendments = [] } of records) {
    for (const { joinKey, isError } of amendments) if (isError) amended.set(`${sessionId} ${joinKey}`, true)
    for (const event of events) {
      byKey.set(`${sessionId} ${event.key}`, event)
      const { of, rank } = event.voice ?? { of: '', rank: 0 }
      highest.set(`${sessionId} ${of}`, Math.max(rank, highest.get(`${sessionId} ${of}`) ?? 0))
    }
  }
  const isHeard = ([key, { voice }]: [string, DraftEvent]) =>
    !voice || highest.get(`${key.split(' ')[0]} ${voice.of}`) === voice.rank
  return [...byKey].filter(isHeard).map(([key, event]) => {
    const isError = event.isError || amended.has(`${key.split(' ')[0]} ${event.joinKey}`)
    return isError && event.kind === 'tool_result' ? { ...event, kind: 'error', isError } : event
  })
}

function tokensOf(records: readonly TranscriptRecord[]): TokenCounts {
  const best = new Map<string, ResponseUsage>()
  for (const usage of heardUsages(records.flatMap(({ usage }) => usage ?? []))) {
    const known = best.get(usage.key)
    if (!known || isHeavier(usage.weight, known.weight)) best.set(usage.key, usage)
  }
  const total: TokenCounts = { inputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 0 }
  for (const { tokens } of best.values())
    for (const name of Object.keys(total) as (keyof TokenCounts)[]) total[name] += tokens[name]
  return total
}

function heardUsages(usages: ResponseUsage[]): ResponseUsage[] {
  const highest = new Map<string, number>()
  for (const { voice } of usages) if (voice) highest.set(voice.of, Math.max(voice.rank, highest.get(voice.of) ?? 0))
  const spoken = new Set(usages.filter(({ isReplay }) => !isReplay).map(({ messageKey }) => messageKey))
  const isEcho = ({ isReplay, messageKey, voice }: ResponseUsage) =>
    (isReplay && spoken.has(messageKey)) || (voice && highest.get(voice.of) !== voice.rank)
  return usages.filter((usage) => !isEcho(usage))
}

function isHeavier(a: number[], b: number[]): boolean {
  const at = a.findIndex((value, index) => value !== b[index])
  return at !== -1 && (a[at] ?? 0) > (b[at] ?? 0)
}

/** All that a source gives; the lines that are still open count as malformed. */
export async function readAll(
  reader: TranscriptReader,
  source: TranscriptSource,
  options: ReadOptions & { cursor?: ReadCursor } = {},
): Promise<{ records: TranscriptRecord[]; last: ReadBatch; pendingLines: number }> {
  const batches: ReadBatch[] = []
  for await (const batch of reader.read(source, options.cursor, options)) batches.push(batch)
  const last = batches.at(-1)
  if (!last) throw new Error('a reader gives at least one batch')
  const pendingLines = batches.filter(({ pending }) => pending).length
  return { records: batches.flatMap(({ records }) => records), last, pendingLines }
}
