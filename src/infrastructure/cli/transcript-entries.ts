import type { TranscriptDigest } from '../../domain/transcripts/digest.js'
import type { Transcript, TranscriptEvent } from '../../domain/transcripts/transcript.js'
import type { RecurringError } from '../../domain/transcripts/transcript-service.js'
import { isCall } from './folded-calls.js'
import { count, estimated, type Output } from './output.js'
import { fitted, plain } from './text-layout.js'
import { callText, oneLine } from './tool-texts.js'
import { durationText, inOutcomeColour, maxTitleWidth, titleOf } from './transcript-header.js'

const outcomeWidth = 9
/** That of `human_intervention`; a tool with a long name pushes what follows to the right. */
const nameWidth = 18
const unlimited = Number.POSITIVE_INFINITY
const minute = (date: Date | null) => date?.toISOString().slice(0, 16).replace('T', ' ') ?? 'unknown time    '
const day = (date: Date | null) => date?.toISOString().slice(0, 10) ?? 'unknown'

/** A transcript in two lines: what it came to, when it was and what it was about; below it where to find it. */
export function transcriptEntry(transcript: Transcript, digest: TranscriptDigest | undefined, output: Output): string {
  const { uid, project, startedAt, endedAt, figures, outcome, estimatedCostUsd } = transcript
  const head = `${outcome.padEnd(outcomeWidth)}  ${minute(startedAt)}  `
  const title = fitted(titleOf(transcript, digest), Math.min((output.width ?? unlimited) - head.length, maxTitleWidth))
  const facts = [
    uid,
    oneLine(project ?? ''),
    startedAt && endedAt ? durationText(endedAt.getTime() - startedAt.getTime()) : '',
    figures.toolErrors > 0 ? count(figures.toolErrors, 'error') : '',
    estimatedCostUsd === null ? '' : estimated(estimatedCostUsd),
  ]
  const below = `${' '.repeat(outcomeWidth + 2)}${facts.filter(Boolean).join(' · ')}`
  const shownTitle = output.emphasise('bold', title)
  const verdict = inOutcomeColour(outcome, outcome.padEnd(outcomeWidth), output)
  return `${verdict}  ${minute(startedAt)}  ${shownTitle}\n${output.emphasise('dim', fitted(plain(below), output.width ?? unlimited))}`
}

/** An event in one line, and its text below it where that was brought. */
export function eventText(event: TranscriptEvent, output: Output): string {
  const { seq, ts, kind, tool, isError, summary, body } = event
  const time = ts?.toISOString().slice(0, 19).replace('T', ' ') ?? ''
  const head = `#${seq}`.padEnd(6)
  const name = `${kind}${tool === null ? '' : ` ${oneLine(tool)}`}`.padEnd(nameWidth)
  const line = `${head} ${time} ${isError ? '✗' : ' '} ${name}`
  const shown = output.emphasise(isError ? 'red' : 'bold', line)
  if (body !== null) return `${shown.trimEnd()}\n${indented(plain(body).trimEnd())}`
  const room = (output.width ?? unlimited) - line.length - 2
  return `${shown}  ${output.emphasise('dim', room > 3 ? fitted(isCall(event) ? callText(event) : oneLine(summary), room) : '')}`
}

const indented = (text: string) => text.replace(/^(?=.)/gm, '  ')

/** An error in two lines, or three: what it says; how often, where and when; who got past it. */
export function recurringErrorEntry(error: RecurringError, output: Output): string {
  const { sample, count: times, transcripts, tools, passedIn } = error
  const facts = [
    `${count(times)} × in ${count(transcripts, 'transcript')}`,
    trendText(error),
    tools.map(oneLine).join(', '),
    spanText(error),
    passedIn.length === 0 ? 'never got past' : '',
  ]
  const more = passedIn.length > 1 ? ` and ${count(passedIn.length - 1)} more` : ''
  const below = [facts.filter(Boolean).join(' · '), passedIn.length === 0 ? '' : `got past in ${passedIn[0]}${more}`]
  const width = output.width ?? unlimited
  return [
    output.emphasise('red', fitted(oneLine(sample), width)),
    ...below.filter(Boolean).map((line) => output.emphasise('dim', fitted(plain(`  ${line}`), width))),
  ].join('\n')
}

/** With what it goes by, where it came in the last two weeks. */
function trendText({ trend, recentCount, earlierCount }: RecurringError): string {
  return trend === 'quiet' ? trend : `${trend}, ${count(recentCount)} in 7 days after ${count(earlierCount)}`
}

function spanText({ firstAt, lastAt }: RecurringError): string {
  const [first, last] = [day(firstAt), day(lastAt)]
  return first === last ? first : `${first} to ${last}`
}
