import type { IdFactory } from '../../domain/ids.js'
import { keyHash } from '../../domain/native-ids.js'
import type { RedactedText } from '../../domain/redaction.js'
import { activityFacts } from '../../domain/transcripts/activity-facts.js'
import type {
  SourceLink,
  ToldAmendment,
  ToldEvent,
  ToldTurn,
  ToldUsage,
} from '../../domain/transcripts/ingest-repository.js'
import { learn, noFacts } from '../../domain/transcripts/session-facts.js'
import { noCounts } from '../../domain/transcripts/transcript.js'
import type { DraftEvent } from '../../domain/transcripts/transcript-event.js'
import type {
  RecordCounts,
  ResponseUsage,
  SessionFacts,
  TranscriptRecord,
} from '../../domain/transcripts/transcript-reader.js'
import type { TextGate } from './redacting.js'
import { cut, fileRank, keyOf, keyOrNull, maxIdLength, storedId } from './stored-keys.js'

/** So many events of one line keep their order. */
const eventsOfLine = 4096
const maxToolName = 255

/** Gathers what the records of one source tell, row by row, between two cursors. */
export class ToldRows {
  /** Of the sessions that were told of since the last batch: a source may tell of thousands. */
  private touched = new Set<SourceLink>()
  private events = new Map<string, ToldEvent>()
  private usages = new Map<string, ToldUsage>()
  private turns = new Map<string, ToldTurn>()
  private amendments = new Map<string, ToldAmendment>()
  private line = { file: -1, byteOffset: -1, events: 0 }

  constructor(
    private readonly flavor: string,
    private readonly links: Map<string, SourceLink>,
    private readonly gate: TextGate,
    private readonly newId: IdFactory,
  ) {}

  take(record: TranscriptRecord): void {
    const link = this.linkOf(record.sessionId)
    const { file, byteOffset } = this.placeOf(record)
    addCounts(link.counts, record.counts)
    link.recordsHash = keyHash(`${link.recordsHash} ${record.sourceKey}`)
    this.learnFacts(link, record, byteOffset)
    if (record.copiedFrom !== undefined) link.copiedFromUid = `${this.flavor}:${this.idOf(record.copiedFrom)}`
    if (record.turnId !== undefined) this.addTurn(link, record, byteOffset * eventsOfLine)
    if (record.isInherited) return
    for (const event of record.events) this.addEvent(link, record, event, file)
    if (record.usage) this.addUsage(link, record, record.usage, byteOffset * eventsOfLine)
    for (const { joinKey, ts, isError } of record.amendments ?? []) {
      this.addAmendment({
        nativeId: link.nativeId,
        joinKey: keyOf(joinKey),
        ts: instant(ts),
        isError: isError === true,
      })
    }
  }

  /** What was gathered; from here on anew. */
  drain() {
    const { touched, events, usages, turns, amendments } = this
    this.touched = new Set()
    this.events = new Map()
    this.usages = new Map()
    this.turns = new Map()
    this.amendments = new Map()
    return {
      links: [...touched],
      events: [...events.values()],
      usages: [...usages.values()],
      turns: [...turns.values()],
      amendments: [...amendments.values()],
    }
  }

  idOf(nativeId: string): string {
    return storedId(this.gate, nativeId)
  }

  /** Cut after it has passed: of a secret that the cut goes through, nothing would be known. */
  private nameOf(text: string | undefined, most: number): RedactedText | null {
    const passed = this.gate.nameOrNull(text)
    return passed && (cut(passed, most) as RedactedText)
  }

  linkOf(sessionId: string): SourceLink {
    const nativeId = this.idOf(sessionId)
    const link = this.links.get(nativeId) ?? newLink(nativeId)
    this.links.set(nativeId, link)
    this.touched.add(link)
    return link
  }

  private placeOf({ place: { file: name, byteOffset } }: TranscriptRecord) {
    const file = fileRank(name)
    if (this.line.file !== file || this.line.byteOffset !== byteOffset) this.line = { file, byteOffset, events: 0 }
    return { file, byteOffset }
  }

  private learnFacts(link: SourceLink, { events, usage, session }: TranscriptRecord, byteOffset: number): void {
    const own = events.find(({ isTimeInherited }) => !isTimeInherited)?.ts ?? usage?.at ?? session?.startedAt
    if (own) link.facts.lastAt = own
    if (session) learn(link.facts, this.passed(session), { at: link.facts.lastAt, place: byteOffset })
  }

  private passed({ startedAt, title, parentSessionId, ...plain }: SessionFacts): SessionFacts {
    const facts: SessionFacts = {}
    for (const [name, value] of Object.entries(plain)) {
      if (value !== undefined) facts[name as keyof typeof plain] = this.gate.name(value)
    }
    if (startedAt) facts.startedAt = startedAt
    if (parentSessionId) facts.parentSessionId = this.idOf(parentSessionId)
    if (title) facts.title = { ...title, text: this.gate.name(title.text) }
    return facts
  }

  private addTurn({ nativeId }: SourceLink, { turnId = '', copiedFrom }: TranscriptRecord, place: number): void {
    const isCopied = copiedFrom !== undefined
    const key = `${nativeId} ${isCopied} ${turnId}`
    if (!this.turns.has(key)) this.turns.set(key, { nativeId, turn: keyOf(turnId), isCopied, place })
  }

  private addEvent(link: SourceLink, record: TranscriptRecord, event: DraftEvent, file: number): void {
    const { nativeId } = link
    const eventKey = keyOf(event.key)
    const { body, summary } = this.gate.words(event, link.redactions)
    const place = record.place.byteOffset * eventsOfLine + Math.min(this.line.events++, eventsOfLine - 1)
    this.events.set(`${nativeId} ${eventKey}`, {
      id: this.newId(),
      nativeId,
      eventKey,
      recordKey: keyOf(record.sourceKey),
      parentKey: keyOrNull(event.parentKey),
      file,
      place,
      isCopied: record.copiedFrom !== undefined,
      ts: instant(event.ts),
      isTimeInherited: event.isTimeInherited,
      kind: event.kind,
      role: event.role,
      tool: this.nameOf(event.tool, maxToolName),
      toolCallId: this.nameOf(event.toolCallId, maxIdLength),
      messageKey: event.messageKey === undefined ? null : keyOf(`${this.flavor}:${event.messageKey}`),
      voice: event.voice ?? null,
      joinKey: keyOrNull(event.joinKey),
      summary,
      body,
      activity: activityFacts({ ...event, body, resultSize: sizeOf(event) }, link.facts.plain.cwd?.value),
      isSidechain: event.isSidechain,
      isError: event.isError,
    })
  }

  private addUsage({ nativeId }: SourceLink, record: TranscriptRecord, usage: ResponseUsage, place: number): void {
    const usageKey = keyOf(usage.key)
    const key = `${nativeId} ${usageKey}`
    const known = this.usages.get(key)
    const [most = 0, lesser = 0] = usage.weight
    const told: ToldUsage = {
      nativeId,
      usageKey,
      place,
      tokens: usage.tokens,
      weight: [most, lesser],
      isCopied: record.copiedFrom !== undefined,
      model: this.gate.nameOrNull(usage.model),
      at: instant(usage.at),
      messageKey: usage.messageKey === undefined ? null : keyOf(`${this.flavor}:${usage.messageKey}`),
      isReplay: usage.isReplay === true,
      voice: usage.voice ? { of: keyOf(usage.voice.of), rank: usage.voice.rank } : null,
    }
    if (!known) this.usages.set(key, told)
    else if (isHeavier(told, known)) this.usages.set(key, { ...told, at: known.at ?? told.at })
  }

  private addAmendment(amendment: ToldAmendment): void {
    const key = `${amendment.nativeId} ${amendment.joinKey}`
    const known = this.amendments.get(key)
    this.amendments.set(key, known ? amendedTogether(known, amendment) : amendment)
  }
}

/** Of a result, before anything is hidden in it. */
const sizeOf = ({ role, body, resultSize = Buffer.byteLength(body) }: DraftEvent) =>
  role === 'tool' ? resultSize : undefined

const newLink = (nativeId: string): SourceLink => ({
  ...{ nativeId, counts: { ...noCounts }, recordsHash: '', redactions: {} },
  ...{ facts: noFacts(), copiedFromUid: null },
})

const isHeavier = (one: ToldUsage, other: ToldUsage) =>
  one.isReplay === other.isReplay
    ? one.weight[0] > other.weight[0] || (one.weight[0] === other.weight[0] && one.weight[1] > other.weight[1])
    : other.isReplay

function amendedTogether(one: ToldAmendment, other: ToldAmendment): ToldAmendment {
  const times = [one.ts, other.ts].filter((ts) => ts !== null)
  return { ...one, ts: times.length > 0 ? Math.min(...times) : null, isError: one.isError || other.isError }
}

function addCounts(sums: RecordCounts, counts: RecordCounts): void {
  sums.records += counts.records
  sums.malformedLines += counts.malformedLines
  sums.recovered += counts.recovered
  sums.unknownTypes += counts.unknownTypes
  sums.oversizedLines += counts.oversizedLines
  sums.oversizedBytes += counts.oversizedBytes
}

const instant = (iso: string | null | undefined) => (iso ? Date.parse(iso) : null)
