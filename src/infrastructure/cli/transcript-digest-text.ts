import type { TranscriptDigest } from '../../domain/transcripts/digest.js'
import { count, estimated, type Output } from './output.js'
import { fitted, plain, wrappedStart } from './text-layout.js'
import { oneLine } from './tool-texts.js'
import { certaintyText, durationText } from './transcript-header.js'

const usualWidth = 100
const maxExcerptLines = 8
const maxFiles = 20

/** A digest, its figures first, then what was asked and answered, changed and failed. */
export function digestText(digest: TranscriptDigest, output: Output): string {
  const width = Math.min(output.width ?? usualWidth, usualWidth)
  const heading = (text: string) => `\n${output.emphasise('bold', text)}`
  const sections = [
    output.emphasise('bold', plain(digest.uid)),
    ...figureLines(digest),
    ...(digest.firstPrompt === null ? [] : [heading('Asked first'), ...excerpt(digest.firstPrompt, width)]),
    ...(digest.lastAnswer === null ? [] : [heading('Answered last'), ...excerpt(digest.lastAnswer, width)]),
    ...(digest.filesTouched.length === 0 ? [] : [heading('Files changed'), ...fileLines(digest.filesTouched, width)]),
    ...(digest.errors.length === 0 ? [] : [heading('Errors'), ...errorLines(digest, width)]),
  ]
  return sections.join('\n')
}

function figureLines({ outcome, throughSeq, isTrivial, tests, tools, markers, cost }: TranscriptDigest): string[] {
  const { inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens, estimatedCostUsd } = cost
  const called = Object.entries(tools).map(([tool, calls]) => `${oneLine(tool)} ${count(calls)}`)
  return [
    `outcome: ${outcome.outcome}, ${certaintyText(outcome.confidence, outcome.source)}`,
    `events: ${count(throughSeq)}${isTrivial ? ', so short that it tells nothing of how work goes' : ''}`,
    `took: ${durationText(cost.wallClockMs)}, ${count(cost.turns, 'turn')}, ${cost.retries === 0 ? 'nothing' : `${count(cost.retries)} ×`} tried again`,
    `tokens: ${count(inputTokens)} in, ${count(cacheReadTokens)} from the cache, ${count(cacheWriteTokens)} into it, ${count(outputTokens)} out`,
    estimatedCostUsd === null ? '' : `cost: ${estimated(estimatedCostUsd)}`,
    called.length === 0 ? '' : `tools: ${called.join(', ')}`,
    `marks: ${Object.entries(markers)
      .map(([name, times]) => `${name} ${count(times)}`)
      .join(', ')}`,
    tests.runs === 0
      ? ''
      : `tests: ${count(tests.runs, 'run')}, ${count(tests.passed)} passed, ${count(tests.failed)} failed`,
  ].filter((line) => line !== '')
}

function excerpt(text: string, width: number): string[] {
  const { lines, left } = wrappedStart(plain(text).trim(), width - 2, maxExcerptLines - 1)
  return (left === 0 ? lines : [...lines, '…']).map((line) => `  ${line}`.trimEnd())
}

function fileLines(files: string[], width: number): string[] {
  const rest = files.length - maxFiles
  const shown = files.slice(0, maxFiles).map((file) => `  ${fitted(oneLine(file), width - 2)}`)
  return rest > 0 ? [...shown, `  and ${count(rest)} more`] : shown
}

function errorLines({ errors }: TranscriptDigest, width: number): string[] {
  return errors.map(({ sample, count: times, tool, wasPassed }) => {
    const facts = [`${count(times)} ×`, tool === null ? '' : oneLine(tool), wasPassed ? 'got past' : 'not got past']
    return fitted(`  ${facts.filter(Boolean).join(' · ')}: ${oneLine(sample)}`, width)
  })
}
