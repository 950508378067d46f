import assert from 'node:assert/strict'
import { appendFileSync, readFileSync } from 'node:fs'
import type { EvictionReport } from '../src/domain/transcripts/eviction.js'
import { jumble } from './secret-examples.js'
import { type TestStore, testOnBoth } from './test-store.js'
import { contents } from './transcript-contents.js'
import { claudeSession, files, lines, session } from './transcript-corpus.js'
import { clockedTranscripts, transcriptStore } from './transcript-store.js'

const dayMs = 24 * 60 * 60_000
const uid = `claude:${session}`

type Scene = Awaited<ReturnType<typeof clockedTranscripts>> & { paths: string[] }

function scene(work: (scene: Scene) => Promise<void>): (store: TestStore) => Promise<void> {
  return async (store) => {
    const clocked = await clockedTranscripts(store)
    const paths = clocked.corpus.writeAll()
    await clocked.transcripts.ingest({ paths })
    await work({ ...clocked, paths })
  }
}

async function count(store: TestStore, from: string): Promise<number> {
  const [row] = await store.execute(`select count(*) as n from ${from}`)
  return Number(row?.n)
}

const texts = (store: TestStore) =>
  count(
    store,
    `${store.table('transcript_events')} where namespace = 'default' and (body is not null or body_hash is not null)`,
  )

const everything = { softCapBytes: 0, maxAgeMs: 0 }

const withoutDryRun = ({ dryRun: _, ...report }: EvictionReport) => report

testOnBoth(
  'evicted texts are gone, from search too; events, digests, errors and usage stay',
  scene(async ({ store, transcripts, later }) => {
    later(dayMs)
    const before = await transcripts.digest(uid)
    const usage = await transcripts.usage()
    const errors = await transcripts.errors()
    const report = await transcripts.evict(everything)
    assert.deepEqual(report.evicted, { age: 4, budget: 0, overflow: 0 })
    assert.deepEqual([report.bytesAfter, report.bytesFreed], [0, report.bytesBefore])
    assert.equal(await texts(store), 0)
    assert.equal(await count(store, store.table('transcript_bodies')), 0)
    const entries = await store.execute(
      `select distinct kind from ${store.table('search_entries')} where event_id is null`,
    )
    assert.deepEqual(
      entries.map(({ kind }) => kind),
      ['digest'],
    )
    const { items } = await transcripts.events(uid, { withBodies: true, limit: 1000 })
    assert.equal(items.length, 48)
    assert.ok(items.every(({ body, bodyRef, bodyBytes, summary }) => !body && !bodyRef && bodyBytes > 0 && summary))
    assert.deepEqual([await transcripts.digest(uid), await transcripts.usage()], [before, usage])
    assert.deepEqual(await transcripts.errors(), errors)
    assert.ok((await transcripts.get(uid)).evictedAt)
    assert.deepEqual((await transcripts.evict(everything)).decisions, [])
  }),
)

testOnBoth(
  'a dry run reports what the run does, and changes nothing',
  scene(async ({ store, transcripts, later }) => {
    later(dayMs)
    await transcripts.hold(uid, 'evidence')
    const { bytesBefore } = await transcripts.evict({ dryRun: true })
    for (const options of [{ softCapBytes: bytesBefore - 1 }, everything]) {
      const before = await contents(store, 'default')
      const planned = await transcripts.evict({ ...options, dryRun: true })
      assert.deepEqual(await contents(store, 'default'), before)
      const done = await transcripts.evict(options)
      assert.deepEqual(withoutDryRun(planned), withoutDryRun(done))
      assert.ok(done.bytesFreed > 0 && done.decisions.every(({ why }) => why.length > 10))
      assert.equal((await transcripts.evict({ dryRun: true })).bytesBefore, done.bytesAfter)
    }
  }),
)

testOnBoth(
  'beyond the soft cap those go that were analysed first, and no more than it needs',
  scene(async ({ corpus, transcripts, paths, later }) => {
    later(dayMs)
    const id = `5${session.slice(1)}`
    const own = claudeSession(id, 20).map((record, index) => ({ ...record, uuid: `own-${index}` }))
    paths.push(corpus.write(`later/${id}.jsonl`, lines(own)))
    await transcripts.ingest({ paths })
    const { bytesBefore } = await transcripts.evict({ dryRun: true })
    const report = await transcripts.evict({ softCapBytes: bytesBefore - 1 })
    assert.deepEqual(
      report.decisions.map(({ pass, action }) => [pass, action]),
      [['budget', 'evicted']],
    )
    assert.match(report.decisions[0]?.why ?? '', /more than the soft cap of \d+, and it was analysed first/)
    await transcripts.evict({ softCapBytes: 0, hardCapBytes: 0 })
    const { items } = await transcripts.list()
    assert.ok(items.every(({ evictedAt }) => evictedAt))
  }),
)

testOnBoth(
  'what is held stays until it is released',
  scene(async ({ transcripts, later }) => {
    later(dayMs)
    const { holdReason } = await transcripts.hold(uid, `until ${['gh', 'p_', jumble(36)].join('')} is revoked`)
    assert.match(holdReason ?? '', /^until \[redacted:github:[0-9a-f]{4}\] is revoked$/)
    assert.equal((await transcripts.hold(uid, 'the audit of May')).holdReason, 'the audit of May')
    const report = await transcripts.evict(everything)
    const held = report.decisions.filter(({ action }) => action === 'held')
    assert.deepEqual(
      held.map((each) => [each.uid, each.why, each.bytesFreed]),
      [[uid, 'It is held: the audit of May', 0]],
    )
    assert.ok(report.bytesAfter > 0)
    assert.equal((await transcripts.get(uid)).evictedAt, null)
    assert.equal((await transcripts.release(uid)).holdReason, null)
    assert.equal((await transcripts.evict(everything)).bytesAfter, 0)
    await assert.rejects(transcripts.hold('claude:none', 'x'), { code: 'TRANSCRIPT_NOT_FOUND' })
    await assert.rejects(transcripts.hold(uid, ''), { code: 'INVALID_INPUT' })
    await assert.rejects(transcripts.evict({ softCapBytes: 2, hardCapBytes: 1 }), { code: 'INVALID_INPUT' })
  }),
)

testOnBoth(
  'a session that goes on after its texts went keeps what its digest knew, and may go again',
  scene(async ({ store, corpus, transcripts, paths, later }) => {
    const whole = await transcriptStore(store, { namespace: 'whole' })
    later(dayMs)
    await transcripts.evict(everything)
    const path = corpus.write(`claude/${session}.jsonl`, lines(claudeSession(session, 20)))
    await transcripts.ingest({ paths })
    await whole.ingest({ paths })
    const grown = await transcripts.get(uid)
    assert.deepEqual([grown.evictedAt, grown.lastSeq, grown.throughSeq, grown.generation], [null, 80, 80, 2])
    const expected = await whole.digest(uid)
    assert.deepEqual(await transcripts.digest(uid), expected)
    const { items } = await transcripts.events(uid, { withBodies: true, limit: 1000 })
    assert.deepEqual([items.findIndex(({ body }) => body !== null), items[0]?.body], [48, null])
    // Told twice on top of the same ground, it is not counted twice.
    appendFileSync(path, lines(claudeSession(session, 21).slice(80)))
    await transcripts.ingest({ paths })
    await whole.ingest({ paths })
    assert.deepEqual(await transcripts.digest(uid), await whole.digest(uid))
    assert.deepEqual((await transcripts.evict(everything)).evicted, { age: 0, budget: 1, overflow: 0 })
    assert.equal(await texts(store), 0)
    assert.deepEqual(await transcripts.digest(uid), await whole.digest(uid))
  }),
)

testOnBoth('wherever a session was when its texts went, its digest is in the end that of the whole', async (store) => {
  const { corpus } = await clockedTranscripts(store)
  const records = claudeSession(session, 3)
  const name = `${session}.jsonl`
  const whole = await transcriptStore(store, { namespace: 'whole' })
  await whole.ingest({ paths: [corpus.write(name, lines(records))] })
  for (let cut = 1; cut < records.length; cut++) {
    const transcripts = await transcriptStore(store, { namespace: `cut ${cut}` })
    await transcripts.ingest({ paths: [corpus.write(name, lines(records.slice(0, cut)))] })
    await transcripts.evict(everything)
    await transcripts.ingest({ paths: [corpus.write(name, lines(records))] })
    assert.deepEqual(await transcripts.digest(uid), await whole.digest(uid), `cut after ${cut} records`)
  }
})

testOnBoth(
  'what was evicted stays so when its file is copied, moved or written anew, and comes back when it is asked for',
  scene(async ({ store, corpus, transcripts, paths, later }) => {
    const whole = await transcriptStore(store, { namespace: 'whole' })
    later(dayMs)
    await transcripts.evict(everything)
    const name = `claude/${session}.jsonl`
    paths.push(corpus.write('claude/another copy.jsonl', readFileSync(corpus.path(name))))
    await transcripts.ingest({ paths })
    assert.equal(await texts(store), 0)
    const rewritten = claudeSession(session, 12).map((each, index) =>
      index === 0 ? { ...each, cwd: '/elsewhere' } : each,
    )
    corpus.write(name, lines(rewritten))
    await transcripts.ingest({ paths })
    assert.equal(await texts(store), 0)
    assert.ok((await transcripts.get(uid)).evictedAt)
    assert.equal((await transcripts.digest(uid))?.tests.runs, 12)
    await transcripts.ingest({ paths, again: true })
    assert.equal((await transcripts.get(uid)).evictedAt, null)
    await whole.ingest({ paths })
    assert.deepEqual(await contents(store, 'default'), await contents(store, 'whole'))
  }),
)

testOnBoth(
  'what its files tell no more is not waited for, once it was asked back',
  scene(async ({ store, corpus, transcripts, later }) => {
    const id = `5${session.slice(1)}`
    const path = corpus.write(`later/${id}.jsonl`, lines(claudeSession(id, 2)))
    const evicted = () =>
      store.execute(
        `select has_evicted, evicted_at is null as is_whole from ${store.table('transcripts')} where native_id = '${id}'`,
      )
    await transcripts.ingest({ paths: [path] })
    later(dayMs)
    await transcripts.evict(everything)
    const title = { type: 'custom-title', customTitle: 'All is gone', sessionId: id }
    corpus.write(`later/${id}.jsonl`, lines([title]))
    await transcripts.ingest({ paths: [path] })
    assert.equal((await evicted())[0]?.has_evicted, 1)
    await transcripts.ingest({ paths: [path], again: true })
    assert.deepEqual((await evicted()).map(Object.values), [[0, store.isSqlite ? 1 : true]])
    corpus.write(`later/${id}.jsonl`, lines(claudeSession(id, 2)))
    await transcripts.ingest({ paths: [path] })
    assert.equal((await transcripts.digest(`claude:${id}`))?.events.user_msg, 2)
    assert.equal((await transcripts.get(`claude:${id}`)).evictedAt, null)
  }),
)

testOnBoth(
  'beyond the hard cap what has no digest is given one and goes; what cannot have one is told as lost',
  scene(async ({ store, transcripts, later }) => {
    later(dayMs)
    const transcriptsTable = store.table('transcripts')
    await store.execute(`update ${transcriptsTable} set is_analyzed = 0`)
    // A text that no longer can be unpacked.
    const broken = store.isSqlite ? "x'00'" : `'\\x00'::bytea`
    const [found] = await store.execute(
      `select e.body_hash from ${store.table('transcript_events')} e join ${transcriptsTable} t on t.id = e.transcript_id
       where t.uid = '${uid}' and e.kind = 'tool_result' and e.body_hash is not null limit 1`,
    )
    await store.execute(
      `update ${store.table('transcript_bodies')} set content = ${broken} where sha256 = '${String(found?.body_hash)}'`,
    )
    const stays = await transcripts.evict({ softCapBytes: 0, hardCapBytes: 10 ** 9 })
    assert.ok(stays.bytesAfter > 0 && stays.decisions.every(({ action }) => action === 'incomplete'))
    const planned = await transcripts.evict({ softCapBytes: 0, hardCapBytes: 0, dryRun: true })
    const report = await transcripts.evict({ softCapBytes: 0, hardCapBytes: 0 })
    assert.deepEqual(withoutDryRun(planned), withoutDryRun(report))
    const lost = report.decisions.filter(({ action }) => action === 'lost')
    assert.ok(lost.some((each) => each.uid === uid))
    assert.deepEqual([report.dataLoss.transcripts, report.analyzed], [lost.length, 4 - lost.length])
    assert.equal(report.bytesAfter, 0)
    assert.equal(await texts(store), 0)
  }),
)

testOnBoth(
  'a digest that could not be stored is no reason to lose its texts',
  scene(async ({ store, transcripts }) => {
    const [before, errors] = [await texts(store), store.table('transcript_errors')]
    await store.execute(`update ${store.table('transcripts')} set is_analyzed = 0`)
    await store.execute(`alter table ${errors} rename to away`)
    await assert.rejects(transcripts.evict({ softCapBytes: 0, hardCapBytes: 0 }), { code: 'STORAGE_FAILED' })
    await store.execute(`alter table ${store.table('away')} rename to transcript_errors`)
    assert.equal(await texts(store), before)
  }),
)

testOnBoth(
  'what stays is told once, and only where nothing came of it afterwards',
  scene(async ({ store, transcripts, later }) => {
    later(dayMs)
    await transcripts.hold(uid, 'evidence')
    await store.execute(`update ${store.table('transcripts')} set is_analyzed = 0`)
    const told = ({ decisions }: EvictionReport) =>
      [...new Set([uid, ...decisions.map((each) => each.uid)])].map((each) => [
        each === uid ? 'the one held' : 'another',
        ...decisions.filter((decision) => decision.uid === each).map(({ action }) => action),
      ])
    const another = (...actions: string[]) => Array(3).fill(['another', ...actions])
    const stays = await transcripts.evict({ softCapBytes: 0, hardCapBytes: 10 ** 9 })
    assert.deepEqual(told(stays), [['the one held', 'held'], ...another('incomplete')])
    const planned = await transcripts.evict({ softCapBytes: 0, hardCapBytes: 0, dryRun: true })
    const report = await transcripts.evict({ softCapBytes: 0, hardCapBytes: 0 })
    assert.deepEqual(withoutDryRun(planned), withoutDryRun(report))
    assert.deepEqual(told(report), [['the one held', 'held'], ...another('analyzed', 'evicted')])
  }),
)

testOnBoth(
  'texts that nothing refers to are collected, and one that is taken up again is not',
  scene(async ({ store, corpus, transcripts, paths }) => {
    const bodies = store.table('transcript_bodies')
    const before = await count(store, bodies)
    corpus.write(`claude/${session}.jsonl`, lines(claudeSession(session, 1).slice(0, 1)))
    await transcripts.ingest({ paths })
    assert.equal(await count(store, bodies), before)
    const planned = await transcripts.evict({ dryRun: true })
    assert.ok(planned.orphans.bodies > 0)
    const again = corpus.write(`claude/${session}.jsonl`, files[`claude/${session}.jsonl`] ?? '')
    await Promise.all([transcripts.ingest({ paths: [again] }), transcripts.evict({})])
    const missing = await count(
      store,
      `${store.table('transcript_events')} e where body_hash is not null and not exists (select 1 from ${bodies} b where b.sha256 = e.body_hash)`,
    )
    assert.equal(missing, 0)
    assert.equal((await transcripts.evict({})).orphans.bodies, 0)
    assert.equal(await count(store, bodies), before)
  }),
)
