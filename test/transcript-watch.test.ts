import assert from 'node:assert/strict'
import { appendFileSync, mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { SourceFolders } from '../src/application/transcripts/source-folders.js'
import type { IngestReport } from '../src/domain/transcripts/transcript-ingest.js'
import type { FolderWatch } from '../src/domain/transcripts/transcript-reader.js'
import { watchFolder } from '../src/infrastructure/readers/watch-folder.js'
import { type TestStore, testOnBoth } from './test-store.js'
import { contents } from './transcript-contents.js'
import { Corpus, claudeSession, codexId, lines, session } from './transcript-corpus.js'
import { transcriptStore } from './transcript-store.js'

const never = 86_400_000
const other = '2a1b2c3d-4e5f-4061-8071-2a3b4c5d6e7f'
const later = '3a1b2c3d-4e5f-4061-8071-2a3b4c5d6e7f'

function corpusFor(store: TestStore): Corpus {
  const corpus = new Corpus()
  store.afterwards(async () => rmSync(corpus.folder, { recursive: true }))
  return corpus
}

async function reportOf(watch: AsyncIterator<IngestReport>): Promise<IngestReport> {
  const { value, done } = await watch.next()
  if (done) throw new Error('the watch has ended')
  return value
}

/** Notices that the test itself gives, and of whom it listens to. */
function tellable() {
  const listeners = new Map<string, () => void>()
  const watchFolder: FolderWatch = (folder, onChange) => {
    listeners.set(folder, onChange)
    return { isLive: () => Promise.resolve(true), stop: () => void listeners.delete(folder) }
  }
  return { watchFolder, listeners }
}

testOnBoth(
  'what is written is read when the file system tells of it, and a half line when it is whole',
  async (store) => {
    const corpus = corpusFor(store)
    const text = lines(claudeSession(session, 3))
    const cut = text.lastIndexOf('\n', text.length - 2) + 40
    const path = corpus.write(`claude/${session}.jsonl`, lines(claudeSession(session, 2)))
    const transcripts = await transcriptStore(store)
    const watch = transcripts.watch({ paths: [corpus.folder], quietMs: 5, rescanMs: never })
    const { sources, transcripts: found } = await reportOf(watch)
    assert.deepEqual([sources.read, found[0]?.userPrompts], [1, 2])
    writeFileSync(path, text.slice(0, cut))
    const [half] = (await reportOf(watch)).transcripts
    assert.deepEqual([half?.userPrompts, half?.records, half?.malformedLines], [3, 11, 1])
    appendFileSync(path, text.slice(cut))
    const [whole] = (await reportOf(watch)).transcripts
    assert.deepEqual([whole?.records, whole?.malformedLines, whole?.toolResults], [12, 0, 3])
    assert.deepEqual(await watch.return?.(), { value: undefined, done: true })
    const once = await transcriptStore(store, { namespace: 'once' })
    await once.ingest({ paths: [corpus.folder] })
    assert.deepEqual(await contents(store, 'default'), await contents(store, 'once'))
  },
)

testOnBoth('new files and folders are found where others lie, and nothing else is read', async (store) => {
  const corpus = corpusFor(store)
  corpus.write(`projects/shop/${session}.jsonl`, lines(claudeSession(session, 1)))
  const transcripts = await transcriptStore(store)
  const watch = transcripts.watch({ paths: [corpus.folder], quietMs: 5, rescanMs: never })
  await watch.next()
  corpus.write(`projects/shop/${other}.jsonl`, lines(claudeSession(other, 1)))
  const beside = await reportOf(watch)
  assert.deepEqual([beside.sources.read, beside.transcripts.map(({ uid }) => uid)], [1, [`claude:${other}`]])
  mkdirSync(join(corpus.folder, 'projects/garden'))
  corpus.write(`projects/garden/${later}.jsonl`, lines(claudeSession(later, 1)))
  const apart = await reportOf(watch)
  assert.deepEqual([apart.sources.read, apart.transcripts[0]?.uid], [1, `claude:${later}`])
  await watch.return?.()
})

testOnBoth('a folder that was deleted and made anew is listened to like the first one', async (store) => {
  const corpus = corpusFor(store)
  corpus.write(`claude/${session}.jsonl`, lines(claudeSession(session, 1)))
  const transcripts = await transcriptStore(store)
  const signal = AbortSignal.timeout(30_000)
  const watch = transcripts.watch({ paths: [corpus.folder], quietMs: 5, rescanMs: never, signal })
  await reportOf(watch)
  rmSync(join(corpus.folder, 'claude'), { recursive: true })
  const path = corpus.write(`claude/${other}.jsonl`, lines(claudeSession(other, 1)))
  assert.deepEqual(
    (await reportOf(watch)).transcripts.map(({ uid }) => uid),
    [`claude:${other}`],
  )
  for (const turns of [2, 3, 4]) {
    writeFileSync(path, lines(claudeSession(other, turns)))
    assert.equal((await reportOf(watch)).transcripts[0]?.userPrompts, turns)
  }
  await watch.return?.()
})

testOnBoth('what nobody tells of is found by looking again', async (store) => {
  const corpus = corpusFor(store)
  const path = corpus.write(`claude/${session}.jsonl`, lines(claudeSession(session, 1)))
  const { watchFolder, listeners } = tellable()
  const transcripts = await transcriptStore(store, { watchFolder })
  const watch = transcripts.watch({ paths: [path], quietMs: 1, rescanMs: 20 })
  await watch.next()
  writeFileSync(path, lines(claudeSession(session, 2)))
  assert.equal((await reportOf(watch)).transcripts[0]?.userPrompts, 2)
  assert.ok(listeners.size > 0)
  await watch.return?.()
  assert.equal(listeners.size, 0)
})

testOnBoth('a watch is ended by its signal, by leaving it and by the store, and not by an error', async (store) => {
  const corpus = corpusFor(store)
  corpus.write(`claude/${session}.jsonl`, lines(claudeSession(session, 1)))
  const hansard = await store.open({ migrate: 'run' })
  const paths = [corpus.folder]
  const ending = new AbortController()
  const byToken = hansard.transcripts.watch({ paths, signal: ending.signal, rescanMs: never })
  const left = hansard.transcripts.watch({ paths, rescanMs: never })
  const byStore = hansard.transcripts.watch({ paths, rescanMs: never })
  for (const each of [byToken, left, byStore]) assert.equal((await each.next()).done, false)
  const waiting = [byToken.next(), left.next(), byStore.next()]
  ending.abort()
  assert.equal((await waiting[0])?.done, true)
  await left.return?.()
  assert.equal((await waiting[1])?.done, true)
  await hansard.close()
  assert.equal((await waiting[2])?.done, true)
  await assert.rejects(hansard.transcripts.watch().next(), { code: 'STORE_CLOSED' })
})

testOnBoth('a watch that cannot be is refused', async (store) => {
  const transcripts = await transcriptStore(store)
  for (const options of [{ quietMs: 0 }, { rescanMs: 1.5 }, { flavors: ['song'] }, { speed: 1 }, { again: true }]) {
    await assert.rejects(transcripts.watch(options as never).next(), { code: 'INVALID_INPUT' })
  }
})

testOnBoth('what is a folder itself, and what lies in folders of days, is followed like a file', async (store) => {
  const corpus = corpusFor(store)
  const chat = (text: string) => ({ type: 'user', content: [{ type: 'text', text }] })
  const history = corpus.write('grok/sessions/shop/g/chat_history.jsonl', lines([chat('hello')]))
  const name = (index: number) => `rollout-2026-01-0${index}T00-00-00-${codexId(index)}.jsonl`
  const meta = (index: number) => lines([{ type: 'session_meta', payload: { id: codexId(index), cwd: '/x' } }])
  corpus.write(`codex/sessions/2026/01/01/${name(1)}`, meta(1))
  const transcripts = await transcriptStore(store)
  const watch = transcripts.watch({ paths: [corpus.folder], quietMs: 5, rescanMs: never })
  assert.equal((await reportOf(watch)).sources.read, 2)
  appendFileSync(history, lines([chat('again')]))
  const grok = await reportOf(watch)
  assert.deepEqual([grok.sources.found, grok.transcripts[0]?.uid, grok.transcripts[0]?.userPrompts], [1, 'grok:g', 2])
  corpus.write(`codex/sessions/2026/01/02/${name(2)}`, meta(2))
  const codex = await reportOf(watch)
  assert.deepEqual([codex.sources.read, codex.transcripts[0]?.uid], [1, `codex:${codexId(2)}`])
  await watch.return?.()
})

test('a folder is listened to as soon as it is there, and again after every end', async () => {
  const corpus = new Corpus()
  after(() => rmSync(corpus.folder, { recursive: true }))
  const folder = join(corpus.folder, 'named')
  let tell = (_: string) => undefined as void
  const told: string[] = []
  const folders = new SourceFolders(watchFolder, (path) => {
    told.push(path)
    tell(path)
  })
  const toldAfter = (change: () => void) =>
    new Promise<string>((resolve) => {
      tell = resolve
      change()
    })
  folders.addNamed(folder, 'claude')
  await folders.watchNewest()
  assert.deepEqual(told, [])
  for (const look of [() => folders.watchNew(), () => folders.watchNewest(), () => folders.watchNew()]) {
    mkdirSync(folder)
    const before = told.length
    await look()
    assert.ok(told.length > before)
    assert.equal(await toldAfter(() => writeFileSync(join(folder, 'a'), '')), folder)
    rmSync(folder, { recursive: true })
  }
  folders.close()
})

test('a folder that another has taken the place of is listened to anew', async () => {
  const corpus = new Corpus()
  after(() => rmSync(corpus.folder, { recursive: true }))
  const folder = join(corpus.folder, 'named')
  mkdirSync(folder)
  const listener = watchFolder(folder, () => undefined)
  assert.equal(await listener?.isLive(), true)
  writeFileSync(join(folder, 'a'), '')
  assert.equal(await listener?.isLive(), true)
  renameSync(folder, join(corpus.folder, 'apart'))
  mkdirSync(folder)
  assert.equal(await listener?.isLive(), false)
  listener?.stop()
})

test('a source that scan after scan finds is looked at once', async () => {
  const corpus = new Corpus()
  after(() => rmSync(corpus.folder, { recursive: true }))
  const file = corpus.write('f/x.jsonl', 'x')
  let looks = 0
  const source = () => ({
    ...{ flavor: 'claude', id: 'x', form: 'lines' as const, sessionId: 'x' },
    get path() {
      looks++
      return file
    },
  })
  const folders = new SourceFolders(tellable().watchFolder, () => undefined)
  for (let scan = 0; scan < 50; scan++) folders.add(source())
  looks = 0
  await folders.watchNewest()
  assert.equal(looks, 1)
})

test('of many folders those that were named or written to last are listened to', async () => {
  const corpus = new Corpus()
  after(() => rmSync(corpus.folder, { recursive: true }))
  const { watchFolder, listeners } = tellable()
  const told: string[] = []
  const folders = new SourceFolders(watchFolder, (folder) => told.push(folder))
  const add = (index: number, writtenAt: number) => {
    const path = corpus.write(`f${index}/x.jsonl`, 'x')
    utimesSync(path, writtenAt, writtenAt)
    folders.add({ flavor: 'claude', id: path, path, form: 'lines', sessionId: 'x' })
  }
  for (let index = 0; index < 600; index++) add(index, 1_000 + index)
  folders.addNamed(join(corpus.folder, 'named'), 'codex')
  await folders.watchNewest()
  const isWatched = (name: string) => listeners.has(join(corpus.folder, name))
  assert.deepEqual([listeners.size, told.length], [500, 500])
  assert.deepEqual(['named', '', 'f599', 'f102', 'f101'].map(isWatched), [true, true, true, true, false])
  add(7, 9_000)
  await folders.watchNewest()
  assert.deepEqual([listeners.size, isWatched('f7'), isWatched('f102')], [500, true, false])
  await folders.watchNew()
  assert.deepEqual([listeners.size, told.length], [500, 501])
  folders.close()
  assert.equal(listeners.size, 0)
})
