import assert from 'node:assert/strict'
import { callLine, callLines, resultLine, SourceFolder } from './backfill-files.js'
import { type TestStore, testOn, testOnBoth } from './test-store.js'

async function readerOf(store: TestStore) {
  let now = Date.parse('2026-03-01T00:00:00Z')
  const { activity } = await store.open({ clock: () => new Date((now += 1000)) })
  const folder = new SourceFolder()
  store.afterwards(folder.remove)
  const run = async (options: { again?: boolean; only?: string } = {}) => {
    const place = folder.at(options.only ?? '.')
    const { inserted, updated, skipped } = await activity.backfill({ transcripts: [place], again: options.again })
    return [inserted, updated, skipped]
  }
  return { activity, folder, run }
}

testOnBoth('what was deleted comes back with no file, and with all when they are read again', async (store) => {
  const { activity, folder, run } = await readerOf(store)
  folder.write('a.jsonl', callLines(1, 4))
  assert.deepEqual(await run(), [4, 0, 0])
  const [newest] = (await activity.recent()).items
  await activity.delete(newest?.id ?? '')
  await activity.record({ kind: 'tool', name: 'Mine', nativeId: newest?.nativeId ?? '' })
  await activity.purge({ olderThanMs: 0 })
  folder.move('a.jsonl', 'b.jsonl')
  folder.write('c.jsonl', callLines(1, 4) + resultLine('call-1', { isError: true }))
  assert.deepEqual(await run(), [0, 0, 8])
  folder.write('c.jsonl', callLines(2, 5))
  assert.deepEqual(await run(), [1, 0, 3])
  await activity.record({ kind: 'tool', name: 'Mine', nativeId: 'claude:s1:call-2' })
  assert.deepEqual(await run({ again: true }), [3, 0, 5])
  assert.deepEqual(await run(), [0, 0, 0])
  assert.equal((await activity.recent({ name: 'Mine' })).items.length, 1)
})

testOnBoth('a result that is read before its call waits for it', async (store) => {
  const { activity, folder, run } = await readerOf(store)
  folder.write(
    'a.jsonl',
    resultLine('one', { isError: true }) + resultLine('two') + resultLine('two', { isError: true }),
  )
  assert.deepEqual(await run(), [0, 0, 0])
  folder.write('b.jsonl', callLine({ id: 'one' }) + callLine({ id: 'two' }))
  assert.deepEqual(await run(), [2, 0, 0])
  const { items } = await activity.recent()
  assert.deepEqual(
    items.map(({ failed, state, payload }) => [failed, state, payload.success]),
    [
      [true, 'failed', false],
      [true, 'failed', false],
    ],
  )
  assert.deepEqual(await store.execute('select * from activity_outcomes'), [])
  const [tool] = await activity.failingTools()
  assert.equal(tool?.failures, 2)
})

testOnBoth('an event that is brought up to date keeps its place in search', async (store) => {
  const hansard = await store.open()
  const folder = new SourceFolder()
  store.afterwards(folder.remove)
  const transcripts = [folder.write('a.jsonl', callLines(1, 4))]
  await hansard.activity.backfill({ transcripts })
  const found = async (query: string, options = {}) => {
    const { items, nextCursor } = await hansard.search(query, options)
    return { refs: items.map(({ ref }) => ref), cursor: nextCursor ?? '' }
  }
  const before = await found('bash')
  const first = await found('bash', { limit: 2 })
  folder.append('a.jsonl', resultLine('call-1', { isError: true }))
  assert.equal((await hansard.activity.backfill({ transcripts })).updated, 1)
  const rest = await found('bash', { cursor: first.cursor })
  assert.deepEqual([...first.refs, ...rest.refs].sort(), before.refs.toSorted())
  assert.deepEqual((await found('bash failed')).refs, [before.refs[3]])
  assert.equal((await hansard.doctor(['search']))[0]?.ok, true)
})

testOn('postgres', 'a session that is deleted takes along the event that a backfill is writing anew', async (store) => {
  const host = await store.host()
  const hansard = await store.open({ dataSource: host })
  const folder = new SourceFolder()
  store.afterwards(folder.remove)
  const { id: sessionId } = await hansard.sessions.create({ actorName: 'ada' })
  const transcripts = [folder.write('a.jsonl', callLine({ sessionId }))]
  await hansard.activity.backfill({ transcripts })
  folder.append('a.jsonl', resultLine('call-1', { sessionId, isError: true }))
  const deleted = await host.transaction(async (manager) => {
    assert.equal((await hansard.withTransaction(manager).activity.backfill({ transcripts })).updated, 1)
    const [{ pid }] = await manager.query<[{ pid: number }]>('select pg_backend_pid() as pid')
    const deletion = hansard.sessions.delete(sessionId)
    // It waits for this transaction.
    for (let waits = false; !waits; ) {
      const sql = 'select pid from pg_stat_activity where $1 = any(pg_blocking_pids(pid))'
      waits = (await host.query<object[]>(sql, [pid])).length > 0
    }
    return { deletion }
  })
  await deleted.deletion
  assert.deepEqual((await hansard.activity.recent()).items, [])
})
