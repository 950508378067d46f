import type { TranscriptEventKind } from '../../../domain/transcripts/transcript-event.js'

export interface Said {
  kind: TranscriptEventKind
  body: string
}

/** Put before a prompt by the editor or the agent: the prompt is what follows. */
const preface = /^\s*<(system-reminder|ide_[a-z_]{1,40})>[\s\S]*?<\/\1>\s*/
const harness =
  /^(<(command-|local-command-|bash-|task-notification|system-reminder|user-memory-input|ide_)|Caveat:|Stop hook feedback:|This session is being continued)/
const typedByHand = /^<(bash-input|user-memory-input)>([\s\S]*?)(<\/\1>|$)/

/** What the text of a user's record is: a person's words, or the agent's own under that role. */
export function whatWasSaid(text: string): Said {
  const said = text.trimStart()
  if (said.startsWith('[Request interrupted by user')) return { kind: 'human_intervention', body: text }
  if (said.startsWith('<command-') && said.includes('<command-name>')) return { kind: 'user_msg', body: command(said) }
  const byHand = typedByHand.exec(said)
  if (byHand) return { kind: 'human_intervention', body: byHand[2] ?? '' }
  const rest = withoutPrefaces(text)
  if (rest === '' && said !== '') return { kind: 'lifecycle', body: text }
  return harness.test(rest.trimStart()) ? { kind: 'lifecycle', body: text } : { kind: 'user_msg', body: rest }
}

/** Whether a person wrote it: what the agent queues for itself is marked by a tag. */
export function isByPerson(text: string): boolean {
  return whatWasSaid(text).kind !== 'lifecycle'
}

export function isDenial(text: string): boolean {
  return /^(The user doesn't want to (proceed|take this action)|\[Request interrupted by user)/.test(text)
}

function withoutPrefaces(text: string): string {
  let rest = text
  for (let match = preface.exec(rest); match; match = preface.exec(rest)) rest = rest.slice(match[0].length)
  return rest
}

/** `/name arguments`, from the tags that a slash command is written as. */
function command(text: string): string {
  const [name, args] = ['command-name', 'command-args'].map((tag) => inside(text, tag))
  return [name, args].filter(Boolean).join(' ')
}

function inside(text: string, tag: string): string {
  const start = text.indexOf(`<${tag}>`)
  if (start === -1) return ''
  const end = text.indexOf(`</${tag}>`, start)
  return text.slice(start + tag.length + 2, end === -1 ? undefined : end).trim()
}
