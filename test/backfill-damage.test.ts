import assert from 'node:assert/strict'
import { utimesSync } from 'node:fs'
import { callLine, resultLine, SourceFolder } from './backfill-files.js'
import { type TestStore, testOn, testOnBoth } from './test-store.js'

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

testOnBoth(
  'a file of another tool is told of as one, once, for as long as nothing in it is a record',
  async (store) => {
    const { folder, run, places } = await readerOf(store)
    const other = `${JSON.stringify({ type: 'session_meta', payload: { id: 'x' } })}\n`
    folder.write('codex.jsonl', other.repeat(3))
    folder.write('empty.jsonl', '\n')
    folder.write('silent.jsonl', `${JSON.stringify({ type: 'summary', summary: 'Hi', leafUuid: 'u' })}\n`)
    const told = ['file: has no record of Claude Code; its first line begins as shown']
    assert.deepEqual(await run(), { inserted: 0, failed: 1, rejects: 1 })
    assert.deepEqual(await run(), { inserted: 0, failed: 0, rejects: 1 })
    folder.append('codex.jsonl', other)
    assert.deepEqual(await run(), { inserted: 0, failed: 1, rejects: 1 })
    assert.deepEqual(await places(), told)
    folder.append('codex.jsonl', callLine())
    assert.deepEqual(await run(), { inserted: 1, failed: 0, rejects: 0 })
    folder.append('codex.jsonl', other)
    assert.deepEqual(await run(), { inserted: 0, failed: 0, rejects: 0 })
    const [source] = await store.execute(`select max(generation) as generation from activity_sources`)
    assert.equal(Number(source?.generation), 1)
  },
)

testOnBoth('the rejects of a file that is gone go, and come back with it; its events stay', async (store) => {
  const { activity, folder, run } = await readerOf(store)
  const text = `${callLine()}nonsense\n`
  folder.write('deep/a.jsonl', text)
  utimesSync(folder.at('deep/a.jsonl'), 1, 1)
  assert.deepEqual(await run(), { inserted: 1, failed: 1, rejects: 1 })
  folder.move('deep/a.jsonl', 'a.hidden')
  assert.equal((await activity.backfill({ transcripts: [folder.at('nowhere')] })).rejects, 1)
  assert.deepEqual(await run(), { inserted: 0, failed: 0, rejects: 0 })
  assert.equal((await activity.recent()).items.length, 1)
  folder.move('a.hidden', 'deep/a.jsonl')
  assert.deepEqual(await run(), { inserted: 0, failed: 1, rejects: 1 })
})

testOnBoth(
  'a mark before the first line is none of it, a touched file is unchanged, a torn line is told',
  async (store) => {
    const { activity, folder } = await readerOf(store)
    const file = folder.write('one.jsonl', `\uFEFF${callLine()}${callLine({ id: 'torn' }).slice(0, 40)}`)
    const run = async () => {
      const { inserted, failed, sources } = await activity.backfill({ transcripts: [file] })
      return [inserted, failed, sources.transcripts.unchanged, sources.transcripts.pending]
    }
    assert.deepEqual(await run(), [1, 0, 0, 1])
    assert.deepEqual(await run(), [0, 0, 1, 1])
    folder.append('one.jsonl', callLine({ id: 'torn' }).slice(40))
    assert.deepEqual(await run(), [1, 0, 0, 0])
    utimesSync(file, 1, 1)
    assert.deepEqual(await run(), [0, 0, 1, 0])
  },
)

testOnBoth('a path that no column holds costs no call, and one that a column holds is kept', async (store) => {
  const { activity, folder, run } = await readerOf(store)
  const nul = String.fromCharCode(0)
  const called = (id: string, cwd: string, file_path: string) =>
    callLine({ id, input: { file_path } }).replace('{', `{"cwd":${JSON.stringify(cwd)},`)
  const wide = '世'.repeat(255)
  const long = '世'.repeat(601)
  folder.write(
    'a.jsonl',
    called('1', wide, 'a.ts') + called('2', `/a${nul}`, `b${nul}.ts`) + called('3', '\ud800', long),
  )
  assert.deepEqual(await run(), { inserted: 3, failed: 0, rejects: 0 })
  const { items } = await activity.recent()
  assert.deepEqual(items.map(({ projectId, path }) => [projectId, path]).reverse(), [
    [wide, 'a.ts'],
    [null, null],
    [null, null],
  ])
})

testOn(
  'sqlite',
  'a line of more calls than a statement takes parameters for is read like the others',
  async (store) => {
    const { activity, folder, run } = await readerOf(store)
    const count = 17_000
    const blocks = (block: (id: string) => object) =>
      Array.from({ length: count }, (_, index) => block(`call-${index}`))
    const line = (type: string, content: object[]) =>
      `${JSON.stringify({ type, sessionId: 's1', message: { content } })}\n`
    folder.write(
      'a.jsonl',
      line(
        'assistant',
        blocks((id) => ({ type: 'tool_use', id, name: 'Bash' })),
      ),
    )
    assert.deepEqual(await run(), { inserted: count, failed: 0, rejects: 0 })
    folder.append(
      'a.jsonl',
      line(
        'user',
        blocks((id) => ({ type: 'tool_result', tool_use_id: id, is_error: true })),
      ),
    )
    folder.write('b.jsonl', callLine({ id: 'other' }))
    assert.deepEqual(await run(), { inserted: 1, failed: 0, rejects: 0 })
    const [tool] = await activity.failingTools()
    assert.deepEqual([tool?.calls, tool?.failures], [count + 1, count])
  },
)
