import assert from 'node:assert/strict'
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { relative, sep } from 'node:path'
import { type TestStore, testOnBoth } from './test-store.js'
import { contents } from './transcript-contents.js'
import { Corpus, claudeSession, codexId, files, lines } from './transcript-corpus.js'
import { transcriptStore } from './transcript-store.js'
import { storedFrame } from './zstd-frame.js'

function corpusFor(store: TestStore): Corpus {
  const corpus = new Corpus()
  store.afterwards(async () => rmSync(corpus.folder, { recursive: true }))
  return corpus
}

testOnBoth('a rollout that its agent compressed gives the tables that it gave before', async (store) => {
  const corpus = corpusFor(store)
  const names = Object.keys(files).filter((name) => name.includes(codexId(1)) || name.includes(codexId(2)))
  const paths = names.map((name) => corpus.write(name, files[name] ?? ''))
  const plain = await transcriptStore(store, { namespace: 'plain' })
  const halfway = await transcriptStore(store, { namespace: 'halfway' })
  await plain.ingest({ paths })
  for (const name of names) corpus.write(name, (files[name] ?? '').slice(0, 1500))
  await halfway.ingest({ paths })
  for (const name of names) {
    renameSync(corpus.path(name), `${corpus.path(name)}.away`)
    writeFileSync(`${corpus.path(name)}.zst`, storedFrame(Buffer.from(files[name] ?? '')))
  }
  const compressed = paths.map((path) => `${path}.zst`)
  const { sources } = await halfway.ingest({ paths: compressed })
  assert.equal(sources.read, 2)
  const whole = await transcriptStore(store, { namespace: 'compressed' })
  await whole.ingest({ paths: compressed })
  const wanted = await contents(store, 'plain')
  assert.ok((wanted.events?.length ?? 0) > 10)
  assert.deepEqual(await contents(store, 'halfway'), wanted)
  assert.deepEqual(await contents(store, 'compressed'), wanted)
  assert.equal((await plain.ingest({ paths: compressed })).transcripts.length, 0)
})

testOnBoth('two runs at the same time leave what one leaves', async (store) => {
  const corpus = corpusFor(store)
  const paths = corpus.writeAll()
  const id = '3a1b2c3d-4e5f-4061-8071-2a3b4c5d6e7f'
  paths.push(corpus.write(`long/${id}.jsonl`, lines(claudeSession(id, 900))))
  const alone = await transcriptStore(store, { namespace: 'alone' })
  await alone.ingest({ paths })
  const [one, other] = [
    await transcriptStore(store, { namespace: 'together' }),
    await transcriptStore(store, { namespace: 'together' }),
  ]
  await Promise.all([one.ingest({ paths }), other.ingest({ paths: paths.toReversed() })])
  await one.ingest({ paths })
  assert.deepEqual(await contents(store, 'together'), await contents(store, 'alone'))
})

testOnBoth('a file that is named twice, and found below a folder that is named, is read once', async (store) => {
  const corpus = corpusFor(store)
  const paths = corpus.writeAll()
  const transcripts = await transcriptStore(store)
  const { sources } = await transcripts.ingest({ paths: [...paths, corpus.folder, ...paths] })
  assert.deepEqual([sources.found, sources.read, sources.unchanged], [5, 5, 0])
})

testOnBoth('a file is known by its whole path, however it is named', async (store) => {
  const corpus = corpusFor(store)
  const id = '3a1b2c3d-4e5f-4061-8071-2a3b4c5d6e7f'
  const path = corpus.write(`${id}.jsonl`, lines(claudeSession(id, 2)))
  const transcripts = await transcriptStore(store)
  const named = [
    path,
    relative('.', path),
    `${corpus.folder}${sep}.${sep}${id}.jsonl`,
    `${relative('.', corpus.folder)}${sep}`,
  ]
  const read = []
  for (const each of named) read.push((await transcripts.ingest({ paths: [each] })).sources.read)
  assert.deepEqual(read, [1, 0, 0, 0])
  for await (const { state } of transcripts.discover({ paths: [named[1] ?? ''] })) assert.equal(state, 'unchanged')
  const { sources, figures } = await transcripts.get(`claude:${id}`)
  assert.deepEqual([sources.map((each) => each.path), figures.records], [[path], 8])
})
