import assert from 'node:assert/strict'
import { readFileSync, rmSync, statSync, utimesSync } from 'node:fs'
import { type TestStore, testOnBoth } from './test-store.js'
import { contents } from './transcript-contents.js'
import { Corpus, claudeSession, lines, session } from './transcript-corpus.js'
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
