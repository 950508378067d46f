import assert from 'node:assert/strict'
import { rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import Sqlite from 'better-sqlite3'
import { StatementLog } from './statement-log.js'
import { testOnBoth } from './test-store.js'
import { Corpus, claudeSession, codexId, lines, session } from './transcript-corpus.js'
import { transcriptStore } from './transcript-store.js'

const codexLine = (id: string) =>
  lines([{ timestamp: '2026-01-01T00:00:00.000Z', type: 'session_meta', payload: { id } }])

testOnBoth(
  'files that are as they were are opened by no reader, not by those of other agents either',
  async (store) => {
    const corpus = new Corpus()
    store.afterwards(async () => rmSync(corpus.folder, { recursive: true }))
    const claude = corpus.write(`${session}.jsonl`, lines(claudeSession(session, 3)))
    const written = new Date(Date.UTC(2026, 0, 1))
    utimesSync(claude, written, written)
    corpus.write(`rollout-2026-01-01T00-00-00-${codexId(1)}.jsonl`, codexLine(codexId(1)))
    const transcripts = await transcriptStore(store)
    const first = await transcripts.ingest({ paths: [corpus.folder] })
    assert.deepEqual([first.sources.found, first.sources.read], [2, 2])
    // Whoever opens it now takes it for another agent's.
    const { size } = statSync(claude)
    writeFileSync(claude, codexLine(codexId(2)).padEnd(size, '\n'))
    utimesSync(claude, written, written)
    const { sources, transcripts: changed } = await transcripts.ingest({ paths: [corpus.folder] })
    assert.deepEqual([sources.found, sources.unchanged, sources.read, changed], [2, 2, 0, []])
  },
)

testOnBoth('the store is asked once for hundreds of files that are as they were', async (store) => {
  const corpus = new Corpus()
  store.afterwards(async () => rmSync(corpus.folder, { recursive: true }))
  await (await store.open()).close()
  const log = new StatementLog(/transcript_sources/)
  const { transcripts } = await store.open({ dataSource: await store.host({ logging: true, logger: log }) })
  for (let file = 0; file < 60; file++) corpus.write(`agent-${file}.jsonl`, lines(claudeSession(`s${file}`, 1)))
  assert.equal((await transcripts.ingest({ paths: [corpus.folder] })).sources.read, 60)
  log.statements.length = 0
  const { sources } = await transcripts.ingest({ paths: [corpus.folder] })
  assert.deepEqual([sources.found, sources.unchanged, log.statements.length], [60, 60, 1])
  for await (const { state } of transcripts.discover({ paths: [corpus.folder] })) assert.equal(state, 'unchanged')
  assert.equal(log.statements.length, 2)
})

testOnBoth('what cannot be read of a source is told of, and the run goes on', async (store) => {
  const corpus = new Corpus()
  store.afterwards(async () => rmSync(corpus.folder, { recursive: true }))
  const path = corpus.write('grok.db', '')
  const database = new Sqlite(path)
  database.exec('create table messages (session_id text, seq integer, message_json text)')
  database.close()
  const good = corpus.write(`${session}.jsonl`, lines(claudeSession(session, 3)))
  const transcripts = await transcriptStore(store)
  const { sources, transcripts: read } = await transcripts.ingest({ paths: [path, good] })
  assert.deepEqual(
    sources.failed.map((failed) => failed.path),
    [path],
  )
  assert.match(sources.failed[0]?.reason ?? '', /no such (table|column)/)
  assert.deepEqual(
    read.map(({ uid }) => uid),
    [`claude:${session}`],
  )
})
