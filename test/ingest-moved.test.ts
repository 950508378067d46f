import assert from 'node:assert/strict'
import { copyFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Sqlite from 'better-sqlite3'
import type { TranscriptService } from '../src/domain/transcripts/transcript-service.js'
import { type TestStore, testOnBoth } from './test-store.js'
import { contents } from './transcript-contents.js'
import { Corpus, claudeSession, codexId, files, lines, session } from './transcript-corpus.js'
import { transcriptStore } from './transcript-store.js'
import { storedFrame } from './zstd-frame.js'

interface Scene {
  corpus: Corpus
  store: TestStore
  transcripts: TranscriptService
  /** The tables are those of a store that never saw the files elsewhere. */
  assertAsFresh(paths: string[]): Promise<void>
}

const scene = (work: (scene: Scene) => Promise<void>) => async (store: TestStore) => {
  const corpus = new Corpus()
  store.afterwards(async () => rmSync(corpus.folder, { recursive: true }))
  const transcripts = await transcriptStore(store, { namespace: 'moved' })
  const assertAsFresh = async (paths: string[]) => {
    await (await transcriptStore(store, { namespace: 'fresh' })).ingest({ paths })
    assert.deepEqual(await contents(store, 'moved'), await contents(store, 'fresh'))
  }
  await work({ corpus, store, transcripts, assertAsFresh })
}

function move(from: string, to: string): string {
  mkdirSync(dirname(to), { recursive: true })
  renameSync(from, to)
  return to
}

const long = lines(claudeSession(session, 60))
const named = (id: string) => Object.entries(files).find(([name]) => name.includes(id)) ?? ['', '']

testOnBoth(
  'files that were moved are the sources that they were, and are gone on with',
  scene(async ({ corpus, transcripts, assertAsFresh }) => {
    const paths = [...corpus.writeAll(), corpus.write('long/long.jsonl', long.slice(0, 300_000))]
    await transcripts.ingest({ paths })
    const uids = (await transcripts.list()).items.map(({ uid }) => uid)
    const idsOf = async () => {
      const pages = await Promise.all(uids.map((uid) => transcripts.events(uid, { limit: 1000 })))
      return pages.flatMap(({ items }) => items.map(({ id }) => id)).sort()
    }
    const before = await idsOf()
    const moved = paths.map((path) => move(path, path.replace(corpus.folder, join(corpus.folder, 'elsewhere'))))
    const { sources } = await transcripts.ingest({ paths: moved })
    assert.deepEqual([sources.found, sources.read, sources.failed], [6, 6, []])
    assert.deepEqual(await idsOf(), before)
    assert.equal((await transcripts.get(`claude:${session}`)).generation, 1)
    assert.equal((await transcripts.ingest({ paths: moved })).sources.unchanged, 6)
    const grown = move(moved[5] ?? '', corpus.path('renamed.jsonl'))
    writeFileSync(grown, long)
    const all = [...moved.slice(0, 5), grown]
    await transcripts.ingest({ paths: all })
    await assertAsFresh(all)
  }),
)

testOnBoth(
  'a rollout that was archived, compressed or both is the source that it was',
  scene(async ({ corpus, transcripts, assertAsFresh }) => {
    const [name, content] = named(codexId(1))
    const file = name.slice('codex/'.length)
    let path = corpus.write(`sessions/${file}`, content.slice(0, 1500))
    await transcripts.ingest({ paths: [path] })
    rmSync(path)
    path = corpus.write(`archived_sessions/${file}.zst`, storedFrame(Buffer.from(content)))
    await transcripts.ingest({ paths: [path] })
    path = move(path, corpus.path(`away/${file}.zst`))
    await transcripts.ingest({ paths: [path] })
    rmSync(path)
    path = corpus.write(`back/${file}`, content)
    await transcripts.ingest({ paths: [corpus.folder] })
    await assertAsFresh([path])
    const { sources, figures } = await transcripts.get(`codex:${codexId(1)}`)
    assert.deepEqual([sources.map((each) => each.path), figures.records], [[path], content.trim().split('\n').length])
  }),
)

testOnBoth(
  'a folder, a document and a database that were moved are the sources that they were',
  scene(async ({ corpus, transcripts, assertAsFresh }) => {
    corpus.write('grok/g1/chat_history.jsonl', lines([{ type: 'user', content: [{ type: 'text', text: 'hello' }] }]))
    corpus.write('grok/g1/summary.json', JSON.stringify({ info: { id: 'g1' } }))
    const messages = [{ id: 'm1', timestamp: '2026-01-01T00:00:00Z', type: 'user', content: 'hello' }]
    corpus.write('gemini/session-1.json', JSON.stringify({ sessionId: 'gem', projectHash: 'p', messages }))
    const database = new Sqlite(corpus.path('grok.db'))
    database.exec(`create table messages (session_id text, seq integer, message_json text, created_at text);
      create table sessions (id text, title text, model text, cwd_last text, created_at text, updated_at text);
      create table usage_events (id integer, session_id text, model text, input_tokens integer, output_tokens integer, created_at text);
      insert into messages values ('d1', 1, '{"role":"user","content":"hello"}', '2026-01-01T00:00:00Z')`)
    database.close()
    const places = { grok: 'renamed', 'gemini/session-1.json': 'session-2.json', 'grok.db': 'kept.db' }
    await transcripts.ingest({ paths: Object.keys(places).map((name) => corpus.path(name)) })
    const moved = Object.entries(places).map(([from, to]) => move(corpus.path(from), corpus.path(`away/${to}`)))
    assert.equal((await transcripts.ingest({ paths: moved })).sources.read, 3)
    assert.equal((await transcripts.list()).items.length, 3)
    await assertAsFresh(moved)
  }),
)

testOnBoth(
  'a file that lies elsewhere too, or does not begin as the one that is gone, is another source',
  scene(async ({ corpus, store, transcripts, assertAsFresh }) => {
    const path = corpus.write('one.jsonl', long)
    const copy = corpus.path('copy.jsonl')
    copyFileSync(path, copy)
    await transcripts.ingest({ paths: [path] })
    await transcripts.ingest({ paths: [copy] })
    await transcripts.ingest({ paths: [copy, path] })
    await assertAsFresh([path, copy])
    const before = (await contents(store, 'moved')).events?.length ?? 0
    rmSync(path)
    const other = corpus.write('other.jsonl', long.replace('Please do 30', 'Kindly do 30'))
    await transcripts.ingest({ paths: [other] })
    const { sources } = await transcripts.get(`claude:${session}`)
    assert.deepEqual(new Set(sources.map((each) => each.path)), new Set([path, copy, other]))
    assert.equal((await contents(store, 'moved')).events?.length, before * 1.5)
  }),
)

testOnBoth(
  'a copy of a rollout that was compressed since is another source, whichever is found first',
  scene(async ({ corpus, transcripts, assertAsFresh }) => {
    const [name, content] = named(codexId(1))
    const path = corpus.write(name, content)
    await transcripts.ingest({ paths: [path] })
    const copy = corpus.write('copy.jsonl', content)
    rmSync(path)
    const paths = [copy, corpus.write(`${name}.zst`, storedFrame(Buffer.from(content)))]
    assert.equal((await transcripts.ingest({ paths })).sources.read, 2)
    assert.equal((await transcripts.ingest({ paths })).sources.unchanged, 2)
    await assertAsFresh(paths)
  }),
)

testOnBoth(
  'of two files that begin as one that is gone, one is what it was, whoever finds them',
  scene(async ({ corpus, store, transcripts, assertAsFresh }) => {
    const path = corpus.write('one.jsonl', long)
    await transcripts.ingest({ paths: [path] })
    const paths = ['first.jsonl', 'second.jsonl'].map((name) => corpus.path(name))
    for (const each of paths) copyFileSync(path, each)
    rmSync(path)
    const beside = await transcriptStore(store, { namespace: 'moved' })
    const reports = await Promise.all([transcripts.ingest({ paths }), beside.ingest({ paths: paths.toReversed() })])
    for (const { sources } of reports) assert.deepEqual([sources.found, sources.failed], [2, []])
    await assertAsFresh(paths)
  }),
)
