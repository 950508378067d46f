import type { JsonObject, JsonValue } from '../../domain/canonical-json.js'
import { filesInPatch } from '../../domain/transcripts/call-arguments.js'
import type { TranscriptEvent } from '../../domain/transcripts/transcript.js'
import { plain } from './text-layout.js'

/** What a call is about, the most telling first. */
const telling = [
  ...['command', 'cmd', 'script', 'pattern', 'query', 'file_path', 'notebook_path', 'path', 'filePath'],
  ...['target_file', 'filename', 'url', 'description', 'name', 'prompt', 'input', 'text', 'message'],
]
const shellWords = /^\[\s*"[\w./-]{1,100}",\s*"-\w*c",\s*/
const maxErrorLines = 6

/** What a call was asked, in one line. */
export function callText({ body, summary }: TranscriptEvent): string {
  const text = body ?? summary
  const value = parsed(text)
  return oneLine(patchedFiles(text) ?? (value === undefined ? beginningOf(text) : valueText(value)))
}

function patchedFiles(text: string): string | undefined {
  if (!text.includes('*** Begin Patch')) return undefined
  const files = filesInPatch(text.replaceAll('\\n', '\n'))
  return files.length > 0 ? files.join(', ') : undefined
}

function parsed(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue
  } catch {
    return undefined
  }
}

/** Of a summary, whose JSON is cut: what its most telling member begins with. */
function beginningOf(text: string): string {
  const name = text.startsWith('{') ? telling.find((each) => text.includes(`"${each}":`)) : undefined
  if (name === undefined) return text
  const member = text.slice(text.indexOf(`"${name}":`) + name.length + 3).trimStart()
  const [, said] = /^"((?:[^"\\]|\\.)+)/.exec(member.replace(shellWords, '')) ?? []
  return said?.replace(/\\(.)/g, (_, letter: string) => ('nrt'.includes(letter) ? ' ' : letter)) ?? text
}

function valueText(value: JsonValue): string {
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return wordsText(value)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value.todos) || Array.isArray(value.plan)) return planText(value)
  const name = telling.find((each) => isTelling(value[each]))
  return name === undefined ? membersText(value) : valueText(value[name] ?? null)
}

const isTelling = (value: JsonValue | undefined) => typeof value === 'string' || Array.isArray(value)

/** A shell's own words go without saying. */
function wordsText(words: JsonValue[]): string {
  const [, option, script] = words
  if (words.length === 3 && typeof script === 'string' && /^-\w*c$/.test(String(option))) return script
  return words.map((word) => (typeof word === 'string' ? word : JSON.stringify(word))).join(' ')
}

function planText(value: JsonObject): string {
  const steps = [value.todos, value.plan].find(Array.isArray) ?? []
  const done = steps.filter((step) => (step as JsonObject | null)?.status === 'completed').length
  return `${done} of ${steps.length} steps done`
}

const membersText = (value: JsonObject) =>
  Object.entries(value)
    .map(([name, member]) => `${name}: ${typeof member === 'string' ? member : JSON.stringify(member)}`)
    .join(', ')

/** What came back, where that is one short line; else how many lines it is. */
export function resultText({ body, summary, bodyBytes }: TranscriptEvent): string {
  const lines = plain(body ?? summary)
    .split('\n')
    .filter((line) => line.trim() !== '')
  if (lines.length > 1) return `${lines.length} lines`
  return body === null && bodyBytes > summary.length ? '' : (lines[0]?.trim() ?? 'nothing')
}

/** What an error says: its first lines and its last ones. */
export function errorLines({ body, summary }: TranscriptEvent): string[] {
  const text = plain(body ?? summary).replace(/<\/?tool_use_error>/g, '')
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  if (lines.length <= maxErrorLines) return lines
  const half = maxErrorLines / 2
  return [...lines.slice(0, half), `… ${lines.length - maxErrorLines + 1} more lines`, ...lines.slice(1 - half)]
}

export const oneLine = (text: string) => plain(text).replace(/\s+/g, ' ').trim()
