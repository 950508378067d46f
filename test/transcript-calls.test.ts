import assert from 'node:assert/strict'
import { test } from 'node:test'
import { activityFacts } from '../src/domain/transcripts/activity-facts.js'
import { callArguments } from '../src/domain/transcripts/call-arguments.js'
import { callKind } from '../src/domain/transcripts/call-kind.js'
import { ClaudeReader } from '../src/infrastructure/readers/claude/claude-reader.js'
import { eventsOf, file, lines, recordsOf } from './reader-files.js'
import { testOnBoth } from './test-store.js'
import { transcriptStore } from './transcript-store.js'

const sessionId = '01997e76-0000-7000-8000-00000000000a'
let clock = 0
const record = (type: string, content: unknown) => ({
  ...{ type, uuid: `u${clock}`, sessionId, cwd: '/work', timestamp: new Date(Date.UTC(2026, 0, 1) + 1000 * clock++) },
  message: { role: type, content },
})
const call = (id: string, name: string, input: object) => record('assistant', [{ type: 'tool_use', id, name, input }])
const result = (tool_use_id: string, content: string, is_error = false) =>
  record('user', [{ type: 'tool_result', tool_use_id, content, is_error }])

test('a command runs tests by what it runs, not by a word in it', async () => {
  const kinds: Record<string, string[]> = {
    tool_call: ['grep -rn pytest .', 'jest --version', 'git commit -m "fix jest"', 'pip install pytest', '[ -d a ]'],
    test_run: ['make check', 'sbt test', 'behave', 'npm test', 'bash -lc "pytest -q"', '[ -d a ] && npm test'],
    edit: ['apply_patch <<EOF\n*** Begin Patch\n*** End Patch\nEOF'],
  }
  for (const [kind, commands] of Object.entries(kinds)) {
    const records = lines(...commands.map((command, index) => call(`c${index}`, 'Bash', { command })))
    for (const event of eventsOf(await recordsOf(new ClaudeReader(), file(`${sessionId}.jsonl`, records))))
      assert.equal(event.kind, kind, event.body)
    for (const command of commands) assert.equal(callKind('shell', command), kind, command)
  }
  assert.equal(callKind('Bash', 'grep -rn apply_patch src'), 'tool_call')
  assert.equal(callKind('TodoWrite', null), 'decision')
  assert.equal(callKind('question', null), 'decision')
})

test('what a patch changes, and what a person said to a call, stand in words of many agents', () => {
  const patch = '*** Begin Patch\n*** Update File: a.ts\n*** Add File: b.ts\n*** End Patch'
  for (const text of [patch, JSON.stringify({ command: patch }), JSON.stringify({ patchText: patch })]) {
    assert.deepEqual(callArguments(text).files, ['a.ts', 'b.ts'], text)
  }
  for (const said of ['the user said:\nUse b.', 'The user rejected it with the following feedback: Use b.']) {
    assert.equal(activityFacts({ kind: 'human_intervention', role: 'tool', body: said }, undefined)?.content, 'Use b.')
  }
})

test('a tool edits by its name, however the agent spells it', async () => {
  for (const tool of ['mcp__fs__write_file', 'write_to_file', 'fs_write', 'replace', 'Edit']) {
    const path = file(`${sessionId}.jsonl`, lines(call('c1', tool, { path: 'a.ts' })))
    assert.deepEqual(
      eventsOf(await recordsOf(new ClaudeReader(), path)).map(({ kind }) => kind),
      ['edit'],
      tool,
    )
  }
})

testOnBoth(
  'who searched for the name of a test program ran no tests, and whom a server writes for touched files',
  async (store) => {
    const transcripts = await transcriptStore(store)
    const searched = [
      record('user', 'Where is pytest set up?'),
      call('c1', 'Bash', { command: 'grep -rn pytest .' }),
      result('c1', 'ci.yml: pytest # 1 failed'),
      call('c2', 'mcp__fs__write_file', { path: '/srv/a.md', content: 'x' }),
      result('c2', 'written'),
      record('assistant', [{ type: 'text', text: 'In ci.yml.' }]),
    ]
    await transcripts.ingest({ paths: [file(`${sessionId}.jsonl`, lines(...searched))] })
    const digest = await transcripts.digest(`claude:${sessionId}`)
    assert.deepEqual(
      [digest?.outcome.source, digest?.tests.runs, digest?.markers.tests, digest?.filesTouched],
      ['answered', 0, 0, ['/srv/a.md']],
    )
  },
)

testOnBoth('a digest goes by what calls are known to do today, not by the kinds that were stored', async (store) => {
  const transcripts = await transcriptStore(store)
  const path = file(
    `${sessionId}.jsonl`,
    lines(
      record('user', 'Go on'),
      call('c1', 'Bash', { command: 'grep -rn pytest .' }),
      result('c1', '1 failed'),
      call('c2', 'mcp__fs__write_file', { path: '/srv/a.md' }),
      result('c2', 'written'),
      record('assistant', [{ type: 'text', text: 'There.' }]),
    ),
  )
  await transcripts.ingest({ paths: [path] })
  const before = await transcripts.digest(`claude:${sessionId}`)
  const table = (name: string) => (store.schema ? `${store.schema}.${name}` : name)
  await store.execute(`update ${table('transcript_events')} set kind = 'test_run' where tool = 'Bash'`)
  await store.execute(`update ${table('transcript_events')} set kind = 'tool_call' where tool = 'mcp__fs__write_file'`)
  await store.execute(`update ${table('transcripts')} set digest_version = 1`)
  assert.deepEqual((await transcripts.ingest({ paths: [path] })).digests, { renewed: 1, outdated: 0 })
  const after = await transcripts.digest(`claude:${sessionId}`)
  assert.deepEqual(
    [after?.outcome, after?.tests, after?.filesTouched],
    [before?.outcome, before?.tests, before?.filesTouched],
  )
})
