import { type CallArguments, callArguments } from './call-arguments.js'
import { callKind } from './call-kind.js'
import { type ErrorFingerprint, errorFingerprint, type FailedCall } from './error-fingerprint.js'
import { type Outcome, OutcomeCourse } from './outcome.js'
import { testRunPassed } from './test-runs.js'
import type { Transcript, TranscriptEvent } from './transcript.js'
import type { TranscriptEventKind } from './transcript-event.js'
import type { TokenCounts } from './transcript-reader.js'

/** Raised by every change that gives a transcript another digest: an ingest makes older ones anew where it can. */
export const digestVersion = 3

const maxExcerpt = 2_000
const maxFiles = 500
const maxFingerprints = 1_000
const maxOpenCalls = 10_000

/** An error of one transcript, all its occurrences together. */
export interface DigestError {
  fingerprint: string
  version: number
  template: string
  sample: string
  tool: string | null
  count: number
  firstAt: string | null
  lastAt: string | null
  /** The tool did later what it was asked, and the error did not come again. */
  wasPassed: boolean
}

/** What is kept of a transcript when its texts are gone. */
export interface Digest {
  version: number
  /** The last event that it knows. */
  throughSeq: number
  events: Partial<Record<TranscriptEventKind, number>>
  /** Calls, by the name of the tool. */
  tools: Record<string, number>
  markers: { errors: number; retries: number; tests: number; edits: number; interventions: number; decisions: number }
  firstPrompt: string | null
  lastAnswer: string | null
  /** In the order in which they were first changed; at most 500. */
  filesTouched: string[]
  tests: { runs: number; passed: number; failed: number; last: 'passed' | 'failed' | null }
  outcome: Outcome
  errors: DigestError[]
  /** So short that it tells nothing of how work goes: no call of a tool, and one prompt at most. */
  isTrivial: boolean
}

/** The digest and what the transcript cost, which other transcripts may still change. */
export interface TranscriptDigest extends Digest {
  uid: string
  /** It knows every event that the transcript has; false until it was made anew after more was read. */
  isComplete: boolean
  cost: TokenCounts & Pick<Transcript, 'wallClockMs' | 'turns' | 'retries' | 'estimatedCostUsd' | 'unpricedResponses'>
}

/** Its kind by what is known of calls today: a stored one may be older. */
type Call = Pick<CallArguments, 'command'> & { tool: string; kind: TranscriptEventKind }

/** Distils a transcript, event by event in their order; holds no more than its open calls and what is kept. */
export class DigestFold {
  private throughSeq = 0
  private prompts = 0
  private readonly events: Digest['events'] = {}
  private readonly tools = new Map<string, number>()
  private readonly files: Set<string>
  private readonly errors: Map<string, DigestError>
  private readonly calls = new Map<string, Call>()
  private readonly course: OutcomeCourse
  private readonly tests: Digest['tests']
  private firstPrompt: string | null = null
  /** What a side conversation was begun with stands in where nobody asked anything else. */
  private firstTask: string | null
  private lastAnswer: string | null

  /** @param before what texts told that are gone: gone on from */
  constructor(before?: Digest) {
    this.course = new OutcomeCourse(before)
    this.files = new Set(before?.filesTouched)
    this.errors = new Map(before?.errors.map((error) => [keyOf(error), { ...error }]))
    this.tests = { ...(before?.tests ?? { runs: 0, passed: 0, failed: 0, last: null }) }
    this.firstTask = before?.firstPrompt ?? null
    this.lastAnswer = before?.lastAnswer ?? null
  }

  /** Of a text that is kept apart, whether it is to be brought. */
  needsBody({ kind, role, toolCallId, isError, tool }: TranscriptEvent): boolean {
    if (kind === 'thinking' || kind === 'lifecycle') return false
    if (role !== 'tool') return kind !== 'user_msg' || this.firstPrompt === null || tool !== null
    return isError || this.calls.get(toolCallId ?? '')?.kind === 'test_run'
  }

  take(event: TranscriptEvent): void {
    const { kind, role, seq, tool, toolCallId, isError, isSidechain } = event
    this.throughSeq = seq
    this.events[kind] = (this.events[kind] ?? 0) + 1
    const asked = role === 'assistant' && tool !== null ? this.takeCall(event, tool) : undefined
    const call = asked ?? this.callOf(event)
    const told = { kind: asked?.kind ?? kind, tool, toolCallId, isError, isSidechain }
    this.course.follow({ ...told, text: textOf(event), command: call?.command })
    if (role === 'tool') this.takeResult(event, call)
    if (kind === 'error') this.takeError(event, call)
    this.takeWords(event)
  }

  /** Of an event whose text is gone, what is left. */
  passOver(event: TranscriptEvent): void {
    const { role, tool, toolCallId, kind, isError, isSidechain, summary } = event
    const asked = callLeft(event)
    const text = kind === 'assistant_msg' ? this.lastAnswer : summary
    const told = { kind, tool, toolCallId, isError, isSidechain, text, command: asked?.command }
    this.course.follow({ ...told, isGone: true })
    if (kind === 'user_msg' && !isSidechain) this.firstPrompt ??= this.firstTask
    if (toolCallId === null) return
    if (asked) this.open(toolCallId, asked)
    else if (role === 'tool') this.calls.delete(toolCallId)
  }

  private takeWords(event: TranscriptEvent): void {
    const { kind, isSidechain } = event
    if (kind === 'user_msg' && isSidechain) this.firstTask ??= excerpt(event)
    if (isSidechain) return
    if (kind === 'assistant_msg') this.lastAnswer = excerpt(event)
    if (kind !== 'user_msg') return
    this.prompts++
    this.firstPrompt ??= excerpt(event)
  }

  digest(): Digest {
    const { throughSeq, events, lastAnswer, tests } = this
    const firstPrompt = this.firstPrompt ?? this.firstTask
    const count = (kind: TranscriptEventKind) => events[kind] ?? 0
    const calls = [...this.tools.values()].reduce((sum, each) => sum + each, 0)
    return {
      ...{ version: digestVersion, throughSeq, events, tools: sorted(this.tools) },
      markers: {
        ...{ errors: count('error'), retries: count('retry'), tests: count('test_run'), edits: count('edit') },
        ...{ interventions: count('human_intervention'), decisions: count('decision') },
      },
      ...{ firstPrompt, lastAnswer, filesTouched: [...this.files], tests, outcome: this.course.outcome() },
      errors: [...this.errors.values()],
      isTrivial: calls === 0 && this.prompts <= 1,
    }
  }

  private takeCall({ toolCallId, body }: TranscriptEvent, tool: string): Call {
    this.tools.set(tool, (this.tools.get(tool) ?? 0) + 1)
    const { command, files } = callArguments(body ?? '')
    const call = { tool, command, kind: callKind(tool, command) }
    if (call.kind === 'edit') this.touch(files)
    if (toolCallId !== null) this.open(toolCallId, call)
    return call
  }

  private touch(files: string[]): void {
    for (const file of files) if (this.files.size < maxFiles) this.files.add(file)
  }

  private open(toolCallId: string, call: Call): void {
    this.calls.set(toolCallId, call)
    const [oldest] = this.calls.size > maxOpenCalls ? this.calls.keys() : []
    if (oldest !== undefined) this.calls.delete(oldest)
  }

  private callOf({ toolCallId }: TranscriptEvent): Call | undefined {
    return toolCallId === null ? undefined : this.calls.get(toolCallId)
  }

  private takeResult(event: TranscriptEvent, call: Call | undefined): void {
    this.calls.delete(event.toolCallId ?? '')
    if (!call) return
    if (!event.isError) this.passErrorsOf(call)
    if (call.kind === 'test_run') this.takeTests(event, call)
  }

  private takeTests({ isError, body }: TranscriptEvent, { command }: Call): void {
    this.tests.runs++
    const passed = testRunPassed({ text: body ?? '', isError, command: command ?? undefined })
    if (passed === undefined) return
    const verdict = passed ? 'passed' : 'failed'
    this.tests[verdict]++
    this.tests.last = verdict
  }

  private passErrorsOf({ tool }: Call): void {
    for (const error of this.errors.values()) if (error.tool === tool) error.wasPassed = true
  }

  private takeError(event: TranscriptEvent, call: Call | undefined): void {
    const tool = call?.tool ?? event.tool
    const found = errorFingerprint(textOf(event), withoutNulls({ tool, command: call?.command }))
    if (!found) return
    const at = event.ts?.toISOString() ?? null
    const known = this.errors.get(keyOf({ version: found.version, fingerprint: found.key }))
    if (known) Object.assign(known, { count: known.count + 1, lastAt: at ?? known.lastAt, wasPassed: false })
    else this.addError(found, { tool, count: 1, firstAt: at, lastAt: at, wasPassed: false })
  }

  private addError({ key: fingerprint, version, template, sample }: ErrorFingerprint, first: FirstSeen): void {
    if (this.errors.size >= maxFingerprints) return
    this.errors.set(keyOf({ version, fingerprint }), { fingerprint, version, template, sample, ...first })
  }
}

type FirstSeen = Omit<DigestError, 'fingerprint' | 'version' | 'template' | 'sample'>

/** What is not known is left out. */
const withoutNulls = (call: { tool: string | null; command?: string | null }): FailedCall => ({
  tool: call.tool ?? undefined,
  command: call.command ?? undefined,
})

/** What rules of another version made of an error is another one. */
const keyOf = ({ version, fingerprint }: Pick<DigestError, 'version' | 'fingerprint'>) => `${version} ${fingerprint}`

function callLeft({ role, tool, kind, summary }: TranscriptEvent): Call | undefined {
  return role === 'assistant' && tool !== null ? { tool, kind, command: commandLeft(summary) } : undefined
}

/** What a call ran, of its summary: of a long one the beginning. */
function commandLeft(summary: string): string | null {
  const isCut = summary.startsWith('{') && summary.endsWith('…')
  if (!isCut) return callArguments(summary).command
  return /^\{"(?:command|cmd)":"(?<begun>.*)…$/.exec(summary)?.groups?.begun ?? null
}

const textOf = ({ body, summary }: TranscriptEvent) => body ?? summary

const excerpt = (event: TranscriptEvent) => textOf(event).slice(0, maxExcerpt).toWellFormed()

const sorted = (counts: ReadonlyMap<string, number>): Record<string, number> =>
  Object.fromEntries([...counts].sort(([one, a], [other, b]) => b - a || (one < other ? -1 : 1)))
