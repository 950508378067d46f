import type { EventAmendment } from '../../../domain/transcripts/transcript-event.js'
import type { DraftEvents, EventParts } from '../draft-events.js'
import { optionalText, plainText, textOf } from '../event-text.js'
import { isObject, type JsonRecord } from '../json-line.js'
import { requestIn } from './codex-prompts.js'

type Told = (payload: JsonRecord) => EventParts | undefined

const words = ({ message, text }: JsonRecord) => plainText(message) || plainText(text)
const silent: Told = () => undefined
const thought: Told = (payload) => ({
  kind: 'thinking',
  role: 'assistant',
  body: words(payload),
  voice: { of: 'thought', rank: 1 },
})
const lifecycle: Told = (payload) => ({
  kind: 'lifecycle',
  role: 'system',
  body: words(payload) || plainText(payload.type),
})
const completion: Told = (payload) => ({ kind: 'completion', role: 'system', body: plainText(payload.type) })

/** What the events for the user's screen tell that the history does not; their twins are a second voice. */
const told: Readonly<Record<string, Told>> = {
  user_message: (payload) => ({
    kind: 'user_msg',
    role: 'user',
    body: requestIn(words(payload)),
    voice: { of: 'prompt', rank: 2 },
  }),
  agent_message: (payload) => ({
    kind: 'assistant_msg',
    role: 'assistant',
    body: words(payload),
    voice: { of: 'answer', rank: 1 },
  }),
  agent_reasoning: thought,
  agent_reasoning_raw_content: thought,
  error: (payload) => ({ kind: 'error', role: 'system', body: errorText(payload), isError: true }),
  stream_error: (payload) => ({ kind: 'retry', role: 'system', body: words(payload) || 'stream_error' }),
  turn_aborted: (payload) => ({
    kind: payload.reason === 'interrupted' ? 'human_intervention' : 'lifecycle',
    role: 'user',
    body: plainText(payload.reason) || 'turn_aborted',
  }),
  task_complete: completion,
  turn_complete: completion,
  'turn.completed': completion,
  ...Object.fromEntries(
    'task_started turn_started context_compacted thread_rolled_back entered_review_mode exited_review_mode undo_completed thread_goal_updated'
      .split(' ')
      .map((type) => [type, lifecycle]),
  ),
  ...Object.fromEntries(
    'token_count agent_reasoning_section_break patch_apply_begin patch_apply_end mcp_tool_call_begin mcp_tool_call_end exec_command_begin exec_command_end web_search_begin web_search_end sub_agent_activity item_started item_completed guardian_assessment view_image_tool_call thread_name_updated thread_settings_applied'
      .split(' ')
      .map((type) => [type, silent]),
  ),
}

export function errorText({ message, text, error }: JsonRecord): string {
  const inner = isObject(error) ? error.message : error
  return plainText(message) || plainText(text) || textOf(inner) || 'error'
}

/** False when the type of the event is unknown. */
export function addScreenEvent(payload: JsonRecord, events: DraftEvents): boolean {
  const type = plainText(payload.type)
  if (!Object.hasOwn(told, type)) return /^collab_\w+_(begin|end)$/.test(type)
  const parts = told[type]?.(payload)
  if (parts) events.add(parts)
  return true
}

/** A command or a call that failed, which its output need not say. */
export function amendmentsOf(payload: JsonRecord): EventAmendment[] | undefined {
  const callId = optionalText(payload.call_id)
  return callId && hasFailed(payload) ? [{ joinKey: `result:${callId}`, isError: true }] : undefined
}

function hasFailed({ type, exit_code: status, success, result }: JsonRecord): boolean {
  if (type === 'exec_command_end') return typeof status === 'number' && status !== 0
  if (type === 'patch_apply_end') return success === false
  if (type !== 'mcp_tool_call_end' || !isObject(result)) return false
  return 'Err' in result || (isObject(result.Ok) && (result.Ok.isError === true || result.Ok.is_error === true))
}
