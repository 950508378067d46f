import type { TranscriptEventKind } from '../../domain/transcripts/transcript-event.js'
import { plainText } from './event-text.js'
import { isObject, type JsonRecord } from './json-line.js'

const edits = new Set(
  'edit multiedit write notebookedit apply_patch str_replace str_replace_editor str_replace_based_edit_tool search_replace strreplace write_file edit_file create_file replace'.split(
    ' ',
  ),
)
const decisions = new Set('exitplanmode askuserquestion update_plan todowrite request_user_input'.split(' '))
const shells =
  /^(bash|shell|local_shell|exec_command|run_shell_command|run_terminal_cmd|run_terminal_command|execute_command|terminal)$/
const testRun =
  /\b(pytest|jest|vitest|go test|cargo (test|nextest)|(npm|pnpm|yarn|bun)( run)? test\S*|(pnpm|npx) .{0,80}\btest|node( \S{1,80}){0,4} --test|mvn( -\S+){0,4} test|gradlew? test|rspec|phpunit|ctest|tox|unittest|make test|deno test|dotnet test)\b/

/** What a call does, by the name of the tool and, of a shell, by its command. */
export function callKind(tool: string, input: unknown): TranscriptEventKind {
  const name = tool.toLowerCase()
  if (edits.has(name)) return 'edit'
  if (decisions.has(name)) return 'decision'
  const command = shells.test(name) ? shellCommand(input) : ''
  if (command.includes('apply_patch')) return 'edit'
  return testRun.test(command.slice(0, 4096)) ? 'test_run' : 'tool_call'
}

/** The command in a shell's arguments: a string, words, or JSON of either. */
export function shellCommand(input: unknown): string {
  const value = typeof input === 'string' ? parsedOr(input) : input
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.filter((word) => typeof word === 'string').join(' ')
  if (!isObject(value)) return ''
  const { command, cmd, script } = value
  return shellWords(command ?? cmd ?? script)
}

const shellWords = (words: unknown): string =>
  Array.isArray(words)
    ? words.filter((word) => typeof word === 'string').join(' ')
    : typeof words === 'string'
      ? words
      : ''

function parsedOr(text: string): unknown {
  if (!/^\s*[[{"]/.test(text)) return text
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

const statusAhead =
  /^(?:Exit code: |(?:(?:Chunk ID|Wall time|Original token count)\b[^\n]{0,80}\n){0,4}Process exited with code |failed in sandbox [^\n]{0,120}?exit code: )(-?\d{1,9})\b/

export interface ToolOutput {
  text: string
  /** The exit status that a shell tool wrote at the head of it, or in the JSON around it. */
  status: number | undefined
}

/** The output itself, of one that came as JSON with its exit status. */
export function toolOutput(written: string): ToolOutput {
  const value = /^\s*\{/.test(written) ? parsedOr(written) : undefined
  const { output, metadata }: JsonRecord = isObject(value) ? value : {}
  const isWrapped = typeof output === 'string' && /^\s*\{"output":/.test(written)
  const inJson = isObject(metadata) && typeof metadata.exit_code === 'number' ? metadata.exit_code : undefined
  return { text: isWrapped ? plainText(output) : written, status: inJson ?? statusIn(written) }
}

function statusIn(output: string): number | undefined {
  const match = statusAhead.exec(output.slice(0, 600))
  return match ? Number(match[1]) : undefined
}
