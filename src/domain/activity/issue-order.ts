import { ActivityEvent } from './activity-event.js'
import type { NewEvent } from './activity-repository.js'
import type { EventStatement } from './activity-source-repository.js'

export type IssueState = Pick<ActivityEvent, 'state' | 'ts' | 'nativeId'>

/**
 * An issue file dates how its issue began and ended, and no state between. In its first state it is from its
 * beginning on; in one that came after another, from when the file was written, once for each time that it
 * came. Undefined when the state that it is in was recorded without a native id.
 *
 * @param history what is recorded of the states of the issue, the newest first
 */
export function inOrder({ event, later }: EventStatement, history: IssueState[]): NewEvent | undefined {
  const { state, nativeId } = event.event
  const before = history.findIndex((each) => each.state !== state)
  const other = history[before]
  if (!later || !other) return event
  const since = history[before - 1]
  if (!since) return called(later, `${later.event.nativeId}:${other.ts.toISOString()}`)
  if (since.nativeId === nativeId) return event
  return since.nativeId === null ? undefined : called(later, since.nativeId)
}

const called = (later: NewEvent, nativeId: string): NewEvent => ({
  ...later,
  event: Object.assign(new ActivityEvent(), later.event, { nativeId }),
})
