import assert from 'node:assert/strict'
import { readFileSync, rmSync, statSync, utimesSync } from 'node:fs'
import { type TestStore, testOnBoth } from './test-store.js'
import { contents } from './transcript-contents.js'
import { Corpus, claudeSession, codexId, files, fork, lines, session } from './transcript-corpus.js'
import { transcriptStore } from './transcript-store.js'

const uid = `claude:${session}`
/** Of some hundred kilobytes. */
const long = lines(claudeSession(session, 60))

function corpusFor(store: TestStore): Corpus {
  const corpus = new Corpus()
  store.afterwards(async () => rmSync(corpus.folder, { recursive: true }))
  return corpus
}

const touch = (path: string, day: number) => utimesSync(path, new Date(2026, 0, day), new Date(2026, 0, day))

testOnBoth('a file that was rewritten in its middle, at the same length, is read anew', async (store) => {
  const corpus = corpusFor(store)
  const path = corpus.write(`${session}.jsonl`, long)
  touch(path, 1)
  const transcripts = await transcriptStore(store, { namespace: 'rewritten' })
  await transcripts.ingest({ paths: [path] })
  corpus.write(`${session}.jsonl`, long.replace('Please do 30', 'Kindly do 30'))
  touch(path, 2)
  assert.equal((await transcripts.ingest({ paths: [path] })).sources.read, 1)
  const { items } = await transcripts.events(uid, { kinds: ['user_msg'], withBodies: true })
  assert.deepEqual([items[29]?.body, items[30]?.body], ['Please do 29', 'Kindly do 30'])
  assert.equal((await transcripts.get(uid)).generation, 2)
  await (await transcriptStore(store, { namespace: 'fresh' })).ingest({ paths: [path] })
  const [rewritten, fresh] = [await contents(store, 'rewritten'), await contents(store, 'fresh')]
  assert.deepEqual({ ...rewritten, bodies: [] }, { ...fresh, bodies: [] })
})

testOnBoth('a file that was only touched leaves the tables as they are', async (store) => {
  const corpus = corpusFor(store)
  const path = corpus.write(`${session}.jsonl`, long.slice(0, 300_000))
  touch(path, 1)
  const transcripts = await transcriptStore(store)
  await transcripts.ingest({ paths: [path] })
  corpus.write(`${session}.jsonl`, long)
  await transcripts.ingest({ paths: [path] })
  const before = await contents(store, 'default')
  const ids = async () => (await transcripts.events(uid, { limit: 1000 })).items.map(({ id }) => id)
  const eventIds = await ids()
  touch(path, 3)
  const { sources, transcripts: changed } = await transcripts.ingest({ paths: [path] })
  assert.deepEqual([sources.read, changed], [1, []])
  assert.deepEqual(await contents(store, 'default'), before)
  assert.deepEqual(await ids(), eventIds)
  const { generation, sources: of } = await transcripts.get(uid)
  assert.deepEqual([generation, of[0]?.generation, of[0]?.bytes], [1, 1, statSync(path).size])
  assert.equal((await transcripts.ingest({ paths: [path] })).sources.unchanged, 1)
  assert.equal(readFileSync(path, 'utf8'), long)
})

testOnBoth('a half line that was taken back is counted no more', async (store) => {
  const corpus = corpusFor(store)
  const transcripts = await transcriptStore(store)
  const malformed = []
  for (const end of ['', '{"type":"us', '']) {
    const path = corpus.write(`${session}.jsonl`, lines(claudeSession(session, 1)) + end)
    await transcripts.ingest({ paths: [path] })
    malformed.push((await transcripts.get(uid)).figures.malformedLines)
  }
  assert.deepEqual(malformed, [0, 1, 0])
})

testOnBoth(
  'a half line that was all of a session is the session no more when it was taken back, or is whole',
  async (store) => {
    const corpus = corpusFor(store)
    const transcripts = await transcriptStore(store)
    const uids = async (content: string, again = false) => {
      await transcripts.ingest({ paths: [corpus.write(`${fork}.jsonl`, content)], again })
      return (await transcripts.list()).items.map((each) => each.uid).sort()
    }
    const copied = claudeSession(session, 2)
    for (const again of [false, true]) {
      assert.deepEqual(await uids(`${lines(copied)}{"type":"us`), [uid, `claude:${fork}`])
      assert.deepEqual(await uids(lines(again ? copied : copied.slice(1)), again), [uid])
    }
    const grown = lines(claudeSession(session, 3))
    assert.deepEqual(await uids(grown.slice(0, -9)), [uid, `claude:${fork}`])
    assert.deepEqual(await uids(grown), [uid])
  },
)

const rollout = Object.entries(files).find(([name]) => name.includes(codexId(1)))?.[1] ?? ''
const others = { [`claude:${fork}`]: lines(claudeSession(fork, 3)), [`codex:${codexId(1)}`]: rollout }

testOnBoth('of a file that is another session or another agent now, nothing that was is told', async (store) => {
  const corpus = corpusFor(store)
  for (const [other, content] of Object.entries(others)) {
    const path = corpus.write('one.jsonl', lines(claudeSession(session, 2)))
    const copy = corpus.write('copy.jsonl', lines(claudeSession(session, 1)))
    const transcripts = await transcriptStore(store, { namespace: `${other} now` })
    const fresh = await transcriptStore(store, { namespace: `${other} fresh` })
    await transcripts.ingest({ paths: [path, copy] })
    corpus.write('one.jsonl', content)
    for (const paths of [[copy, path], [copy]]) {
      if (paths.length === 1) corpus.write('copy.jsonl', content)
      const { sources } = await transcripts.ingest({ paths })
      assert.deepEqual([sources.found, sources.read + sources.unchanged], [paths.length, paths.length])
      await fresh.ingest({ paths })
      const [told, wanted] = [await contents(store, `${other} now`), await contents(store, `${other} fresh`)]
      assert.deepEqual({ ...told, bodies: [] }, { ...wanted, bodies: [] })
    }
    assert.deepEqual(
      (await transcripts.list()).items.map((each) => each.uid),
      [other],
    )
    assert.equal((await transcripts.ingest({ paths: [path, copy] })).sources.unchanged, 2)
  }
})

testOnBoth('so it is where the path is stored without the secret in it', async (store) => {
  const corpus = corpusFor(store)
  const name = `${['ghp', '_', 'R7kQ2mZx9LpT4vWc8NsB', '1dYf6HgJ3aUe5oXi'].join('')}/one.jsonl`
  const transcripts = await transcriptStore(store)
  for (const [told, content] of [[uid, long], ...Object.entries(others)] as const) {
    const paths = [corpus.write(name, content)]
    assert.equal((await transcripts.ingest({ paths })).sources.read, 1)
    const { items } = await transcripts.list()
    assert.deepEqual(
      items.map((each) => each.uid),
      [told],
    )
    assert.equal((await transcripts.ingest({ paths })).sources.unchanged, 1)
  }
})

testOnBoth('what is held or evicted stays as it was when its file is another session now', async (store) => {
  const corpus = corpusFor(store)
  for (const [other, content] of Object.entries(others)) {
    for (const end of ['held', 'evicted']) {
      const path = corpus.write('one.jsonl', lines(claudeSession(session, 2)))
      const transcripts = await transcriptStore(store, { namespace: `${other} ${end}` })
      await transcripts.ingest({ paths: [path] })
      if (end === 'held') await transcripts.hold(uid, 'evidence')
      else await transcripts.evict({ maxAgeMs: 0 })
      const told = async () => [
        await transcripts.get(uid),
        (await transcripts.events(uid, { withBodies: true })).items,
        await transcripts.digest(uid),
      ]
      const before = await told()
      corpus.write('one.jsonl', content)
      await transcripts.ingest({ paths: [path] })
      assert.deepEqual(await told(), before)
      assert.equal((await transcripts.get(other)).sources[0]?.path, path)
      const { sources } = await transcripts.ingest({ paths: [path] })
      assert.deepEqual([sources.found, sources.unchanged], [1, 1])
    }
  }
})

testOnBoth('a file that two agents take for theirs is told by both', async (store) => {
  const corpus = corpusFor(store)
  const spliced = `${lines(claudeSession(session, 1))}${rollout}`
  const path = corpus.write('one.jsonl', spliced)
  const transcripts = await transcriptStore(store)
  const uids = async () => (await transcripts.list()).items.map((each) => each.uid).sort()
  await transcripts.ingest({ paths: [path] })
  const both = [uid, `codex:${codexId(1)}`]
  assert.deepEqual(await uids(), both)
  corpus.write('one.jsonl', `${spliced}${lines(claudeSession(session, 2).slice(4))}`)
  for (const unchanged of [0, 2]) {
    assert.equal((await transcripts.ingest({ paths: [path] })).sources.unchanged, unchanged)
    assert.deepEqual(await uids(), both)
  }
})

testOnBoth('what a rewritten file tells no more counts for who tells it still', async (store) => {
  const corpus = corpusFor(store)
  const transcripts = await transcriptStore(store)
  const original = claudeSession(session, 4)
  const resumed = claudeSession(fork, 4).map((each, index) => ({ ...each, uuid: `resumed-${index}` }))
  corpus.write(`${fork}.jsonl`, lines(resumed).replaceAll('"2026-', '"2027-'))
  const outputs = async (records: object[]) => {
    corpus.write(`${session}.jsonl`, lines(records))
    await transcripts.ingest({ paths: [corpus.folder] })
    const { items } = await transcripts.list()
    return Object.fromEntries(items.map(({ uid: each, tokens }) => [each, tokens.outputTokens]))
  }
  const forked = `claude:${fork}`
  assert.deepEqual(await outputs(original), { [uid]: 206, [forked]: 0 })
  assert.deepEqual(await outputs(original.slice(0, 8)), { [uid]: 101, [forked]: 105 })
  assert.deepEqual(await outputs(original), { [uid]: 206, [forked]: 0 })
})
