import { isEditTool } from './edit-tools.js'
import { saysFailure, saysSuccess } from './failure-words.js'
import { isTestRun, testRunPassed } from './test-runs.js'

/** What the outcome is inferred from: one event of a transcript, as far as it is known. */
export interface OutcomeEvent {
  /** One of the kinds of transcript events. */
  kind: string
  tool?: string | null
  text?: string | null
  /** The command that a call ran. */
  command?: string | null
  /** Joins a result to its call. */
  toolCallId?: string | null
  /** Of a result; absent where its format tells no status. */
  isError?: boolean | null
  /** Of a result, or of a call that carries its own. */
  exitCode?: number | null
  isSidechain?: boolean
  /** Its text is gone: what that told of tests is known from before. */
  isGone?: boolean
}

/**
 * What an outcome rests on: `test_run`, `exit_code` and `is_error` were reported, `commit` and `completion` were
 * observed, `interruption`, `unanswered` and `pending_call` are how it broke off; `words` are only said, and
 * `answered` means no more than that the agent had the last word.
 */
export type OutcomeSource =
  | 'test_run'
  | 'exit_code'
  | 'is_error'
  | 'commit'
  | 'completion'
  | 'interruption'
  | 'unanswered'
  | 'pending_call'
  | 'words'
  | 'answered'
  | 'none'

export interface Outcome {
  outcome: 'success' | 'fail' | 'abandoned' | 'unknown'
  /** From 0, a guess, to 1. */
  confidence: number
  source: OutcomeSource
}

/** What was made of texts that are gone. */
export interface OutcomeBefore {
  outcome: Outcome
  tests: { last: 'passed' | 'failed' | null }
}

/** What a transcript came to, gathered in one walk. */
interface Course {
  last?: OutcomeEvent
  answer?: string
  calls: Map<string, OutcomeEvent>
  latestCall?: OutcomeEvent
  hasAnswered: boolean
  hasWorked: boolean
  testsPassed?: boolean
  isEditedSinceTests: boolean
  hasCommitted: boolean
  failuresInARow: number
  failedBy: 'exit_code' | 'is_error'
}

/**
 * How a session ended, from its events in their order, one by one: it may be longer than one would hold at once.
 * What tools reported (tests, exit codes, error flags) goes before what was observed, and that before words, which
 * are read whole and with their negation. The side chains of subagents do not count.
 *
 * @example
 * const course = new OutcomeCourse()
 * course.follow({ kind: 'user_msg', text: 'Fix it' })
 * course.outcome()   // { outcome: 'abandoned', confidence: 0.9, source: 'unanswered' }
 */
export class OutcomeCourse {
  private readonly course: Course = {
    calls: new Map(),
    hasAnswered: false,
    hasWorked: false,
    isEditedSinceTests: false,
    hasCommitted: false,
    failuresInARow: 0,
    failedBy: 'is_error',
  }

  /** @param before of texts that are gone: their events are followed all the same */
  constructor(private readonly before?: OutcomeBefore) {
    this.course.testsPassed = before && testsPassedBefore(before)
    this.course.hasCommitted = before?.outcome.source === 'commit'
  }

  follow(event: OutcomeEvent): void {
    if (!event.isSidechain) follow(this.course, event)
  }

  outcome(): Outcome {
    if (this.before && this.course.last?.isGone) return this.before.outcome
    return brokenOff(this.course) ?? reported(this.course) ?? observed(this.course)
  }
}

/** Of what goes before tests, nothing tells what they came to but the digest itself. */
const hidesTests = new Set<OutcomeSource>(['interruption', 'unanswered', 'pending_call', 'exit_code', 'is_error'])

function testsPassedBefore({ outcome, tests }: OutcomeBefore): boolean | undefined {
  if (outcome.source === 'test_run') return outcome.outcome === 'success'
  return hidesTests.has(outcome.source) && tests.last !== null ? tests.last === 'passed' : undefined
}

const untold = new Set(['lifecycle', 'thinking', 'decision', 'retry'])

function follow(course: Course, event: OutcomeEvent): void {
  if (untold.has(event.kind)) return
  course.last = event
  if (isOutcomeOfCall(event)) followResult(course, event)
  else if (event.kind === 'assistant_msg') followAnswer(course, event)
  else if (event.kind === 'user_msg') startOver(course)
  if (isCall(event)) followCall(course, event)
}

function followAnswer(course: Course, { text }: OutcomeEvent): void {
  course.hasAnswered = true
  course.answer = text ?? undefined
}

const isCall = ({ kind }: OutcomeEvent) => kind === 'tool_call' || kind === 'edit' || kind === 'test_run'
// Readers that flag every event say of a call that it is no error, which tells nothing of its result.
const reports = ({ isError, exitCode }: OutcomeEvent) => isError === true || exitCode != null
const isOutcomeOfCall = (event: OutcomeEvent) =>
  event.kind === 'tool_result' || event.kind === 'error' || (isCall(event) && reports(event))

/** A new prompt is a new attempt: what the one before came to no longer decides, but for the tests and the commits. */
function startOver(course: Course): void {
  course.failuresInARow = 0
  course.answer = undefined
}

function followCall(course: Course, event: OutcomeEvent): void {
  course.hasWorked = true
  course.latestCall = event
  if (event.toolCallId) remember(course.calls, event.toolCallId, event)
  if (event.kind === 'edit' || (event.tool && isEditTool(event.tool))) course.isEditedSinceTests = true
}

const maxCalls = 10_000

/** Without its text, and the latest ones alone: a transcript may be longer than memory. */
function remember(calls: Course['calls'], id: string, { kind, tool, command }: OutcomeEvent): void {
  calls.set(id, { kind, tool, command })
  const [oldest] = calls.size > maxCalls ? calls.keys() : []
  if (oldest !== undefined) calls.delete(oldest)
}

function followResult(course: Course, event: OutcomeEvent): void {
  if (hasFailed(event)) {
    course.failuresInARow++
    course.failedBy = event.exitCode ? 'exit_code' : 'is_error'
  } else course.failuresInARow = 0
  const call = callOf(course, event)
  const command = call?.command ?? ''
  if (call?.kind === 'test_run' || isTestRun(command)) followTests(course, event, command)
  else if (commits.test(command)) course.hasCommitted ||= course.failuresInARow === 0
}

const hasFailed = ({ kind, isError, exitCode }: OutcomeEvent) =>
  kind === 'error' || isError === true || (exitCode != null && exitCode !== 0)

const commits = /\bgit (?:-\S{1,80} (?:\S{1,200} )?)?commit\b/

function callOf(course: Course, event: OutcomeEvent): OutcomeEvent | undefined {
  if (isCall(event)) return event
  return event.toolCallId ? course.calls.get(event.toolCallId) : course.latestCall
}

function followTests(course: Course, event: OutcomeEvent, command: string): void {
  if (event.isGone) return void (course.isEditedSinceTests = false)
  const passed = testRunPassed({
    text: event.text ?? '',
    exitCode: event.exitCode ?? undefined,
    isError: event.kind === 'error' ? true : (event.isError ?? undefined),
    command,
  })
  if (passed === undefined) return
  course.testsPassed = passed
  course.isEditedSinceTests = false
}

const outcome = (result: Outcome['outcome'], confidence: number, source: OutcomeSource): Outcome => ({
  outcome: result,
  confidence,
  source,
})

function brokenOff({ last, hasWorked, hasAnswered, calls }: Course): Outcome | undefined {
  if (!last) return outcome('unknown', 0, 'none')
  if (last.kind === 'human_intervention') return outcome('abandoned', 0.8, 'interruption')
  if (last.kind === 'user_msg') return outcome('abandoned', hasWorked || hasAnswered ? 0.7 : 0.9, 'unanswered')
  if (isCall(last) && !reports(last) && calls.size > 0) return outcome('abandoned', 0.5, 'pending_call')
  return undefined
}

function reported(course: Course): Outcome | undefined {
  const { last, testsPassed, isEditedSinceTests, failuresInARow, failedBy } = course
  if (last?.kind === 'error') return outcome('fail', 0.8, failedBy)
  if (testsPassed !== undefined) {
    return outcome(testsPassed ? 'success' : 'fail', isEditedSinceTests ? 0.6 : 0.9, 'test_run')
  }
  if (failuresInARow >= 3) return outcome('fail', 0.8, failedBy)
  return failuresInARow > 0 && !isAnswered(course) ? outcome('fail', 0.7, failedBy) : undefined
}

const isAnswered = ({ last }: Course) => last?.kind === 'assistant_msg' || last?.kind === 'completion'

function observed(course: Course): Outcome {
  const { last, hasCommitted, hasWorked, failuresInARow } = course
  if (hasCommitted && failuresInARow === 0) return outcome('success', 0.8, 'commit')
  const words = inWords(course)
  if (words) return words
  if (last?.kind === 'completion') return outcome('success', hasWorked ? 0.7 : 0.5, 'completion')
  if (isAnswered(course) && hasWorked) return outcome('success', 0.4, 'answered')
  return outcome('unknown', 0.2, isAnswered(course) ? 'answered' : 'none')
}

/** An answer that tells of both tells how it went on: a failure that was mended. */
function inWords({ last, answer, failuresInARow, failedBy }: Course): Outcome | undefined {
  const said = answer ?? last?.text ?? ''
  if (saysSuccess(said)) return outcome('success', last?.kind === 'completion' ? 0.7 : 0.5, 'words')
  if (saysFailure(said)) return outcome('fail', failuresInARow > 0 ? 0.6 : 0.4, 'words')
  return failuresInARow > 0 ? outcome('fail', 0.4, failedBy) : undefined
}
