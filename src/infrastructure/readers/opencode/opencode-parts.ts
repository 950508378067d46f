import type { DraftEvents } from '../draft-events.js'
import { contentText, isoTime, optionalText, plainText, textOf } from '../event-text.js'
import { isObject, type JsonRecord } from '../json-line.js'

/** Most tell of an answer; some are a prompt's, or tell nothing that a call does not. */
const partTypes = new Set(
  'text reasoning tool retry file agent subtask compaction step-start step-finish patch snapshot'.split(' '),
)
export const isKnownPart = ({ type }: JsonRecord) => partTypes.has(plainText(type))

const byHand =
  /^(?:\w{0,40}Error: )?(?:The user (?:rejected permission|dismissed this question)|Tool execution (?:aborted|interrupted))/

export const objectIn = (value: unknown): JsonRecord => (isObject(value) ? value : {})
export const objectsIn = (value: unknown): JsonRecord[] => (Array.isArray(value) ? value.filter(isObject) : [])

/** What an agent's message is made of, in the order in which it came; more of it may come, and calls be answered. */
export class AnswerParts {
  private readonly counts = new Map<string, number>()
  /** Of a part without a time of its own: that of the one before it. */
  private ts: string | null

  constructor(
    private readonly events: DraftEvents,
    createdAt: string | null,
    /** A summary is no answer to anyone. */
    private readonly isSummary: boolean,
  ) {
    this.ts = createdAt
  }

  add(part: JsonRecord): void {
    const type = plainText(part.type)
    const state = objectIn(part.state)
    const { start, created } = objectIn(part.time ?? state.time)
    this.ts = isoTime(start ?? created) ?? this.ts
    if (type === 'text') this.addWords(part, this.isSummary ? 'lifecycle' : 'assistant_msg')
    else if (type === 'reasoning') this.addWords(part, 'thinking')
    else if (type === 'tool') this.addCall(part, state)
    else if (type === 'retry') this.addRetry(part)
  }

  private addWords({ text, type }: JsonRecord, kind: 'assistant_msg' | 'thinking' | 'lifecycle'): void {
    const body = plainText(text)
    const key = this.keyOf(plainText(type))
    const role = kind === 'lifecycle' ? 'system' : 'assistant'
    if (body !== '') this.events.add({ key, kind, role, body, ts: this.ts })
  }

  private addRetry({ error, attempt }: JsonRecord): void {
    const body = errorText(error) || `Retry ${textOf(attempt)}`
    this.events.add({ key: this.keyOf('retry'), kind: 'retry', role: 'system', body, ts: this.ts })
  }

  private addCall(part: JsonRecord, state: JsonRecord): void {
    const toolCallId = optionalText(part.callID ?? part.id)
    const tool = plainText(part.tool ?? part.name)
    const key = this.keyOf(`call:${toolCallId ?? ''}`)
    const { ts } = this
    this.events.addCall({ key, body: textOf(state.input), tool, toolCallId, ts })
    if (state.status !== 'completed' && state.status !== 'error') return
    const endedAt = isoTime(objectIn(part.time).completed ?? objectIn(state.time).end) ?? ts
    const result = resultOf(tool, state)
    this.events.add({ ...result, key: `${key}/result`, role: 'tool', toolCallId, ts: endedAt })
  }

  /** As it is in every form that the agent gives a message: by its place among those of its type. */
  private keyOf(type: string): string {
    const nth = this.counts.get(type) ?? 0
    this.counts.set(type, nth + 1)
    return `${this.events.sourceKey}/${type}:${nth}`
  }
}

function resultOf(tool: string, state: JsonRecord) {
  const body = resultText(state)
  const isEnded = state.status === 'error'
  if (isEnded && (byHand.test(body) || isAborted(state.error))) {
    return { kind: 'human_intervention' as const, body, isError: false }
  }
  const exit = objectIn(state.metadata ?? state.structured).exit
  const hasFailed = typeof exit === 'number' && exit !== 0
  // What the agent could not make a call of is run by a tool that says so.
  const isError = isEnded || hasFailed || tool === 'invalid'
  return { kind: isError ? ('error' as const) : ('tool_result' as const), body: body || exitText(exit), isError }
}

const exitText = (exit: unknown) => (typeof exit === 'number' && exit !== 0 ? `Exit code: ${exit}` : '')

function resultText({ status, error, output, content }: JsonRecord): string {
  if (status === 'error') return isObject(error) ? errorText(error) : textOf(error)
  return textOf(output) || contentText(content ?? [])
}

/** Of an error with its words in it, or in its data. */
export function errorText(error: unknown): string {
  const { message, data, name, type } = objectIn(error)
  return textOf(objectIn(data).message ?? message) || plainText(name ?? type)
}

export function isAborted(error: unknown): boolean {
  const { name, type } = objectIn(error)
  return name === 'MessageAbortedError' || type === 'aborted'
}
