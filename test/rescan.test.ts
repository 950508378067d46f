import assert from 'node:assert/strict'
import { appendFileSync, rmSync } from 'node:fs'
import { secretToken as secret } from '../features/support/secret-token.js'
import type { RescanReport } from '../src/domain/transcripts/rescan.js'
import { type TestStore, testOn, testOnBoth } from './test-store.js'
import { contents } from './transcript-contents.js'
import { Corpus, claudeSession, lines, session } from './transcript-corpus.js'
import { transcriptStore } from './transcript-store.js'

const uid = `claude:${session}`

/** A session that has the secret wherever a file can have one. */
function leaky(): string {
  const records = claudeSession(session, 6).map((record) => ({ ...record, gitBranch: `fix-${secret}` }))
  const said = (uuid: string, content: unknown) => ({ ...records[0], uuid, message: { role: 'user', content } })
  const calling = {
    ...records[1],
    uuid: 'calling',
    message: {
      ...{ id: 'msg_leak', model: 'claude-x', role: 'assistant' },
      content: [
        { type: 'tool_use', id: 'toolu_leak', name: `tool ${secret}`, input: { file_path: `/home/${secret}` } },
      ],
    },
  }
  const failing = said('failing', [
    { type: 'tool_result', tool_use_id: 'toolu_leak', content: `Error: ${secret} was refused`, is_error: true },
  ])
  const title = { type: 'custom-title', sessionId: session, customTitle: `about ${secret}` }
  const long = said('long', `${'x '.repeat(3000)} token ${secret}`)
  return lines([...records, calling, failing, title, long, said('short', `my token is ${secret}`)])
}

const withoutDryRun = ({ dryRun: _, ...report }: RescanReport) => report

testOnBoth(
  'what was stored without redaction is, after a rescan, as if it had been redacted at once',
  async (store) => {
    const corpus = new Corpus()
    store.afterwards(async () => rmSync(corpus.folder, { recursive: true }))
    const paths = [...corpus.writeAll(), corpus.write(`claude/${session}.jsonl`, leaky())]
    const plain = await transcriptStore(store)
    await plain.ingest({ paths, redact: false })
    assert.deepEqual(await store.tablesWith(secret.slice(4)), [
      ...['activity_events', 'search_entries', ...(store.isSqlite ? ['search_index_data'] : [])],
      ...['transcript_errors', 'transcript_events', 'transcript_links', 'transcripts'],
    ])
    const planned = await plain.rescan({ dryRun: true })
    assert.equal((await plain.get(uid)).redactionVersion, null)
    const report = await plain.rescan()
    assert.deepEqual(withoutDryRun(report), withoutDryRun(planned))
    assert.equal(report.scanned, 4)
    assert.ok(report.transcripts.some((each) => each.uid === uid && each.from === null && each.eventsChanged >= 4))
    assert.ok((report.redactions.github ?? 0) >= 4)
    assert.deepEqual(await store.tablesWith(secret.slice(4)), [])
    const whole = await transcriptStore(store, { namespace: 'whole' })
    await store.execute(
      `insert into ${store.table('redaction_keys')} select 'whole', secret from ${store.table('redaction_keys')}`,
    )
    await whole.ingest({ paths })
    assert.deepEqual(await contents(store, 'default'), await contents(store, 'whole'))
    assert.equal((await plain.rescan()).scanned, 0)
    assert.deepEqual((await plain.rescan({ uids: [uid] })).transcripts, [])
    await assert.rejects(plain.rescan({ uids: ['claude:none'] }), { code: 'TRANSCRIPT_NOT_FOUND' })
  },
)

/** What is listed of files that were read so far, the oldest first. */
async function growing(store: TestStore, id: string) {
  const corpus = new Corpus()
  store.afterwards(async () => rmSync(corpus.folder, { recursive: true }))
  const transcripts = await transcriptStore(store)
  const records = claudeSession(id, 2)
  const path = corpus.write('a.jsonl', lines(records.slice(0, 4)))
  await transcripts.ingest({ paths: [path], redact: false })
  appendFileSync(path, lines(records.slice(4)))
  const listed = async () =>
    (await transcripts.list({ order: 'oldest' })).items.map((each) => [each.uid, each.lastSeq, each.redactionVersion])
  return { transcripts, paths: [path], listed }
}

testOnBoth('what was stored without redaction is found by a rescan, also where it went on with it', async (store) => {
  const { transcripts, paths, listed } = await growing(store, session)
  await transcripts.ingest({ paths })
  assert.deepEqual(await listed(), [[uid, 8, null]])
  const { redactionVersion, scanned } = await transcripts.rescan()
  assert.deepEqual([scanned, await listed()], [1, [[uid, 8, redactionVersion]]])
  await transcripts.ingest({ paths, redact: false, again: true })
  await transcripts.ingest({ paths, again: true })
  assert.deepEqual(await listed(), [[uid, 8, redactionVersion]])
})

testOnBoth(
  'a secret in the id of a session is hidden; a uid that was given stays until its file is read anew',
  async (store) => {
    const { transcripts, paths, listed } = await growing(store, secret)
    assert.deepEqual(await listed(), [[`claude:${secret}`, 4, null]])
    await transcripts.ingest({ paths })
    const [before, [uidAfter] = []] = await listed()
    assert.deepEqual(before, [`claude:${secret}`, 4, null])
    assert.match(String(uidAfter), /^claude:\[redacted:github:[0-9a-f]{4}\]$/)
    const { redactionVersion } = await transcripts.rescan()
    assert.deepEqual(await listed(), [
      [`claude:${secret}`, 4, redactionVersion],
      [uidAfter, 4, redactionVersion],
    ])
    await transcripts.ingest({ paths, again: true })
    assert.deepEqual(await listed(), [[uidAfter, 8, redactionVersion]])
  },
)

testOnBoth('what is left of an evicted transcript is redacted too', async (store) => {
  const corpus = new Corpus()
  store.afterwards(async () => rmSync(corpus.folder, { recursive: true }))
  const transcripts = await transcriptStore(store)
  await transcripts.ingest({ paths: [corpus.write(`claude/${session}.jsonl`, leaky())], redact: false })
  await transcripts.evict({ softCapBytes: 0 })
  await transcripts.rescan()
  assert.deepEqual(await store.tablesWith(secret.slice(4)), [])
  const digest = await transcripts.digest(uid)
  assert.ok(digest?.errors.some(({ sample }) => /Error: \[redacted:github:[0-9a-f]{4}\] was refused/.test(sample)))
  const { evictedAt, throughSeq, lastSeq, redactionVersion } = await transcripts.get(uid)
  assert.ok(evictedAt && throughSeq === lastSeq && redactionVersion !== null)
})

testOnBoth('what search has is hidden too where the store is not searched any more', async (store) => {
  const corpus = new Corpus()
  store.afterwards(async () => rmSync(corpus.folder, { recursive: true }))
  const path = corpus.write(`claude/${session}.jsonl`, leaky())
  await (await transcriptStore(store)).ingest({ paths: [path], redact: false })
  await (await transcriptStore(store, { isSearched: false })).rescan()
  assert.deepEqual(await store.tablesWith(secret.slice(4)), [])
})

testOnBoth('the reason of a hold is redacted again as well', async (store) => {
  const corpus = new Corpus()
  store.afterwards(async () => rmSync(corpus.folder, { recursive: true }))
  const transcripts = await transcriptStore(store)
  const path = corpus.write(`claude/${session}.jsonl`, lines(claudeSession(session, 1)))
  await transcripts.ingest({ paths: [path], redact: false })
  // As rules that knew less have let it pass.
  await store.execute(`update ${store.table('transcripts')} set hold_reason = 'until ${secret} is revoked'`)
  await transcripts.rescan()
  const { holdReason } = await transcripts.get(uid)
  assert.match(holdReason ?? '', /^until \[redacted:github:[0-9a-f]{4}\] is revoked$/)
})

testOnBoth('errors of an evicted transcript that become one are told from the first to the last', async (store) => {
  const corpus = new Corpus()
  store.afterwards(async () => rmSync(corpus.folder, { recursive: true }))
  const [, , call, result] = claudeSession(session, 1)
  const at = (second: number) => new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString()
  const told = ['hunter-two1', 'sesame!Op3n', 'sesame!Op3n'].flatMap((password, nth) => {
    const content = `Error: password: ${password} is wrong`
    const asked = { type: 'tool_use', id: `toolu_${nth}`, name: 'Bash', input: { command: 'login' } }
    const failed = { type: 'tool_result', tool_use_id: `toolu_${nth}`, content, is_error: true }
    const message = { id: `msg_${nth}`, role: 'assistant', content: [asked] }
    return [
      { ...call, uuid: `call-${nth}`, timestamp: at(10 * nth), message },
      { ...result, uuid: `result-${nth}`, timestamp: at(10 * nth + 1), message: { role: 'user', content: [failed] } },
    ]
  })
  const transcripts = await transcriptStore(store)
  await transcripts.ingest({ paths: [corpus.write('a.jsonl', lines(told))], redact: false })
  assert.equal((await transcripts.digest(uid))?.errors.length, 2)
  await transcripts.evict({ softCapBytes: 0 })
  await transcripts.rescan()
  const errors = (await transcripts.digest(uid))?.errors
  assert.deepEqual(
    errors?.map(({ count, firstAt, lastAt }) => [count, firstAt, lastAt]),
    [[3, at(1), at(21)]],
  )
})

testOn('sqlite', 'what a rescan that was stopped has hidden leaves the file with the next', async (store) => {
  const corpus = new Corpus()
  store.afterwards(async () => rmSync(corpus.folder, { recursive: true }))
  const transcripts = await transcriptStore(store)
  await transcripts.ingest({ paths: [corpus.write(`claude/${session}.jsonl`, leaky())], redact: false })
  const onProgress = () => {
    throw new Error('stopped')
  }
  await assert.rejects(transcripts.rescan({ onProgress }), /stopped/)
  assert.equal((await transcripts.rescan()).scanned, 0)
  assert.equal(store.heldOnDisk().toString('latin1').toLowerCase().includes(secret.slice(4).toLowerCase()), false)
})

testOn('sqlite', 'neither the file nor its log holds what a rescan has hidden', async (store) => {
  const corpus = new Corpus()
  store.afterwards(async () => rmSync(corpus.folder, { recursive: true }))
  const transcripts = await transcriptStore(store)
  await transcripts.ingest({ paths: [corpus.write(`claude/${session}.jsonl`, leaky())], redact: false })
  // Search folds its words.
  const holds = () => store.heldOnDisk().toString('latin1').toLowerCase().includes(secret.slice(4).toLowerCase())
  assert.equal(holds(), true)
  await transcripts.rescan()
  assert.equal(holds(), false)
})
