import assert from 'node:assert/strict'
import { callLine, resultLine, SourceFolder } from './backfill-files.js'
import { type TestStore, testOnBoth } from './test-store.js'

async function readerOf(store: TestStore) {
  const { activity } = await store.open()
  const folder = new SourceFolder()
  store.afterwards(folder.remove)
  const run = async () => {
    const { inserted, failed, rejects } = await activity.backfill({ transcripts: [folder.path] })
    return { inserted, failed, rejects }
  }
  const places = async () => (await activity.rejects()).items.map(({ place, reason }) => `${place}: ${reason}`).sort()
  return { activity, folder, run, places }
}

testOnBoth('a line that no database and no stack takes is a reject of its own', async (store) => {
  const { folder, run, places } = await readerOf(store)
  const nul = String.fromCharCode(0)
  const depth = 5_000
  const deep = resultLine('deep').replace('"done"', '['.repeat(depth) + ']'.repeat(depth))
  const ids = resultLine(`to${nul}olu`) + resultLine('short', { sessionId: `s${nul}` }) + callLine({ id: `c${nul}` })
  folder.write('a.jsonl', callLine({ id: 'before' }) + deep + ids + callLine({ id: 'after' }))
  folder.write('b.jsonl', callLine({ id: 'later' }))
  assert.deepEqual(await run(), { inserted: 3, failed: 4, rejects: 4 })
  const [nested, ...others] = await places()
  assert.match(nested ?? '', /^line 2: content: is nested deeper than 1000 levels|^line 2: .*nested deeper/)
  assert.deepEqual(
    others,
    [3, 4, 5].map((line) => `line ${line}: has an id with U+0000 or half a character`),
  )
  assert.deepEqual(await run(), { inserted: 0, failed: 0, rejects: 4 })
})
