import { shortHashJson } from '../canonical-json.js'
import { argumentsIn, callArguments } from './call-arguments.js'
import type { DraftEvent } from './transcript-event.js'

const maxContent = 2_000

/** What activity takes of an event, beside what its row says: kept when the text is gone. */
export interface ActivityFacts {
  /** Where the agent was at work. */
  cwd?: string
  /** Of a call: the first 16 hex digits over its arguments, and the files that these name. */
  argsHash?: string
  files?: string[]
  /** Of a result: its bytes as the agent had it, with the secrets that are hidden in the text. */
  resultSize?: number
  /** Of a correction: what the user said. */
  content?: string
}

/** Undefined for what is no call, no result and no correction. Goes by text in which secrets are hidden. */
export function activityFacts(
  event: Pick<DraftEvent, 'kind' | 'role' | 'tool' | 'body' | 'resultSize'>,
  cwd: string | undefined,
): ActivityFacts | undefined {
  const place = cwd === undefined ? {} : { cwd }
  if (event.role === 'assistant' && event.tool !== undefined) return { ...place, ...factsOfCall(event.body) }
  const { resultSize } = event
  const size = resultSize === undefined ? undefined : { resultSize }
  const content = correctionIn(event)
  return content === undefined ? size : { ...place, ...size, content }
}

function factsOfCall(body: string): ActivityFacts {
  const { files } = callArguments(body)
  const argsHash = hashOf(body)
  return { ...(argsHash && { argsHash }), ...(files.length > 0 && { files }) }
}

/** As for arguments that a caller gives: over their JSON, whatever its form. */
function hashOf(body: string): string | undefined {
  if (body === '') return undefined
  try {
    return shortHashJson(argumentsIn(body))
  } catch {
    return undefined
  }
}

/** Behind it stands what a person said to a call that they did not let through. */
const refusal = /\b(?:the user said|with the following feedback):\s*(\S[\s\S]*)$/
/** That somebody stepped in, without a word: the agents' own marks. */
const mark = /^(\[Request interrupted by user.*|interrupted|[a-z]+(_[a-z]+)+)$/

function correctionIn({ kind, role, body }: Pick<DraftEvent, 'kind' | 'role' | 'body'>): string | undefined {
  if (kind !== 'human_intervention') return undefined
  const said = role === 'user' ? body.trim() : (refusal.exec(body)?.[1] ?? '').trim()
  return said === '' || mark.test(said) ? undefined : said.slice(0, maxContent).toWellFormed()
}
