import assert from 'node:assert/strict'
import { rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { testOnBoth } from './test-store.js'
import { Corpus, claudeSession, codexId, lines, session } from './transcript-corpus.js'
import { transcriptStore } from './transcript-store.js'
import { storedFrame } from './zstd-frame.js'

testOnBoth('what could not be looked at once is told once, and read as soon as it can be', async (store) => {
  const corpus = new Corpus()
  store.afterwards(async () => rmSync(corpus.folder, { recursive: true }))
  const path = join(corpus.folder, `${session}.jsonl`)
  symlinkSync(path, path)
  const transcripts = await transcriptStore(store)
  const { sources } = await transcripts.ingest({ paths: [path] })
  assert.deepEqual([sources.found, sources.refused, sources.failed.length], [1, [], 1])
  assert.match(sources.failed[0]?.reason ?? '', /ELOOP/)
  for await (const { state, refusal } of transcripts.discover({ paths: [path] })) {
    assert.equal(state, 'refused')
    assert.match(refusal ?? '', /ELOOP/)
  }
  unlinkSync(path)
  writeFileSync(path, lines(claudeSession(session, 1)))
  const after = await transcripts.ingest({ paths: [path] })
  assert.deepEqual([after.sources.read, after.sources.failed], [1, []])
})

testOnBoth('a database that was locked is read by the next ingest, though nothing was written to it', async (store) => {
  const corpus = new Corpus()
  store.afterwards(async () => rmSync(corpus.folder, { recursive: true }))
  const path = corpus.write('grok.db', '')
  const database = new Sqlite(path)
  database.exec(`create table messages (session_id text, seq integer, message_json text, created_at text);
    create table sessions (id text, title text, model text, cwd_last text, created_at text, updated_at text);
    create table usage_events (id integer, session_id text, input_tokens integer, output_tokens integer, model text, created_at text)`)
  const said = JSON.stringify({ role: 'user', content: 'Hello' })
  database.prepare('insert into messages values (?, 1, ?, ?)').run('s-1', said, '2026-01-01T00:00:00.000Z')
  database.exec('begin exclusive')
  const transcripts = await transcriptStore(store)
  const { sources } = await transcripts.ingest({ paths: [path] })
  assert.deepEqual([sources.found, sources.read, sources.refused, sources.failed.length], [1, 0, [], 1])
  assert.match(sources.failed[0]?.reason ?? '', /locked/)
  database.exec('rollback')
  const after = await transcripts.ingest({ paths: [path] })
  assert.deepEqual([after.sources.read, after.sources.refused, after.sources.failed], [1, [], []])
  database.close()
})

testOnBoth('a file that a folder passes over is read where it is named, before or after', async (store) => {
  const corpus = new Corpus()
  store.afterwards(async () => rmSync(corpus.folder, { recursive: true }))
  const path = corpus.write('printed.jsonl', lines([{ type: 'system', subtype: 'init' }, ...claudeSession('s', 1)]))
  const transcripts = await transcriptStore(store)
  const first = await transcripts.ingest({ paths: [corpus.folder] })
  assert.deepEqual([first.sources.read, first.sources.refused.length], [0, 1])
  for await (const { state } of transcripts.discover({ paths: [path] })) assert.equal(state, 'changed')
  const named = await transcripts.ingest({ paths: [path] })
  assert.deepEqual([named.sources.read, named.sources.refused], [1, []])
  const again = await transcripts.ingest({ paths: [path] })
  assert.deepEqual([again.sources.read, again.sources.unchanged], [0, 1])
})

testOnBoth('of a file that is damaged all is kept that was read before the damage', async (store) => {
  const corpus = new Corpus()
  store.afterwards(async () => rmSync(corpus.folder, { recursive: true }))
  const message = (index: number) => ({
    ...{ timestamp: '2026-01-01T00:00:00.000Z', type: 'response_item' },
    payload: {
      type: 'message',
      role: 'user',
      content: [{ type: 'input_text', text: `${index} ${'x'.repeat(100_000)}` }],
    },
  })
  const meta = { timestamp: '2026-01-01T00:00:00.000Z', type: 'session_meta', payload: { id: codexId(1) } }
  const records = [meta, ...Array.from({ length: 50 }, (_, index) => message(index))]
  const torn = Buffer.concat([storedFrame(Buffer.from(lines(records))), Buffer.from('no frame at all')])
  corpus.write(`rollout-2026-01-01T00-00-00-${codexId(1)}.jsonl.zst`, torn)
  const transcripts = await transcriptStore(store)
  const { sources } = await transcripts.ingest({ paths: [corpus.folder] })
  assert.equal(sources.failed.length, 1)
  // 2 MiB and a line to a batch: two of them are whole.
  const { items } = await transcripts.events(`codex:${codexId(1)}`, { limit: 100 })
  assert.equal(items.length, 42)
})

testOnBoth('of a file that cannot be read from its start again all is kept that was read before', async (store) => {
  const corpus = new Corpus()
  store.afterwards(async () => rmSync(corpus.folder, { recursive: true }))
  const message = { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'x'.repeat(10_000) }] }
  const records = Array.from({ length: 20 }, (_, index) => ({ type: 'response_item', payload: { ...message, index } }))
  const whole = storedFrame(Buffer.from(lines([{ type: 'session_meta', payload: { id: codexId(1) } }, ...records])))
  const path = corpus.write(`rollout-2026-01-01T00-00-00-${codexId(1)}.jsonl.zst`, whole)
  const printed = lines([{ type: 'system', subtype: 'init' }, ...claudeSession('s', 1)])
  const named = corpus.write('printed.jsonl', printed)
  const transcripts = await transcriptStore(store)
  await transcripts.ingest({ paths: [path, named] })
  const count = async (uid: string) => (await transcripts.events(uid, { limit: 100 })).items.length
  writeFileSync(path, Buffer.concat([storedFrame(Buffer.alloc(100_000, '\n')), Buffer.from('no frame at all')]))
  const { sources } = await transcripts.ingest({ paths: [corpus.folder], again: true })
  assert.deepEqual([sources.failed.length, sources.refused.length], [1, 1])
  assert.deepEqual([await count(`codex:${codexId(1)}`), await count('claude:s')], [20, 5])
  writeFileSync(path, whole)
  const after = await transcripts.ingest({ paths: [corpus.folder] })
  assert.deepEqual([after.sources.read, await count(`codex:${codexId(1)}`)], [1, 20])
})
