import assert from 'node:assert/strict'
import { utimesSync } from 'node:fs'
import { SourceFolder } from './backfill-files.js'
import { testOnBoth } from './test-store.js'

testOnBoth(
  'an issue that goes on has the time of its file, once for each time that it came to be so',
  async (store) => {
    const { activity } = await store.open()
    const folder = new SourceFolder()
    store.afterwards(folder.remove)
    let hour = 9
    const tell = async (fields: Record<string, string>, again = false) => {
      const file = folder.issue('BUG-1.md', { id: 'BUG-1', captured_at: '2026-01-01', ...fields })
      const writtenAt = Date.parse(`2026-01-05T${String(hour++).padStart(2, '0')}:00:00Z`) / 1000
      utimesSync(file, writtenAt, writtenAt)
      const { inserted, updated, skipped } = await activity.backfill({ issuesDir: folder.path, again })
      assert.equal(inserted + updated + skipped, 1, 'what a file tells is counted')
      const { items } = await activity.issueHistory('BUG-1')
      return items.map(
        ({ state, ts, payload }) => `${state} ${ts.toISOString().slice(8, 13)} ${String(payload.tsFrom)}`,
      )
    }
    assert.deepEqual(await tell({ status: 'open' }), ['open 01T00 undefined'])
    assert.deepEqual(await tell({ status: 'open', title: 'Known' }), ['open 01T00 undefined'])
    const first = ['open 01T00 undefined', 'in_progress 05T11 file']
    assert.deepEqual(await tell({ status: 'in_progress' }), first)
    const ended = [...first, 'done 05T11 undefined']
    assert.deepEqual(await tell({ status: 'done', completed_at: '2026-01-05T11:30:00Z' }), ended)
    const reopened = [...ended, 'open 05T13 file']
    assert.deepEqual(await tell({ status: 'open', completed_at: '2026-01-05T11:30:00Z' }), reopened)
    assert.deepEqual(await tell({ status: 'open', title: 'Known again' }), reopened)
    assert.deepEqual(await tell({ status: 'open', title: 'Known again' }, true), reopened)
    const twice = [...reopened, 'done 05T15 undefined']
    assert.deepEqual(await tell({ status: 'done', completed_at: '2026-01-05T15:30:00Z' }), twice)
    await activity.record({ kind: 'issue', issueId: 'BUG-1', state: 'open', ts: '2026-01-05T16:00:00Z' })
    assert.deepEqual(await tell({ status: 'open', title: 'A third time' }), [...twice, 'open 05T16 undefined'])
  },
)
