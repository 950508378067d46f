import assert from 'node:assert/strict'
import { symlinkSync, truncateSync, utimesSync } from 'node:fs'
import type { BackfillReport, Hansard } from '../src/index.js'
import { callLine, callLines, resultLine, SourceFolder } from './backfill-files.js'
import { type TestStore, testOnBoth } from './test-store.js'

function sourcesFor(store: TestStore): SourceFolder {
  const folder = new SourceFolder()
  store.afterwards(folder.remove)
  return folder
}

const figures = ({ inserted, updated, skipped, failed }: BackfillReport) => ({ inserted, updated, skipped, failed })
const only = (given: Partial<ReturnType<typeof figures>>) => ({
  ...{ inserted: 0, updated: 0, skipped: 0, failed: 0 },
  ...given,
})

/** What identifies the rows, in the order of their native ids. */
async function nativeIds({ activity }: Hansard): Promise<string[]> {
  const { items } = await activity.recent({ limit: 1000 })
  return items.map(({ nativeId }) => nativeId ?? '').sort()
}

testOnBoth('a file that moved, or was copied, brings nothing twice', async (store) => {
  const hansard = await store.open()
  const folder = sourcesFor(store)
  folder.write('a/one.jsonl', callLines(1, 3))
  folder.issue('issues/bugs/P1-BUG-1-x.md', { id: 'BUG-1', completed_at: '2026-01-05' })
  const run = () => hansard.activity.backfill({ issuesDir: folder.at('issues'), transcripts: [folder.path] })
  assert.deepEqual(figures(await run()), only({ inserted: 4 }))
  const before = await nativeIds(hansard)
  folder.move('a/one.jsonl', 'b/two.jsonl')
  folder.write('c/copy.jsonl', callLines(1, 3))
  folder.move('issues/bugs/P1-BUG-1-x.md', 'issues/done/P1-BUG-1-renamed.md')
  assert.deepEqual(figures(await run()), only({ skipped: 7 }))
  assert.deepEqual(await nativeIds(hansard), before)
})

testOnBoth('what is added to a transcript is read from where the last run ended', async (store) => {
  const { activity } = await store.open()
  const folder = sourcesFor(store)
  const transcripts = [folder.write('one.jsonl', callLines(1, 3))]
  await activity.backfill({ transcripts })
  folder.append('one.jsonl', callLines(4, 5))
  assert.deepEqual(figures(await activity.backfill({ transcripts })), only({ inserted: 2 }))
  const again = await activity.backfill({ transcripts })
  assert.deepEqual([figures(again), again.sources.transcripts.unchanged], [only({}), 1])
})

testOnBoth('a line in the making waits for its end; a whole one does not', async (store) => {
  const hansard = await store.open()
  const folder = sourcesFor(store)
  const torn = callLine({ id: 'call-2' })
  const transcripts = [folder.write('one.jsonl', callLine() + torn.slice(0, 50))]
  const run = async () => figures(await hansard.activity.backfill({ transcripts }))
  assert.deepEqual(await run(), only({ inserted: 1 }))
  folder.append('one.jsonl', torn.slice(50, -1))
  assert.deepEqual(await run(), only({ inserted: 1 }))
  folder.append('one.jsonl', `\n${callLine({ id: 'call-3' })}nonsense\n`)
  assert.deepEqual(await run(), only({ inserted: 1, failed: 1 }))
  const { items } = await hansard.activity.rejects()
  assert.deepEqual(
    items.map(({ place, excerpt, path }) => [place, excerpt, path]),
    [['line 4', 'nonsense', transcripts[0]]],
  )
  const [source] = await store.execute('select byte_offset, size, line_count, generation from activity_sources')
  assert.deepEqual([Number(source?.byte_offset), source?.line_count, source?.generation], [Number(source?.size), 4, 1])
})

testOnBoth('a file that was written anew is read anew, and what it had before stays', async (store) => {
  const hansard = await store.open()
  const folder = sourcesFor(store)
  const transcripts = [folder.write('one.jsonl', `${callLines(1, 3)}nonsense\n`)]
  const run = async () => figures(await hansard.activity.backfill({ transcripts }))
  assert.deepEqual(await run(), only({ inserted: 3, failed: 1 }))
  folder.write('one.jsonl', callLines(2, 6))
  assert.deepEqual(await run(), only({ inserted: 3, skipped: 2 }))
  assert.equal((await nativeIds(hansard)).length, 6)
  const [source] = await store.execute('select generation, last_error from activity_sources')
  assert.deepEqual([source?.generation, source?.last_error], [2, null])
  assert.deepEqual((await hansard.activity.rejects()).items, [])
})

testOnBoth('a line that was changed in place changes its event, as often as it is read', async (store) => {
  const { activity } = await store.open()
  const folder = sourcesFor(store)
  const transcripts = [folder.write('one.jsonl', callLine({ name: 'Read' }) + callLine({ id: 'call-2' }))]
  await activity.backfill({ transcripts })
  folder.write('one.jsonl', callLine({ name: 'Edit' }) + callLine({ id: 'call-2' }))
  utimesSync(folder.at('one.jsonl'), 1, 1)
  const report = await activity.backfill({ transcripts })
  assert.deepEqual(figures(report), only({ updated: 1, skipped: 1 }))
  assert.deepEqual(report.byKind, { tool: { inserted: 0, updated: 1, skipped: 1 } })
  assert.deepEqual((await activity.recent({ name: 'Edit' })).items.length, 1)
  assert.deepEqual((await activity.recent({ name: 'Read' })).items, [])
})

testOnBoth('a file that was cut short is read from its start', async (store) => {
  const hansard = await store.open()
  const folder = sourcesFor(store)
  const file = folder.write('one.jsonl', callLines(1, 4))
  const run = async () => figures(await hansard.activity.backfill({ transcripts: [file] }))
  await run()
  truncateSync(file, callLines(1, 2).length)
  assert.deepEqual(await run(), only({ skipped: 2 }))
  folder.append('one.jsonl', callLines(7, 8))
  assert.deepEqual(await run(), only({ inserted: 2 }))
  assert.equal((await nativeIds(hansard)).length, 6)
  truncateSync(file, 0)
  assert.deepEqual(await run(), only({}))
  assert.equal((await nativeIds(hansard)).length, 6)
})

testOnBoth('one session in two files and two sessions in one file', async (store) => {
  const { activity } = await store.open()
  const folder = sourcesFor(store)
  folder.write('one.jsonl', callLine({ id: 'a' }) + callLine({ id: 'a', sessionId: 's2' }))
  folder.write('two.jsonl', callLine({ id: 'a' }) + callLine({ id: 'b' }))
  assert.deepEqual(figures(await activity.backfill({ transcripts: [folder.path] })), only({ inserted: 3, skipped: 1 }))
  const of = async (sessionId: string) => (await activity.recent({ sessionId })).items.length
  assert.deepEqual([await of('s1'), await of('s2')], [2, 1])
})

testOnBoth('a fork repeats the calls of its parent under another session, and they count once', async (store) => {
  const { activity } = await store.open()
  const folder = sourcesFor(store)
  const id = 'toolu_01AbCdEfGhIjKlMnOpQrStUv'
  const lines = (sessionId: string) => callLine({ id, sessionId }) + resultLine(id, { sessionId, isError: true })
  folder.write('one.jsonl', lines('parent'))
  folder.write('two.jsonl', lines('fork') + callLine({ id: 'own', sessionId: 'fork' }))
  assert.deepEqual(figures(await activity.backfill({ transcripts: [folder.path] })), only({ inserted: 2, skipped: 1 }))
  const [tool] = await activity.failingTools()
  assert.deepEqual([tool?.calls, tool?.failures], [2, 1])
  const { items } = await activity.recent({ sessionId: 'parent' })
  assert.deepEqual(
    items.map(({ state, failed }) => [state, failed]),
    [['failed', true]],
  )
})

testOnBoth('a result that comes in a later run tells what became of the call', async (store) => {
  const { activity } = await store.open()
  const folder = sourcesFor(store)
  const transcripts = [folder.write('one.jsonl', callLine({ id: 'a' }))]
  await activity.backfill({ transcripts })
  const [before] = (await activity.recent()).items
  folder.append('one.jsonl', resultLine('a', { isError: true, content: 'boóm' }) + resultLine('nobody’s'))
  assert.deepEqual(figures(await activity.backfill({ transcripts })), only({ updated: 1 }))
  const [after] = (await activity.recent()).items
  const { argsHash } = before?.payload ?? {}
  assert.deepEqual([before?.failed, after?.failed, after?.state, after?.id], [false, true, 'failed', before?.id])
  assert.deepEqual(after?.payload, { argsHash, success: false, resultSize: 5 })
})

testOnBoth('zeros in a file are rejected, with what stands around them', async (store) => {
  const { activity } = await store.open()
  const folder = sourcesFor(store)
  const nul = String.fromCharCode(0)
  const inName = callLine({ id: 'c', name: `Ba${nul}sh` })
  folder.write(
    'one.jsonl',
    `${callLine({ id: 'a' })}${nul.repeat(500)}\n${inName}${callLine({ id: 'b', input: { x: nul } })}`,
  )
  folder.issue('issues/BUG-1.md', { id: `BUG${nul}1`, discovered_date: '2026-01-05' })
  const report = await activity.backfill({ issuesDir: folder.at('issues'), transcripts: [folder.at('one.jsonl')] })
  assert.deepEqual(figures(report), only({ inserted: 2, failed: 3 }))
  const { items } = await activity.rejects()
  assert.deepEqual(items.map(({ place }) => place).sort(), ['document', 'line 2', 'line 3'])
  assert.ok(items.every(({ excerpt }) => (excerpt ?? '').length <= 200))
})

testOnBoth('a file that cannot be read stops nothing, and is asked again', async (store) => {
  const { activity } = await store.open()
  const folder = sourcesFor(store)
  folder.write('b.jsonl', callLine())
  symlinkSync(folder.at('elsewhere'), folder.at('a.jsonl'))
  const run = async () => figures(await activity.backfill({ transcripts: [folder.path] }))
  assert.deepEqual(await run(), only({ inserted: 1, failed: 1 }))
  assert.deepEqual(await run(), only({ failed: 1 }))
  const [reject, ...more] = (await activity.rejects()).items
  assert.deepEqual([reject?.place, reject?.source, more], ['file', 'transcripts', []])
  const [source] = await store.execute(`select last_error from activity_sources where last_error is not null`)
  assert.match(String(source?.last_error), /ENOENT/)
  folder.write('elsewhere', callLine({ id: 'late' }))
  assert.deepEqual(await run(), only({ inserted: 1 }))
  folder.move('elsewhere', 'away')
  assert.deepEqual(await run(), only({ failed: 1 }))
  folder.move('away', 'elsewhere')
  assert.deepEqual(await run(), only({}))
  assert.deepEqual((await activity.rejects()).items, [])
  assert.deepEqual(await store.execute(`select path from activity_sources where last_error is not null`), [])
})

testOnBoth('a folder that cannot be looked at is not absent', async (store) => {
  const { activity } = await store.open()
  const folder = sourcesFor(store)
  for (const name of ['issues', 'loops']) symlinkSync(folder.at(name), folder.at(name))
  const places = { issuesDir: folder.at('issues'), loopsDir: folder.at('loops') }
  const { sources } = await activity.backfill(places)
  for (const { status, absent } of [sources.issues, sources.loops]) assert.deepEqual([status, absent], ['read', []])
  const paths = (await activity.rejects()).items.map(({ path }) => path).sort()
  assert.deepEqual(paths, ['issues', 'loops/.history', 'loops/.running'].map(folder.at.bind(folder)))
})

testOnBoth('rejects are listed page by page, within their namespace', async (store) => {
  const hansard = await store.open()
  const folder = sourcesFor(store)
  const transcripts = [folder.write('one.jsonl', 'no\n'.repeat(1_005))]
  const report = await hansard.activity.backfill({ transcripts })
  assert.deepEqual([report.failed, report.rejects], [1_005, 1_000])
  const places = new Set<string>()
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await hansard.activity.rejects({ limit: 300, cursor: cursor ?? undefined })
    for (const { place } of page.items) places.add(place)
    cursor = page.nextCursor
  }
  assert.equal(places.size, 1_000)
  assert.deepEqual((await hansard.namespace('other').activity.rejects()).items, [])
})

testOnBoth('what was purged does not come back with the lines that are added', async (store) => {
  let now = Date.parse('2026-03-01T00:00:00Z')
  const { activity } = await store.open({ clock: () => new Date(now) })
  const folder = sourcesFor(store)
  const transcripts = [folder.write('one.jsonl', callLines(1, 3))]
  await activity.backfill({ transcripts })
  now += 1000
  await activity.purge({ olderThanMs: 0 })
  folder.append('one.jsonl', callLine({ id: 'new' }) + resultLine('call-1', { isError: true }))
  assert.deepEqual(figures(await activity.backfill({ transcripts })), only({ inserted: 1 }))
})

testOnBoth('what a caller recorded under the same native id is left as it is', async (store) => {
  const { activity } = await store.open()
  const folder = sourcesFor(store)
  await activity.record({ kind: 'tool', name: 'Mine', nativeId: 'claude:s1:a' })
  const transcripts = [folder.write('one.jsonl', callLine({ id: 'a' }) + resultLine('a'))]
  assert.deepEqual(figures(await activity.backfill({ transcripts })), only({ skipped: 1 }))
  assert.deepEqual((await activity.recent()).items[0]?.payload, {})
})
