import type { TranscriptEvent } from '../../domain/transcripts/transcript.js'
import { type Entry, isCall } from './folded-calls.js'
import { count, type Emphasis, type Output } from './output.js'
import { fitted, plain, textWidth, wrappedStart } from './text-layout.js'
import { callText, errorLines, oneLine, resultText } from './tool-texts.js'

/** Longer lines are hard to read, however wide the terminal is. */
const maxWidth = 110
/** Without a terminal. */
const usualWidth = 100
/** Of a longer message the beginning is shown. */
const maxMessageLines = 40
const nameWidth = 9
const maxNameWidth = 28
/** After such a pause it is said again who speaks, and when. */
const pauseMs = 5 * 60_000

const asides: Partial<Record<TranscriptEvent['kind'], { mark: string; colour: Emphasis }>> = {
  thinking: { mark: '…', colour: 'dim' },
  lifecycle: { mark: '—', colour: 'dim' },
  retry: { mark: '↻', colour: 'yellow' },
  human_intervention: { mark: '!', colour: 'yellow' },
  decision: { mark: '◆', colour: 'cyan' },
  completion: { mark: '■', colour: 'green' },
}

/** Writes a conversation entry by entry: who speaks, what is said, and each call in one line. */
export class TranscriptConversation {
  private readonly width: number
  private readonly cwd: string
  private speaker = ''
  private day = ''
  private lastAt = 0
  private isAfterCall = false
  private isFirst = true

  constructor(
    private readonly output: Output,
    { cwd, isWhole }: { cwd: string | null; isWhole: boolean },
  ) {
    this.width = Math.min(output.width ?? usualWidth, maxWidth)
    this.cwd = cwd === null || cwd.length < 2 ? '' : `${cwd.replace(/\/$/, '')}/`
    this.isWhole = isWhole
  }

  private readonly isWhole: boolean

  entry(entry: Entry): string {
    const { event } = entry
    const lines = [...this.dayLines(event), ...this.headLines(event), ...this.contentLines(entry)]
    if (this.isFirst && lines[0] !== '') lines.unshift('')
    this.isFirst = false
    return lines.map((line) => `${line}\n`).join('')
  }

  private dayLines({ ts }: TranscriptEvent): string[] {
    const day = ts?.toISOString().slice(0, 10) ?? this.day
    if (day === this.day) return []
    this.day = day
    this.speaker = ''
    return ['', this.output.emphasise('dim', `── ${day} ${'─'.repeat(Math.max(this.width - day.length - 4, 0))}`)]
  }

  /** Who speaks, where that is somebody else than before. */
  private headLines(event: TranscriptEvent): string[] {
    const speaker = speakerOf(event)
    const at = event.ts?.getTime() ?? this.lastAt
    const isLate = at - this.lastAt > pauseMs
    this.lastAt = at
    if (speaker === '' || (speaker === this.speaker && !isLate)) return []
    this.speaker = speaker
    this.isAfterCall = false
    const time = event.ts ? ` · ${event.ts.toISOString().slice(11, 19)}` : ''
    const name = this.output.emphasise(speaker === 'user' ? 'cyan' : 'bold', speaker)
    return ['', `${event.isSidechain ? '  ' : ''}${name}${this.output.emphasise('dim', time)}`]
  }

  private contentLines(entry: Entry): string[] {
    const { event, result } = entry
    const indent = event.isSidechain ? '  │ ' : '  '
    const width = this.width - indent.length
    if (isCall(event) || event.role === 'tool') {
      this.isAfterCall = true
      return this.toolLines(event, result, width).map((line) => indent + line)
    }
    const aside = asides[event.kind]
    if (aside && !(this.isWhole && event.kind === 'thinking')) return [indent + this.asideLine(event, aside, width)]
    if (event.kind === 'error') return this.failureLines(errorLines(event), width).map((line) => indent + line)
    const gap = this.isAfterCall ? [indent.trimEnd()] : []
    this.isAfterCall = true
    return [...gap, ...this.messageLines(event, width).map((line) => (indent + line).trimEnd())]
  }

  private asideLine(event: TranscriptEvent, { mark, colour }: { mark: string; colour: Emphasis }, width: number) {
    this.isAfterCall = true
    return this.output.emphasise(
      colour,
      fitted(`${mark} ${oneLine(event.body ?? event.summary).replaceAll('**', '')}`, width),
    )
  }

  private messageLines({ body, summary, kind }: TranscriptEvent, width: number): string[] {
    const most = this.isWhole ? Number.POSITIVE_INFINITY : maxMessageLines
    const said = plain(body ?? summary)
      .replace(/^\s*\n/, '')
      .trimEnd()
    const { lines, left } = wrappedStart(said, width, most)
    const coloured = kind === 'thinking' ? lines.map((line) => this.output.emphasise('dim', line)) : lines
    return left === 0
      ? coloured
      : [...coloured, this.output.emphasise('dim', `… ${count(left, 'more line')}; --full shows all`)]
  }

  private toolLines(event: TranscriptEvent, result: TranscriptEvent | undefined, width: number): string[] {
    const told = event.role === 'tool' ? event : result
    const name = fitted(oneLine(event.tool ?? 'result'), maxNameWidth).padEnd(nameWidth)
    const room = width - textWidth(name) - 3
    const said = told === event ? this.dim(fitted(oneLine(event.summary), room)) : this.callLine(event, told, room)
    const line = `${this.mark(told)} ${this.output.emphasise('bold', name)} ${said}`
    if (!told) return [line]
    if (this.isWhole) return [line, ...this.messageLines(told, width - 4).map((each) => `    ${this.dim(each)}`)]
    return told.isError ? [line, ...this.failureLines(errorLines(told), width)] : [line]
  }

  private mark(result: TranscriptEvent | undefined): string {
    if (!result) return this.output.emphasise('yellow', '·')
    return result.isError ? this.output.emphasise('red', '✗') : this.output.emphasise('green', '✓')
  }

  private callLine(event: TranscriptEvent, result: TranscriptEvent | undefined, room: number): string {
    const asked = this.belowCwd(callText(event))
    const came = result === undefined ? 'no result' : result.isError ? '' : resultText(result)
    const tail = came === '' || textWidth(came) > room / 2 ? '' : ` → ${came}`
    return fitted(asked, room - textWidth(tail)) + this.dim(tail)
  }

  /** Where it works goes without saying. */
  private belowCwd(text: string): string {
    if (this.cwd === '') return text
    const moved = `cd ${this.cwd.slice(0, -1)} && `
    return (text.startsWith(moved) ? text.slice(moved.length) : text).replaceAll(this.cwd, '')
  }

  private failureLines(lines: string[], width: number): string[] {
    return lines.map((line) => `    ${this.output.emphasise('red', fitted(line, width - 4))}`)
  }

  private dim(text: string): string {
    return text === '' ? '' : this.output.emphasise('dim', text)
  }
}

function speakerOf({ kind, role, isSidechain }: TranscriptEvent): string {
  if (kind === 'lifecycle' || kind === 'human_intervention' || role === 'system' || role === 'tool') return ''
  if (role === 'user') return isSidechain ? 'task' : 'user'
  return isSidechain ? 'subagent' : 'assistant'
}
