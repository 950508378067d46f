import type { TranscriptEventKind } from '../../domain/transcripts/transcript-event.js'
import { isObject } from './json-line.js'

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

/** The exit status that a shell tool wrote at the head of its output, or in the JSON around it. */
export function exitStatus(output: string): number | undefined {
  const inJson = /^\s*\{/.test(output) ? statusInJson(output) : undefined
  if (inJson !== undefined) return inJson
  const match = /^(?:Exit code: |Process exited with code )(-?\d{1,9})\b/m.exec(headOf(output))
  return match ? Number(match[1]) : undefined
}

/** What stands before the output itself, which may say the same words. */
function headOf(output: string): string {
  const head = output.slice(0, 400)
  const end = head.search(/^Output:/m)
  return end === -1 ? head : head.slice(0, end)
}

function statusInJson(output: string): number | undefined {
  const value = parsedOr(output)
  const metadata = isObject(value) && isObject(value.metadata) ? value.metadata : undefined
  return typeof metadata?.exit_code === 'number' ? metadata.exit_code : undefined
}
