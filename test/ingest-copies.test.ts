import assert from 'node:assert/strict'
import { appendFileSync, rmSync } from 'node:fs'
import { type TestStore, testOnBoth } from './test-store.js'
import { Corpus, claudeSession, codexId, files, fork, lines, session } from './transcript-corpus.js'
import { transcriptStore } from './transcript-store.js'
import { storedFrame } from './zstd-frame.js'

const secret = ['ghp', '_', 'R7kQ2mZx9LpT4vWc8NsB', '1dYf6HgJ3aUe5oXi'].join('')
const whole = `${lines(claudeSession(session, 30)).replace('Please do 1', `Please do it with ${secret}`)}no record\n`

function corpusFor(store: TestStore): Corpus {
  const corpus = new Corpus()
  store.afterwards(async () => rmSync(corpus.folder, { recursive: true }))
  return corpus
}

/** What is told of a session whose files were ingested run by run. */
async function told(store: TestStore, namespace: string, uid: string, ...runs: string[][]) {
  const transcripts = await transcriptStore(store, { namespace })
  for (const paths of runs) await transcripts.ingest({ paths })
  const { figures, redactions, turns, lastSeq, sources } = await transcripts.get(uid)
  return { figures, redactions, turns, lastSeq, files: sources.length }
}

testOnBoth('a copy of a file adds nothing to the figures, whichever is read first', async (store) => {
  const corpus = corpusFor(store)
  const uid = `claude:${session}`
  const [path, copy] = [corpus.write(`${session}.jsonl`, whole), corpus.write('copy.jsonl', whole)]
  const one = await told(store, 'one', uid, [path])
  assert.deepEqual([one.figures.records, one.figures.malformedLines, one.redactions], [120, 1, { github: 1 }])
  const both = { ...one, files: 2 }
  assert.deepEqual(await told(store, 'together', uid, [path, copy]), both)
  assert.deepEqual(await told(store, 'one by one', uid, [copy], [path], [copy, path]), both)
  for (const each of [path, copy]) appendFileSync(each, '{"type":"user",')
  assert.deepEqual((await told(store, 'together', uid, [copy], [path])).figures.malformedLines, 2)
  rmSync(copy)
  assert.deepEqual((await told(store, 'together', uid, [path])).figures.malformedLines, 2)
})

testOnBoth('a copy counts by itself when one of the two goes on, until the other does', async (store) => {
  const corpus = corpusFor(store)
  const uid = `claude:${session}`
  const [path, copy] = [corpus.write(`${session}.jsonl`, whole), corpus.write('copy.jsonl', whole)]
  await told(store, 'before', uid, [path, copy])
  const more = lines(claudeSession(session, 31).slice(-4))
  appendFileSync(path, more)
  const fresh = await told(store, 'fresh', uid, [path, copy])
  assert.deepEqual([fresh.figures.records, fresh.lastSeq], [244, 124])
  assert.deepEqual(await told(store, 'before', uid, [path, copy]), fresh)
  appendFileSync(copy, `\n${more}\n`)
  assert.equal((await told(store, 'before', uid, [path, copy])).figures.records, 124)
})

testOnBoth('of a file of several sessions each is a copy by itself', async (store) => {
  const corpus = corpusFor(store)
  const [one, other] = [lines(claudeSession(session, 2)), lines(claudeSession(fork, 2))]
  const [path, copy] = [corpus.write('a.jsonl', one + other), corpus.write('b.jsonl', one + other)]
  await told(store, 'default', `claude:${session}`, [path, copy])
  appendFileSync(path, lines(claudeSession(fork, 3).slice(-4)))
  assert.equal((await told(store, 'default', `claude:${session}`, [path, copy])).figures.records, 8)
  assert.equal((await told(store, 'default', `claude:${fork}`)).figures.records, 20)
})

testOnBoth('so it is with a copy that was compressed', async (store) => {
  const corpus = corpusFor(store)
  const [name, content] = Object.entries(files).find(([each]) => each.includes(codexId(1))) ?? ['', '']
  const paths = [corpus.write(name, content), corpus.write(`away/${name}.zst`, storedFrame(Buffer.from(content)))]
  const { figures, files: count } = await told(store, 'default', `codex:${codexId(1)}`, paths)
  assert.deepEqual([figures.records, count], [content.trim().split('\n').length, 2])
})
