import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseFrontmatter } from '../src/application/activity/frontmatter.js'
import type { BackfillOptions, Hansard } from '../src/index.js'
import { SourceFolder } from './backfill-files.js'
import { processorMs } from './processor-time.js'
import { type TestStore, testOn } from './test-store.js'

const parsed = (...lines: string[]) =>
  Object.fromEntries(parseFrontmatter(['---', ...lines, '---', ''].join('\n')).fields)

test('frontmatter gives the values of its flat lines, and leaves out what is none', () => {
  const read = parsed(
    'id: BUG-7 # the seventh',
    "title: 'it''s torn",
    "  in two'",
    'quoted: "a: b \\u00e9" # aside',
    'bare: a: b',
    'empty:',
    'none: null',
    'list: [a, b]',
    'labels:',
    '- one',
    '  - two',
    'block: |',
    '  some text',
    '# a comment',
    '',
    'date: 2026-01-05',
  )
  const expected = { id: 'BUG-7', title: "it's torn in two", quoted: 'a: b é', bare: 'a: b', date: '2026-01-05' }
  assert.deepEqual(read, expected)
})

test('malformed frontmatter says what is wrong, and where', () => {
  const refusal = (text: string) => {
    try {
      return parseFrontmatter(text)
    } catch (error) {
      return (error as Error).message
    }
  }
  assert.match(String(refusal('# Title\n')), /has no frontmatter/)
  assert.match(String(refusal('---\nid: a\n')), /no --- ends/)
  assert.match(String(refusal('---\nid: a\nnonsense\n---\n')), /^line 3: is not key: value/)
  assert.match(String(refusal("---\nid: 'a\n---\n")), /^line 2: has a quote that is not closed/)
  assert.match(String(refusal('---\nid: [oops\n---\n')), /^line 2: has a list or map that is not closed/)
  assert.match(String(refusal('---\nid: {a: b # }\n---\n')), /^line 2: has a list or map/)
  assert.match(String(refusal('---\nid: ]\n---\n')), /^line 2: has a list or map/)
  assert.match(String(refusal('---\nid: a\nid: b\n---\n')), /^line 3: id is there twice/)
  assert.match(String(refusal('---\nid: "\\q"\n---\n')), /^line 2: has an escape/)
})

test('a million of anything is read in no time', () => {
  const taken = processorMs(readMillions)
  assert.ok(taken < 8_000, `${taken} ms`)
})

function readMillions(): void {
  for (const many of [' ', '#', ' #', "'", '"', '\\', '[', '\t', '- ', '\n', '\n ', '\u2028 '])
    for (const [before, after] of [
      ['id: a', 'b'],
      ['id:', '\u2028'],
      ["id: '", "' b"],
      ['id: "', '" b'],
      ['id', ''],
    ] as const) {
      const text = `---\n${before}${many.repeat(1_000_000 / many.length)}${after}\n---\n`
      try {
        parseFrontmatter(text)
      } catch (error) {
        assert.match(String(error), /line \d+: /)
      }
    }
}

async function backfilled(
  store: TestStore,
  work: (folder: SourceFolder) => void,
): Promise<{ hansard: Hansard; again: () => ReturnType<Hansard['activity']['backfill']> }> {
  const hansard = await store.open()
  const folder = new SourceFolder()
  store.afterwards(folder.remove)
  work(folder)
  const sources: BackfillOptions = {
    issuesDir: folder.at('issues'),
    loopsDir: folder.at('loops'),
    transcripts: [folder.at('transcripts')],
  }
  const again = () => hansard.activity.backfill(sources)
  await again()
  return { hansard, again }
}

const dated = { completed_at: '2026-01-05' }

testOn('sqlite', 'an issue is known by its id, and two issues are never one', async (store) => {
  const { hansard } = await backfilled(store, (folder) => {
    folder.issue('issues/P3-BUG-1-x.md', { id: 'BUG-1', ...dated })
    folder.issue('issues/P3-ENH-1-x.md', { id: 'ENH-1', ...dated })
    folder.issue('issues/P2-BUG-2-x.md', { id: '2', ...dated })
    folder.issue('issues/P2-BUG-3-x.md', { ...dated })
    folder.issue('issues/BUG-4-x.md', { id: 'P1-BUG-4', ...dated })
    folder.issue('issues/plain name.md', { ...dated })
    for (const name of ['epic-a/index', 'epic-b/index', 'release-2-notes', 'release-2-plan', 'utf-8-bug'])
      folder.issue(`issues/${name}.md`, { ...dated })
    folder.issue('issues/BUG-5.md', { id: '77', ...dated })
    folder.issue('issues/odd.md', { id: "'a:b'", ...dated })
    folder.issue('issues/odder.md', { id: 'a', status: "'b:done'", ...dated })
  })
  const { items } = await hansard.activity.recent({ kind: 'issue' })
  assert.deepEqual(
    items.map(({ issueId }) => String(issueId)).sort(),
    [
      ...['77', 'BUG-1', 'BUG-2', 'BUG-3', 'BUG-4', 'ENH-1', 'a', 'a:b', 'plain name'],
      ...['epic-a/index', 'epic-b/index', 'release-2-notes', 'release-2-plan', 'utf-8-bug'],
    ].sort(),
  )
})

testOn('sqlite', 'the time of an issue is when it was completed, else captured, else discovered', async (store) => {
  const { hansard } = await backfilled(store, (folder) => {
    const discovered = { discovered_date: "'2026-01-01'" }
    const captured = { ...discovered, captured_at: '2026-01-02T10:00:00.250+02:00' }
    folder.issue('issues/A-1.md', { status: 'completed', completed_at: '2026-01-03 09:00', ...captured })
    folder.issue('issues/A-2.md', { status: 'in-progress', ...captured })
    folder.issue('issues/A-3.md', discovered, '# A-3: A title')
    folder.issue('issues/A-4.md', { discovered_by: 'ada', title: '"T"' })
    folder.issue('issues/A-5.md', { completed_at: '2026-02-30' })
  })
  const { items } = await hansard.activity.recent({ kind: 'issue' })
  const of = (id: string) => items.find(({ issueId }) => issueId === id)
  const at = (id: string) => [of(id)?.state, of(id)?.ts.toISOString()]
  assert.deepEqual(at('A-1'), ['done', '2026-01-03T09:00:00.000Z'])
  assert.deepEqual(at('A-2'), ['in_progress', '2026-01-02T08:00:00.250Z'])
  assert.deepEqual(at('A-3'), ['open', '2026-01-01T00:00:00.000Z'])
  assert.equal(of('A-3')?.payload.title, 'A-3: A title')
  assert.deepEqual(of('A-4')?.payload, { transition: 'open', discoveredBy: 'ada', title: 'T', tsFrom: 'file' })
  const [reject] = (await hansard.activity.rejects()).items
  assert.match(reject?.reason ?? '', /completed_at is no date: "2026-02-30"/)
})

testOn('sqlite', 'a run of a loop is one event, wherever its state file goes', async (store) => {
  const state = { loop_name: 'fix', started_at: '2026-01-05T09:00:00.123456+00:00', current_state: 'verify' }
  const running = 'loops/.running/fix-20260105T090000.state.json'
  const ended = 'loops/.history/2026-01-05T090000-fix/state.json'
  let folder!: SourceFolder
  const { hansard, again } = await backfilled(store, (each) => {
    folder = each
    folder.loop(running, { ...state, status: 'running', retry_counts: { verify: 2, build: 1 }, iteration: 4 })
  })
  const facts = async () => {
    const { items } = await hansard.activity.recent({ name: 'fix' })
    return items.map((each) => [each.id, each.state, each.retries, each.failed, each.issueId, each.ts.toISOString()])
  }
  const [first] = await facts()
  assert.deepEqual(first?.slice(1), ['running', 3, false, null, '2026-01-05T09:00:00.123Z'])
  folder.move(running, ended)
  const rest = { status: 'timed_out', issue_id: 'BUG-1', updated_at: '2026-01-05T10:00:00Z' }
  folder.loop(ended, { ...state, ...rest })
  assert.deepEqual((await again()).byKind, { loop: { inserted: 0, updated: 1, skipped: 0 } })
  assert.deepEqual(await facts(), [[first?.[0], 'timed_out', 3, true, 'BUG-1', '2026-01-05T10:00:00.000Z']])
})

testOn('sqlite', 'states of runs are looked for at any depth of the history, and nowhere else', async (store) => {
  const { hansard } = await backfilled(store, (folder) => {
    folder.loop('loops/.history/2026-01-04T090000-old/state.json', { loop_name: 'old', status: 'failed' })
    folder.write('loops/.history/2026-01-04T090000-old/events.jsonl', 'not looked at')
    folder.write('loops/.history/2026-01-03T090000-torn/state.json', '{"loop_name"')
    folder.write('loops/other.json', '{}')
  })
  const { items } = await hansard.activity.recent({ kind: 'loop' })
  assert.deepEqual(
    items.map(({ name, failed, payload }) => [name, failed, payload.run]),
    [['old', true, '2026-01-04T090000-old']],
  )
  assert.equal((await hansard.activity.rejects()).items.length, 1)
})

testOn('sqlite', 'a call without an id, a time or a session is a call all the same', async (store) => {
  const { hansard, again } = await backfilled(store, (folder) => {
    const use = (block: object) => `${JSON.stringify({ type: 'assistant', message: { content: [block] } })}\n`
    const bash = { type: 'tool_use', name: 'Bash', input: { command: 'ls' } }
    const edit = { type: 'tool_use', name: 'Edit', id: 'e', input: { file_path: 'src/a.ts' } }
    const rest = ['{"type":"user","message":{"content":"hi"}}\n', '[]\n', use({ type: 'tool_use', id: 'n' })]
    folder.write('transcripts/deep/session-9.jsonl', [use(bash), use(edit), '\n', ...rest].join(''))
    folder.write('transcripts/.hidden/one.jsonl', use(bash))
    folder.write('transcripts/notes.txt', 'not looked at')
  })
  const { items } = await hansard.activity.recent({ kind: 'tool', sessionId: 'session-9' })
  assert.deepEqual(items.map(({ name, path }) => `${name} ${path}`).sort(), ['Bash null', 'Edit src/a.ts'])
  assert.ok(items.every(({ payload }) => payload.tsFrom === 'file'))
  const { items: rejects } = await hansard.activity.rejects()
  assert.deepEqual(rejects.map(({ place }) => place).sort(), ['line 5', 'line 6'])
  assert.equal((await again()).inserted, 0)
})

testOn('sqlite', 'a path in place of a list of paths is refused as no list', async (store) => {
  const { activity } = await store.open()
  const refusal = (options: object) => activity.backfill(options).catch((error: Error) => error)
  assert.match(String(await refusal({ transcripts: 'a.jsonl' })), /transcripts: must be a list \(it is "a\.jsonl"\)/)
  assert.match(String(await refusal({ transcripts: [''] })), /transcripts: must be non-empty text/)
})
