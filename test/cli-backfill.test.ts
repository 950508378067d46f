import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BackfillReport } from '../src/index.js'
import { callLines, SourceFolder } from './backfill-files.js'
import { Terminal } from './terminal.js'

const backfill = (terminal: Terminal, ...options: string[]) =>
  terminal.json<BackfillReport>('activity', 'backfill', ...options)

function folderWithSources(): SourceFolder {
  const folder = new SourceFolder()
  folder.issue('.issues/BUG-1.md', { id: 'BUG-1', completed_at: '2026-01-05' })
  folder.loop('.loops/.running/fix.state.json', { loop_name: 'fix', started_at: '2026-01-05T09:00:00Z' })
  folder.write('transcripts/one.jsonl', `${callLines(1, 2)}no\n`)
  return folder
}

test('a backfill of all three sources reports what it did, and a second one that there was nothing to do', async () => {
  const terminal = new Terminal()
  const folder = folderWithSources()
  const places = ['--issues', folder.at('.issues'), '--loops', folder.at('.loops'), '--transcripts', folder.at('.')]
  const first = await backfill(terminal, ...places, folder.at('nowhere'))
  assert.deepEqual([first.inserted, first.failed, first.rejects], [4, 1, 1])
  assert.deepEqual(first.sources.transcripts, {
    status: 'read',
    absent: [folder.at('nowhere')],
    files: 1,
    unchanged: 0,
    pending: 0,
  })
  const second = await backfill(terminal, ...places)
  assert.deepEqual([second.inserted, second.failed, second.rejects], [0, 0, 1])
  const { stdout, exitCode } = await terminal.type(['activity', 'backfill', ...places])
  assert.equal(exitCode, 0)
  assert.match(stdout, /issues: 1 file, 1 as before\n.*\n.*\n0 events inserted/)
  const { items } = await terminal.json<{ items: { place: string }[] }>('activity', 'rejects', '--limit', '5')
  assert.deepEqual(
    items.map(({ place }) => place),
    ['line 3'],
  )
  assert.match((await terminal.type(['activity', 'rejects'])).stdout, /line 3/)
  await folder.remove()
})

test('without a source named it looks for .issues and .loops, and says that they are absent', async () => {
  const terminal = new Terminal()
  const folder = folderWithSources()
  const home = process.cwd()
  try {
    process.chdir(folder.path)
    const { inserted, sources } = await backfill(terminal)
    assert.deepEqual([inserted, sources.transcripts.status], [2, 'none'])
    process.chdir(folder.at('transcripts'))
    const elsewhere = await backfill(terminal)
    assert.deepEqual(elsewhere.sources.issues.absent, [`${process.cwd()}/.issues`])
    const { stdout, exitCode } = await terminal.type(['activity', 'backfill'])
    assert.equal(exitCode, 0)
    assert.match(stdout, /issues: absent: .*\.issues\nloops: absent: .*\ntranscripts: not asked for\n0 events inserted/)
    assert.equal((await backfill(terminal, '--transcripts', '.')).inserted, 2)
  } finally {
    process.chdir(home)
    await folder.remove()
  }
})

test('rejects of nothing are none', async () => {
  const terminal = new Terminal()
  await backfill(terminal, '--issues', 'no such folder')
  assert.equal((await terminal.type(['activity', 'rejects'])).stdout, 'No rejects.\n')
})
