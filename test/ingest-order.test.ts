import assert from 'node:assert/strict'
import { appendFileSync, readFileSync, rmSync } from 'node:fs'
import { testOnBoth } from './test-store.js'
import { contents } from './transcript-contents.js'
import { Corpus, claudeSession, codexId, files, fork, lines, session } from './transcript-corpus.js'
import { transcriptStore } from './transcript-store.js'

testOnBoth('the same files give the same tables, in any order, once or twice, in parts or rewritten', async (store) => {
  const corpus = new Corpus()
  try {
    const paths = corpus.writeAll()
    const into = async (namespace: string, ...runs: string[][]) => {
      const transcripts = await transcriptStore(store, { namespace })
      for (const each of runs) assert.deepEqual((await transcripts.ingest({ paths: each })).sources.failed, [])
      return contents(store, namespace)
    }
    const once = await into('once', paths)
    assert.ok(once.events!.length > 80 && once.search!.length > 50 && once.bodies!.length > 3)
    assert.deepEqual(await into('twice', paths, paths), once)
    assert.deepEqual(await into('backwards', ...paths.map((path) => [path]).reverse()), once)
    assert.deepEqual(await into('one by one', ...paths.map((path) => [path])), once)

    for (const share of [0.1, 0.37, 0.5, 0.83]) {
      for (const [name, content] of Object.entries(files)) {
        corpus.write(name, Buffer.from(content).subarray(0, Math.floor(content.length * share)))
      }
      const transcripts = await transcriptStore(store, { namespace: `cut ${share}` })
      await transcripts.ingest({ paths })
      for (const [name, content] of Object.entries(files)) {
        appendFileSync(corpus.path(name), Buffer.from(content).subarray(Math.floor(content.length * share)))
      }
      await transcripts.ingest({ paths })
      assert.deepEqual(await contents(store, `cut ${share}`), once, `cut at ${share}`)
    }

    const transcripts = await transcriptStore(store, { namespace: 'rewritten' })
    for (const [name, content] of Object.entries(files)) {
      corpus.write(
        name,
        lines(claudeSession('2a1b2c3d-4e5f-4061-8071-2a3b4c5d6e7f', 3)).slice(0, -4) + content.slice(content.length),
      )
    }
    await transcripts.ingest({ paths: paths.filter((path) => path.includes('claude')) })
    corpus.writeAll()
    await transcripts.ingest({ paths })
    const rewritten = await contents(store, 'rewritten')
    assert.deepEqual({ ...rewritten, bodies: [] }, { ...once, bodies: [] })
    assert.equal(readFileSync(paths[0] ?? '', 'utf8'), files[`claude/${session}.jsonl`])
  } finally {
    rmSync(corpus.folder, { recursive: true })
  }
})

testOnBoth('a response is counted once across files, for the session that began first', async (store) => {
  const corpus = new Corpus()
  try {
    const paths = corpus.writeAll()
    const transcripts = await transcriptStore(store)
    const { transcripts: ingested } = await transcripts.ingest({ paths })
    const outputs = Object.fromEntries(ingested.map(({ uid, tokens }) => [uid, tokens.outputTokens]))
    const sum = (turns: number) => Array.from({ length: turns }, (_, turn) => 50 + turn).reduce((a, b) => a + b, 0)
    assert.deepEqual(outputs, {
      [`claude:${session}`]: sum(12),
      [`claude:${fork}`]: 0,
      [`codex:${codexId(1)}`]: 9,
      [`codex:${codexId(2)}`]: 3,
    })
    const own = ingested.find(({ uid }) => uid === `codex:${codexId(2)}`)
    assert.deepEqual([own?.userPrompts, own?.toolCalls, own?.toolErrors], [1, 1, 1])
  } finally {
    rmSync(corpus.folder, { recursive: true })
  }
})

testOnBoth('so the report of a run says it, though sessions are put in order one after the other', async (store) => {
  const corpus = new Corpus()
  store.afterwards(async () => rmSync(corpus.folder, { recursive: true }))
  // By itself more than is put in order at once, found first, and begun last.
  const resumed = claudeSession(fork, 1_001).map((each, index) => ({ ...each, uuid: `resumed-${index}` }))
  const later = lines(resumed).replaceAll('more of it ', '').replaceAll('"2026-', '"2027-')
  const original = lines(claudeSession(session, 3))
  const paths = [corpus.write(`${fork}.jsonl`, later), corpus.write(`${session}.jsonl`, original)]
  const transcripts = await transcriptStore(store, { isSearched: false })
  const report = await transcripts.ingest({ paths })
  const outputs = Object.fromEntries(report.transcripts.map(({ uid, tokens }) => [uid, tokens.outputTokens]))
  assert.deepEqual(outputs, { [`claude:${session}`]: 153, [`claude:${fork}`]: 550_550 - 153 })
  assert.equal(report.totals.tokens.outputTokens, 550_550)
})
