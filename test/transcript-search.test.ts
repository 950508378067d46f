import assert from 'node:assert/strict'
import { appendFileSync, rmSync } from 'node:fs'
import type { EntityManager } from 'typeorm'
import type { Hansard, SearchItem, SearchOptions } from '../src/index.js'
import { type TestStore, testOnBoth } from './test-store.js'
import { Corpus, claudeSession, codexId, files, fork, lines, session } from './transcript-corpus.js'

type Store = Hansard<EntityManager>

async function withCorpus(store: TestStore, work: (corpus: Corpus, hansard: Store) => Promise<void>): Promise<void> {
  const corpus = new Corpus()
  store.afterwards(async () => rmSync(corpus.folder, { recursive: true }))
  await work(corpus, await store.open())
}

async function anchors(hansard: Store, query: string, options: SearchOptions = {}): Promise<string[]> {
  const { items } = await hansard.search(query, { limit: 100, ...options })
  return items.map(({ anchor }) => anchor).sort()
}

async function only(hansard: Store, query: string, options: SearchOptions): Promise<SearchItem> {
  const { items } = await hansard.search(query, options)
  const [hit] = items
  assert.ok(hit && items.length === 1, `${items.length} hits of ${query}`)
  return hit
}

async function searchCheck(hansard: Store): Promise<string> {
  const [check] = await hansard.doctor(['search'])
  return check?.ok ? 'ok' : (check?.detail ?? '')
}

const transcript: SearchOptions = { kinds: ['transcript'] }
const digest: SearchOptions = { kinds: ['digest'] }
const uid = `claude:${session}`

testOnBoth('what an event of a transcript says is found, and its anchor leads to it', (store) =>
  withCorpus(store, async (corpus, hansard) => {
    await hansard.transcripts.ingest({ paths: corpus.writeAll() })
    const hit = await only(hansard, '"please do 7"', { ...transcript, sessionId: session })
    assert.deepEqual([hit.kind, hit.sessionId, hit.actorName], ['transcript', session, null])
    assert.equal(hit.snippet, 'Please do 7')
    const [found = '', seq] = hit.anchor.split('#')
    const { items: events } = await hansard.transcripts.events(found, { after: Number(seq) - 1, limit: 1 })
    assert.deepEqual(
      events.map(({ id, summary, ts }) => [found, id, summary, ts]),
      [[uid, hit.ref, 'Please do 7', hit.time]],
    )
    // A text that is kept apart, and a call with the name of its tool.
    assert.match((await only(hansard, '"result 9" more', transcript)).snippet, /^result 9 more of it/)
    const [call] = (await hansard.search('bash npm', transcript)).items
    assert.equal(call?.snippet, 'Bash {"command":"npm test"}')
  }),
)

testOnBoth('a digest is found by what it keeps, under its uid', (store) =>
  withCorpus(store, async (corpus, hansard) => {
    const title = { type: 'custom-title', sessionId: session, customTitle: 'About zebras' }
    const pull = { type: 'pr-link', sessionId: session, prUrl: 'https://example.org/pull/4711' }
    const path = corpus.write(`${session}.jsonl`, lines([...claudeSession(session, 4), title, pull]))
    await hansard.transcripts.ingest({ paths: [path] })
    for (const query of ['zebras', '4711', '"please do 0"', '"cannot find module"']) {
      const { items } = await hansard.search(query, digest)
      assert.deepEqual(
        items.map(({ kind, ref, anchor, sessionId }) => [kind, ref, anchor, sessionId]),
        [['digest', uid, uid, session]],
        query,
      )
    }
    assert.equal((await hansard.search('zebras')).items[0]?.snippet.startsWith('About zebras'), true)
    assert.equal((await hansard.transcripts.get(uid)).uid, uid)
    assert.deepEqual(await anchors(hansard, '"please do 1"', digest), [])
  }),
)

testOnBoth('project, session and time narrow what is found of transcripts', (store) =>
  withCorpus(store, async (corpus, hansard) => {
    await hansard.transcripts.ingest({ paths: corpus.writeAll() })
    const prompts = await anchors(hansard, '"please do 3"', transcript)
    assert.deepEqual(
      prompts.map((each) => each.split('#')[0]),
      [uid, `claude:${fork}`],
    )
    const at = new Date(Date.UTC(2026, 0, 1) + 12_000)
    const later = new Date(at.getTime() + 1)
    for (const options of [{ projectId: 'shop' }, { projectId: '/home/ann/shop' }, { since: at, until: later }]) {
      assert.deepEqual(await anchors(hansard, '"please do 3"', { ...transcript, ...options }), prompts)
    }
    for (const options of [{ projectId: 'other' }, { since: later }, { until: at }, { actorName: 'ada' }]) {
      assert.deepEqual(await anchors(hansard, '"please do 3"', { ...transcript, ...options }), [])
    }
    assert.equal((await anchors(hansard, 'do', { ...digest, projectId: 'shop' })).length, 4)
    assert.deepEqual(await anchors(hansard.namespace('other'), 'please'), [])
  }),
)

testOnBoth('another project is found by its name once the session has moved there', (store) =>
  withCorpus(store, async (corpus, hansard) => {
    const path = corpus.write(`${session}.jsonl`, lines(claudeSession(session, 2)))
    await hansard.transcripts.ingest({ paths: [path] })
    const moved = claudeSession(session, 3).slice(8)
    appendFileSync(path, lines(moved.map((record) => ({ ...record, cwd: '/home/ann/farm' }))))
    await hansard.transcripts.ingest({ paths: [path] })
    assert.equal((await hansard.transcripts.get(uid)).project, 'farm')
    assert.equal((await anchors(hansard, 'please', { ...transcript, projectId: 'farm' })).length, 3)
    assert.deepEqual(await anchors(hansard, 'please', { projectId: 'shop' }), [])
    assert.equal((await anchors(hansard, 'please', { ...digest, projectId: 'farm' })).length, 1)
  }),
)

testOnBoth('a copy that does not count, and what was written anew, leave nothing to be found', (store) =>
  withCorpus(store, async (corpus, hansard) => {
    const paths = corpus.writeAll()
    const [, , , parent = '', child = ''] = paths
    await hansard.transcripts.ingest({ paths: [child] })
    assert.equal((await anchors(hansard, '"do one"', transcript)).length, 1)
    await hansard.transcripts.ingest({ paths: [child, parent] })
    const [place = ''] = await anchors(hansard, '"do one"', transcript)
    assert.ok(place.startsWith(`codex:${codexId(1)}#`))
    assert.equal((await anchors(hansard, '"do three"', transcript)).length, 1)
    assert.equal(await searchCheck(hansard), 'ok')

    const path = corpus.write(`claude/${session}.jsonl`, lines(claudeSession(session, 3)))
    await hansard.transcripts.ingest({ paths: [path] })
    assert.equal((await anchors(hansard, 'please', transcript)).length, 3)
    corpus.write(`claude/${session}.jsonl`, lines(claudeSession(session, 1)).replaceAll('Please', 'Kindly'))
    await hansard.transcripts.ingest({ paths: [path] })
    assert.deepEqual(await anchors(hansard, 'please'), [])
    assert.deepEqual(await anchors(hansard, 'kindly'), [uid, `${uid}#1`])
    assert.equal(await searchCheck(hansard), 'ok')
  }),
)

testOnBoth('doctor tells of transcripts that cannot be found, and reindex writes the same entries', (store) =>
  withCorpus(store, async (corpus, hansard) => {
    await hansard.transcripts.ingest({ paths: corpus.writeAll() })
    const queries = ['please', '"result 9"', 'did OR do', 'module']
    const before = await Promise.all(queries.map((query) => anchors(hansard, query, { projectId: 'shop' })))
    assert.equal(await searchCheck(hansard), 'ok')
    await store.execute("delete from search_entries where kind in ('transcript', 'digest')")
    assert.match(
      await searchCheck(hansard),
      /^\d+ of the transcript events cannot be found, 4 of the transcripts cannot/,
    )
    await hansard.reindexSearch()
    assert.equal(await searchCheck(hansard), 'ok')
    const after = await Promise.all(queries.map((query) => anchors(hansard, query, { projectId: 'shop' })))
    assert.deepEqual(after, before)
    assert.ok(before.every((each) => each.length > 0))
  }),
)

testOnBoth('either kind can be switched off', async (store) => {
  const corpus = new Corpus()
  store.afterwards(async () => rmSync(corpus.folder, { recursive: true }))
  const hansard = await store.open({ search: { transcript: false, tool: false } })
  await hansard.transcripts.ingest({ paths: corpus.writeAll() })
  const { items } = await hansard.search('please')
  assert.deepEqual(new Set(items.map(({ kind }) => kind)), new Set(['digest']))
  assert.equal(await searchCheck(hansard), 'ok')
  assert.equal(Object.keys(files).length, 5)
  const without = await store.open({ search: { transcript: false, digest: false, tool: false } })
  assert.match(await searchCheck(without), /^4 entries are of kinds that are switched off/)
})

testOnBoth('doctor names transcripts and sources that nothing can read any more', (store) =>
  withCorpus(store, async (corpus, hansard) => {
    const [path = ''] = corpus.writeAll()
    await hansard.transcripts.ingest({ paths: [path] })
    const orphans = async () => (await hansard.doctor(['orphans']))[0]?.detail
    assert.equal(await orphans(), 'as it should be')
    await store.execute(`update ${store.table('transcripts')} set digest = 'x'`)
    const [source] = await store.execute(`select id from ${store.table('transcript_sources')}`)
    await store.execute(`update ${store.table('transcript_sources')} set position = '[]'`)
    assert.equal(
      await orphans(),
      `not JSON any more in the transcripts ${uid}; not JSON any more in the transcript sources ${String(source?.id)}`,
    )
    assert.deepEqual(await anchors(hansard, 'zebras', digest), [])
  }),
)

testOnBoth('doctor counts what is left of transcripts and of sources that are gone', (store) =>
  withCorpus(store, async (corpus, hansard) => {
    const [path = ''] = corpus.writeAll()
    await hansard.transcripts.ingest({ paths: [path] })
    const host = await store.host({ synchronize: false })
    const table = (name: string) => (store.schema ? `${store.schema}.transcript_${name}` : `transcript_${name}`)
    const orphans = async () => (await hansard.doctor(['orphans']))[0]?.detail
    const told = (rows: number) => `${rows} rows belong to no session, context, source or transcript`
    await host.query(
      `insert into ${table('amendments')} (source_id, transcript_id, join_key, is_error)
       select source_id, transcript_id, 'k', 0 from ${table('links')}`,
    )
    await host.query(
      `insert into ${table('turns')} (source_id, transcript_id, turn, is_copied, place)
       select source_id, transcript_id, 't', 0, 0 from ${table('links')}`,
    )
    assert.equal(await orphans(), 'as it should be')
    let rows = 0
    for (const name of ['events', 'usages', 'turns', 'amendments']) {
      const [{ n }] = (await host.query(`select count(*) as n from ${table(name)}`)) as [{ n: number | string }]
      await host.query(`update ${table(name)} set source_id = 'gone'`)
      rows += Number(n)
      assert.ok(Number(n) > 0, name)
      assert.equal(await orphans(), told(rows), name)
    }
    const drop = `alter table ${table('evictions')} drop constraint fk_transcript_evictions_transcript`
    await host.query(store.isSqlite ? 'PRAGMA foreign_keys = off' : drop)
    await host.query(`insert into ${table('evictions')} (transcript_id, event_key) values ('gone', 'k')`)
    assert.equal(await orphans(), told(rows + 1))
  }),
)
