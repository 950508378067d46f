import { isEditTool } from './edit-tools.js'
import { isTestRun } from './test-runs.js'
import type { TranscriptEventKind } from './transcript-event.js'

const decisions = new Set(
  'exitplanmode askuserquestion update_plan todowrite request_user_input question plan_enter plan_exit'.split(' '),
)

/** What a call does, by the name of the tool and by the command in its arguments. */
export function callKind(tool: string, command: string | null): TranscriptEventKind {
  if (isEditTool(tool)) return 'edit'
  if (decisions.has(tool.toLowerCase())) return 'decision'
  if (command?.includes('*** Begin Patch')) return 'edit'
  return command && isTestRun(command) ? 'test_run' : 'tool_call'
}
