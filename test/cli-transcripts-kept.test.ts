import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { secretToken as secret } from '../features/support/secret-token.js'
import type { EvictionReport } from '../src/domain/transcripts/eviction.js'
import type { RescanReport } from '../src/domain/transcripts/rescan.js'
import type { TranscriptJson } from '../src/domain/transcripts/transcript-json.js'
import { Terminal } from './terminal.js'
import { type TestStore, testOnBoth } from './test-store.js'
import { Corpus, claudeSession, fork, lines, session } from './transcript-corpus.js'

const uid = `claude:${session}`

async function ingested(store: TestStore, ...words: string[]) {
  const terminal = new Terminal()
  terminal.env.HANSARD_DATABASE = store.options.database
  if (store.schema !== undefined) terminal.env.HANSARD_SCHEMA = store.schema
  await terminal.json('migrate', 'up')
  const corpus = new Corpus()
  store.afterwards(async () => rmSync(corpus.folder, { recursive: true }))
  corpus.writeAll()
  await terminal.json('transcripts', 'ingest', corpus.folder, ...words)
  return { terminal, corpus }
}

const textsOf = async (terminal: Terminal) =>
  (await terminal.json<{ items: { body: string | null }[] }>('transcripts', 'events', uid, '--bodies')).items.filter(
    ({ body }) => body !== null,
  ).length

testOnBoth('texts go by their age, but for what is held; they come back when they are asked for', async (store) => {
  const { terminal, corpus } = await ingested(store)
  const evict = (...words: string[]) =>
    terminal.json<EvictionReport>('transcripts', 'evict', '--max-age-ms', '0', ...words)
  const held = await terminal.json<TranscriptJson>('transcripts', 'hold', uid, '--reason', 'under review')
  assert.equal(held.holdReason, 'under review')
  const dry = await evict('--dry-run')
  assert.deepEqual(
    [dry.dryRun, dry.evicted.age, dry.decisions.find((each) => each.uid === uid)?.action],
    [true, 3, 'held'],
  )
  const done = await evict()
  assert.deepEqual([done.evicted, done.bytesFreed], [dry.evicted, dry.bytesFreed])
  assert.ok((await textsOf(terminal)) > 0)
  assert.equal((await terminal.json<TranscriptJson>('transcripts', 'hold', uid, '--release')).holdReason, null)
  const { stdout } = await terminal.type(['transcripts', 'evict', '--max-age-ms', '0'])
  assert.match(stdout, new RegExp(`^evicted {5}${uid} · .*\n.+\n1 transcript evicted: 1 for their age, .*\n.* freed: `))
  assert.equal(await textsOf(terminal), 0)
  const shown = await terminal.type(['transcripts', 'show', uid])
  assert.match(shown.stdout, /texts evicted .*\n.*\n[^]*✗ Bash {6}npm test\n {6}Error: Cannot find module/)
  await terminal.json('transcripts', 'ingest', corpus.folder)
  assert.equal(await textsOf(terminal), 0)
  await terminal.json('transcripts', 'ingest', corpus.folder, '--again')
  assert.equal(await textsOf(terminal), 48)
})

testOnBoth('what was kept as it stood is redacted when that is asked for', async (store) => {
  const { terminal, corpus } = await ingested(store, '--flavor', 'codex')
  const [prompt] = claudeSession(fork, 1)
  const path = corpus.write('bare.jsonl', lines([{ ...prompt, message: { role: 'user', content: secret } }]))
  await terminal.json('transcripts', 'ingest', path, '--no-redact')
  const dry = await terminal.json<RescanReport>('transcripts', 'rescan', '--dry-run')
  assert.deepEqual(
    [dry.dryRun, dry.transcripts.map((each) => each.uid), dry.redactions],
    [true, [`claude:${fork}`], { github: 1 }],
  )
  const { stdout } = await terminal.type(['transcripts', 'rescan', `claude:${fork}`])
  assert.equal(stdout, `claude:${fork}: 1 event changed\n1 transcript looked through, 1 secret hidden\n  github 1\n`)
  const shown = await terminal.type(['transcripts', 'show', `claude:${fork}`])
  assert.ok(!shown.stdout.includes(secret) && shown.stdout.includes('[redacted:github:'), shown.stdout)
})

testOnBoth('what cannot be held, evicted or looked through is refused', async (store) => {
  const { terminal } = await ingested(store, '--flavor', 'codex')
  for (const [line, exitCode, message] of [
    [`hold ${uid}`, 2, /Pass --reason, or --release/],
    [`hold ${uid} --reason a --release`, 2, /Pass --reason, or --release/],
    [`hold ${uid} --reason a`, 3, /TRANSCRIPT_NOT_FOUND/],
    [`rescan ${uid}`, 3, /TRANSCRIPT_NOT_FOUND/],
    ['evict --soft-cap-bytes 9 --hard-cap-bytes 5', 2, /--hard-cap-bytes: 5 is below the soft cap of 9/],
    ['evict --max-age-ms soon', 2, /whole number/],
    ['ingest --again --watch', 2, /cannot be used with/],
  ] as const) {
    const typed = await terminal.type(['transcripts', ...line.split(' ')])
    assert.equal(typed.exitCode, exitCode, line)
    assert.match(typed.stderr, message, line)
  }
})

testOnBoth('what a hold says holds nothing that a terminal would obey', async (store) => {
  const { terminal, corpus } = await ingested(store)
  const id = 'red\u001b[31m'
  await terminal.json('transcripts', 'ingest', corpus.write('red.jsonl', lines(claudeSession(id, 1))))
  for (const [words, said] of [
    [['--reason', 'a test'], 'Held claude:red\n'],
    [['--release'], 'Released claude:red\n'],
  ] as const) {
    const { stdout } = await terminal.type(['transcripts', 'hold', `claude:${id}`, ...words])
    assert.equal(stdout, said)
  }
})
