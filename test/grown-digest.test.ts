import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GrownDigestFold } from '../src/domain/transcripts/grown-digest.js'
import { summaryOf } from '../src/domain/transcripts/summary.js'
import { TranscriptEvent } from '../src/domain/transcripts/transcript.js'

type Told = Partial<TranscriptEvent> & { body: string }

let calls = 0
function called(kind: 'tool_call' | 'test_run' | 'edit', args: object, body: string, isError = false): Told[] {
  const toolCallId = `call_${++calls}`
  return [
    { kind, role: 'assistant', tool: kind === 'edit' ? 'Edit' : 'Bash', toolCallId, body: JSON.stringify(args) },
    { kind: isError ? 'error' : 'tool_result', role: 'tool', toolCallId, isError, body },
  ]
}

const asks: Told[] = [{ kind: 'user_msg', role: 'user', body: 'Please go on' }]
const answers: Told[] = [{ kind: 'assistant_msg', role: 'assistant', body: 'Here is what I see.' }]
const isDone: Told[] = [{ kind: 'assistant_msg', role: 'assistant', body: 'All is done and works.' }]
const lists = () => called('tool_call', { command: 'ls' }, 'a')
const fails = () => called('tool_call', { command: 'ls b' }, 'Error: no such thing', true)
const testsPass = () => called('test_run', { command: 'npm test' }, '5 passed')
const testsFail = () => called('test_run', { command: 'npm test' }, '3 passed, 2 failed')
const edits = () => called('edit', { file_path: '/srv/a.ts', new_string: `${'git commit '.repeat(40)}` }, 'ok')
const commits = (message: string) => called('tool_call', { command: `git commit -m '${message}'` }, 'committed')

const sessions: Record<string, Told[][]> = {
  'tests that failed': [asks, testsFail(), answers, asks, lists(), answers],
  'tests that passed, and edits': [asks, testsPass(), edits(), answers, asks, answers],
  'edits after them': [asks, edits(), testsPass(), isDone, asks, edits(), answers],
  'a commit': [asks, commits('Mend it'), answers, asks, lists(), answers],
  'a commit of many words': [asks, commits('word '.repeat(100)), answers, asks, lists(), answers],
  'words of a commit alone': [asks, edits(), answers, asks, lists(), answers],
  'failures in a row': [asks, fails(), fails(), lists(), fails(), answers],
  'failures that a new prompt ends': [asks, fails(), fails(), fails(), answers, asks, answers],
  'a failure after a commit': [asks, commits('Mend it'), fails(), answers, lists(), isDone],
  'work without an answer': [asks, lists(), isDone, asks, lists()],
}

const eventsOf = (told: Told[]) =>
  told.map((each, index) =>
    Object.assign(new TranscriptEvent(), {
      ...{ seq: index + 1, ts: new Date(index * 1000), tool: null, toolCallId: null, bodyRef: null },
      ...{ isError: false, isSidechain: false, summary: summaryOf(each.body), ...each },
    }),
  )

function digestOf(events: TranscriptEvent[], before?: ReturnType<GrownDigestFold['digest']>) {
  const fold = new GrownDigestFold(before)
  for (const event of events) fold.take(event)
  return fold.digest()
}

for (const [name, steps] of Object.entries(sessions)) {
  test(`wherever its texts went, a session ended as the whole of it tells: ${name}`, () => {
    const events = eventsOf(steps.flat())
    const whole = digestOf(events)
    for (let cut = 1; cut <= events.length; cut++) {
      const left = events.map((event, index) =>
        Object.assign(new TranscriptEvent(), event, index < cut && { body: null }),
      )
      assert.deepEqual(digestOf(left, digestOf(events.slice(0, cut))), whole, `cut after ${cut} events`)
    }
  })
}
