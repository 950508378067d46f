import type { TranscriptDigest } from '../../domain/transcripts/digest.js'
import type { Transcript } from '../../domain/transcripts/transcript.js'
import { count, type Emphasis, estimated, instant, type Output } from './output.js'
import { fitted, plain, wrapped } from './text-layout.js'
import { oneLine } from './tool-texts.js'

/** A first prompt may be of any length. */
export const maxTitleWidth = 100

/** What an outcome rests on, as its source names it. */
const reasons: Record<string, string> = {
  test_run: 'by the last run of its tests',
  exit_code: 'by the exit code of what it ran last',
  is_error: 'its last call failed',
  commit: 'it committed its work',
  completion: 'the agent reported its completion',
  interruption: 'somebody broke it off',
  unanswered: 'its last prompt has no answer',
  pending_call: 'its last call has no result',
  words: 'by the words of its last answer',
  answered: 'the agent had the last word, and nothing else tells',
  none: 'nothing tells',
}

/** How certain an outcome is, and why. */
export const certaintyText = (confidence: number, source: string) =>
  `${Math.round(confidence * 100)} % sure: ${reasons[source] ?? plain(source)}`

const outcomeColours: Record<string, Emphasis> = { success: 'green', fail: 'red', abandoned: 'yellow', unknown: 'dim' }

export const inOutcomeColour = (outcome: string, text: string, output: Output) =>
  output.emphasise(outcomeColours[outcome] ?? 'dim', text)

/** What a transcript is, what it came to and what it cost. */
export function transcriptHeader(transcript: Transcript, digest: TranscriptDigest | undefined, output: Output): string {
  const facts = [
    [transcript.domain, transcript.project, transcript.branch, transcript.model],
    [transcript.cwd, transcript.repo === transcript.cwd ? '' : transcript.repo],
    [timeText(transcript), count(transcript.turns, 'turn')],
    workTexts(transcript, digest),
    costTexts(transcript),
    stateTexts(transcript),
  ]
  const lines = facts.map((line) => line.filter(Boolean).join(' · ')).filter((line) => line !== '')
  const width = output.width ?? Number.POSITIVE_INFINITY
  return [
    output.emphasise('bold', fitted(titleOf(transcript, digest), Math.min(width, maxTitleWidth))),
    ...[transcript.uid, ...lines]
      .flatMap((line) => wrapped(plain(line), width))
      .map((line) => output.emphasise('dim', line)),
    outcomeText(transcript, output),
  ].join('\n')
}

/** Its own title, else what was asked first. */
export function titleOf({ title }: Transcript, digest: TranscriptDigest | undefined): string {
  return oneLine(title ?? digest?.firstPrompt ?? '') || 'Untitled'
}

export function outcomeText(transcript: Transcript, output: Output): string {
  const { outcome, outcomeConfidence, outcomeSource } = transcript
  const reason = certaintyText(outcomeConfidence, outcomeSource)
  const lines = wrapped(`${outcome} · ${reason}`, output.width ?? Number.POSITIVE_INFINITY)
  const [first = '', ...rest] = lines.map((line, index) => (index === 0 ? line.slice(outcome.length) : line))
  const verdict = inOutcomeColour(outcome, outcome, output) + output.emphasise('dim', first)
  return [verdict, ...rest.map((line) => output.emphasise('dim', line))].join('\n')
}

function timeText({ startedAt, endedAt }: Transcript): string {
  if (!startedAt) return 'at an unknown time'
  if (!endedAt) return instant(startedAt)
  return `${instant(startedAt)}, ${durationText(endedAt.getTime() - startedAt.getTime())}`
}

const units = [
  { name: 'd', ms: 86_400_000 },
  { name: 'h', ms: 3_600_000 },
  { name: 'min', ms: 60_000 },
  { name: 's', ms: 1_000 },
]

/** In its two largest units, as `2 h 5 min`. */
export function durationText(ms: number): string {
  const first = units.findIndex((unit) => ms >= unit.ms)
  if (first < 0) return '0 s'
  let rest = ms
  const parts = units.slice(first, first + 2).map(({ name, ms: unit }) => {
    const whole = Math.floor(rest / unit)
    rest -= whole * unit
    return whole > 0 ? `${whole} ${name}` : ''
  })
  return parts.filter(Boolean).join(' ')
}

function workTexts({ figures }: Transcript, digest: TranscriptDigest | undefined): string[] {
  const { userPrompts, toolCalls, toolErrors } = figures
  const failed = toolErrors > 0 ? ` (${count(toolErrors)} failed)` : ''
  const files = digest?.filesTouched.length ?? 0
  const tests = digest?.tests
  return [
    count(userPrompts, 'prompt'),
    `${count(toolCalls, 'call')}${failed}`,
    files > 0 ? `${count(files, 'file')} changed` : '',
    tests && tests.runs > 0 ? `${count(tests.runs, 'test run')}, ${count(tests.passed)} passed` : '',
  ]
}

function costTexts({ tokens, tokensUncertain, estimatedCostUsd }: Transcript): string[] {
  const { inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens } = tokens
  return [
    `${count(inputTokens)} tokens in`,
    `${count(cacheReadTokens)} from the cache`,
    cacheWriteTokens > 0 ? `${count(cacheWriteTokens)} into it` : '',
    `${count(outputTokens)} out`,
    estimatedCostUsd === null ? '' : estimated(estimatedCostUsd),
    tokensUncertain ? 'perhaps less: it goes on from a session that is not here' : '',
  ]
}

function stateTexts(transcript: Transcript): string[] {
  const { taskRef, parentUid, evictedAt, holdReason, redactions } = transcript
  const hidden = Object.values(redactions).reduce((sum, each) => sum + each, 0)
  return [
    taskRef ?? '',
    parentUid === null ? '' : `from ${parentUid}`,
    hidden > 0 ? `${count(hidden, 'secret')} hidden` : '',
    holdReason === null ? '' : `held: ${holdReason}`,
    evictedAt === null ? '' : `texts evicted ${instant(evictedAt)}`,
  ]
}
