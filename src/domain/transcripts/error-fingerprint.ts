import { hash } from 'node:crypto'
import { errorLine } from './error-line.js'
import { errorOutput } from './error-output.js'
import { cut, errorTemplate } from './error-template.js'
import { saysFailure } from './failure-words.js'

/** Raised by every change of the rules that gives some error another key; what has an older one keeps it. */
export const errorFingerprintVersion = 1

/** An error with its variable parts removed. */
export interface ErrorFingerprint {
  version: number
  /** 16 hex digits: the same for the same error, whatever the tool, session or machine. */
  key: string
  /** What the key stands for, readable: at most 300 UTF-16 units. */
  template: string
  /** The line as it was: at most 300 UTF-16 units. */
  sample: string
}

/** What is known of the call that failed. */
export interface FailedCall {
  /** Name of the tool, such as `Bash`. */
  tool?: string
  /** The command that it ran, where it ran one. */
  command?: string
  /** Where absent, the exit code that the body itself names. */
  exitCode?: number
}

const maxSample = 300

const declined =
  /^\s{0,80}(?:the user doesn't want to (?:proceed|take this action)|\[request interrupted by user|(?:tool (?:use|call)|exec command|command|patch|request) (?:was )?(?:rejected|declined|cancell?ed|denied|aborted|interrupted) by (?:the )?user|user (?:has )?(?:rejected|declined|denied|cancell?ed|aborted|interrupted)|(?:aborted|rejected|cancell?ed|interrupted) by (?:the )?user|permission to use .{1,200} has been denied|claude requested permissions? to|this command requires approval|<turn_aborted>)/i

/**
 * The fingerprint of the error in the body of a failed tool result, of an API error or of an error event.
 *
 * Secrets must be redacted before: the sample is kept. Of a body above 128 Ki UTF-16 units the first and last 64 Ki
 * are read. Nothing for what is no error: a user's refusal or interruption, a search or comparison that found
 * nothing (exit code 1 of grep, diff and the like), an empty body without an exit code other than 0.
 *
 * @example
 * errorFingerprint("ENOENT: no such file or directory, open '/home/ann/a.json'")
 * // { version: 1, key: '…', template: "ENOENT: no such file or directory, open '<path>'", sample: "ENOENT: … '/home/ann/a.json'" }
 */
export function errorFingerprint(body: string, call: FailedCall = {}): ErrorFingerprint | undefined {
  const output = errorOutput(body)
  const exitCode = call.exitCode ?? output.exitCode
  const sample = errorLine(output.lines) ?? silence(exitCode, call.command)
  if (sample === undefined || isExpected(output.lines, exitCode, call)) return undefined
  const template = errorTemplate(sample)
  const key = hash('sha256', `${errorFingerprintVersion}\n${template.toLowerCase()}`).slice(0, 16)
  return { version: errorFingerprintVersion, key, template, sample: cut(sample, maxSample) }
}

function silence(exitCode: number | undefined, command: string | undefined): string | undefined {
  if (exitCode === undefined || exitCode === 0) return undefined
  const word = command && commandWord(command)
  return `<no output, exit code ${exitCode}>${word ? ` ${word}` : ''}`
}

const findsOrCompares = /^(?:[ef]?grep|rg|ag|ack|diff|cmp|comm|test|\[|pgrep|which|command|git (?:diff|grep))$/i

function isExpected(lines: readonly string[], exitCode: number | undefined, { command, tool }: FailedCall): boolean {
  if (lines.slice(0, 20).some((line) => declined.test(line))) return true
  if (exitCode !== 1 || !findsOrCompares.test(commandWord(command ?? tool ?? ''))) return false
  return (
    !lines.some((line) => line.trim()) || (/diff|cmp|comm/.test(commandWord(command ?? '')) && !lines.some(saysFailure))
  )
}

/** The program of the last command in a line of them: its exit code is that of the line. */
function commandWord(command: string): string {
  const last =
    command
      .slice(0, 4000)
      .split(/&&|\|\||[;|\n]/)
      .map((each) => each.trim())
      .findLast(Boolean) ?? ''
  const words = last.split(/\s{1,100}/).filter((word) => !/^(?:\w{1,100}=|sudo$|time$|exec$|env$|\()/.test(word))
  const program = words[0]?.split('/').at(-1) ?? ''
  return program === 'git' && words[1] ? `git ${words[1]}` : program
}
