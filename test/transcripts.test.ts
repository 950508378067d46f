import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { secretToken as secret } from '../features/support/secret-token.js'
import { type TestStore, testOnBoth } from './test-store.js'
import { Corpus, claudeSession, codexId, fork, lines, session } from './transcript-corpus.js'
import { transcriptStore } from './transcript-store.js'

async function withCorpus(store: TestStore, work: (corpus: Corpus) => Promise<void>): Promise<void> {
  const corpus = new Corpus()
  store.afterwards(async () => rmSync(corpus.folder, { recursive: true }))
  await work(corpus)
}

testOnBoth('what was read is listed, and told event by event', (store) =>
  withCorpus(store, async (corpus) => {
    const transcripts = await transcriptStore(store)
    await transcripts.ingest({ paths: corpus.writeAll() })
    const { items } = await transcripts.list({ order: 'oldest' })
    assert.equal(items.length, 4)
    const uid = `claude:${session}`
    const { cwd, branch, model, project, startedAt, lastSeq, throughSeq, outcome, isTrivial } =
      await transcripts.get(uid)
    assert.deepEqual(
      { cwd, branch, model, project, startedAt, lastSeq, throughSeq, isTrivial },
      {
        ...{ cwd: '/home/ann/shop', branch: 'main', model: 'claude-x', project: 'shop' },
        ...{ startedAt: new Date('2026-01-01'), lastSeq: 48, throughSeq: 48, isTrivial: false },
      },
    )
    assert.equal(outcome, 'success')
    const page = await transcripts.events(uid, { limit: 4, withBodies: true })
    assert.deepEqual(
      page.items.map(({ seq, parentSeq, kind, role }) => [seq, parentSeq, kind, role]),
      [
        [1, null, 'user_msg', 'user'],
        [2, 1, 'assistant_msg', 'assistant'],
        [3, 2, 'test_run', 'assistant'],
        [4, 3, 'tool_result', 'tool'],
      ],
    )
    assert.equal(page.nextCursor, 4)
    assert.ok(String(page.items[3]?.body).length > 6000 && String(page.items[3]?.bodyRef).startsWith('sha256:'))
  }),
)

testOnBoth('what was read is distilled', (store) =>
  withCorpus(store, async (corpus) => {
    const transcripts = await transcriptStore(store)
    await transcripts.ingest({ paths: corpus.writeAll() })
    const digest = await transcripts.digest(`claude:${session}`)
    assert.deepEqual(digest?.tools, { Bash: 12 })
    assert.deepEqual(digest?.tests, { runs: 12, passed: 8, failed: 4, last: 'passed' })
    assert.deepEqual(
      digest?.errors
        .map(({ sample, count, wasPassed }) => `${sample} ${count} ${wasPassed}`)
        .toSorted((a, b) => (a < b ? -1 : 1)),
      ["Error: Cannot find module 'm0' 2 true", "Error: Cannot find module 'm1' 2 true"],
    )
    assert.equal(digest?.cost.outputTokens, 666)
    assert.equal(digest?.firstPrompt, 'Please do 0')
  }),
)

testOnBoth('errors and usage are summed across transcripts', (store) =>
  withCorpus(store, async (corpus) => {
    const transcripts = await transcriptStore(store)
    await transcripts.ingest({ paths: corpus.writeAll() })
    const [first] = await transcripts.errors()
    assert.deepEqual([first?.transcripts, first?.tools], [2, ['Bash']])
    assert.deepEqual(await transcripts.errors({ project: 'other' }), [])
    const [claude, gpt] = await transcripts.usage({ by: 'model' })
    assert.deepEqual([claude?.group, claude?.responses, gpt?.group, gpt?.outputTokens], ['claude-x', 12, 'gpt-x', 12])
    assert.deepEqual(
      (await transcripts.usage()).map(({ group }) => group),
      ['2026-01-01'],
    )
    assert.equal((await transcripts.get(`codex:${codexId(2)}`)).parentUid, `codex:${codexId(1)}`)
    assert.equal((await transcripts.list({ flavor: 'claude', limit: 1 })).nextCursor !== null, true)
    assert.equal((await transcripts.get(`claude:${fork}`)).tokens.outputTokens, 0)
  }),
)

testOnBoth('usage by day ends with what nothing dates, all other begins with the most tokens', (store) =>
  withCorpus(store, async (corpus) => {
    const transcripts = await transcriptStore(store)
    const answer = (
      n: number,
      { model, tokens = 1, timestamp }: { model: string; tokens?: number; timestamp?: string },
    ) => ({
      ...{ type: 'assistant', uuid: `u-${n}`, sessionId: session, timestamp },
      message: { id: `m-${n}`, model, role: 'assistant', content: [], usage: { cache_read_input_tokens: tokens } },
    })
    const said = [
      answer(0, { model: 'b' }),
      answer(1, { model: 'c', tokens: 9, timestamp: '2026-01-06T00:00:00Z' }),
      answer(2, { model: 'a', timestamp: '2026-01-05T00:00:00Z' }),
    ]
    await transcripts.ingest({ paths: [corpus.write(`${session}.jsonl`, lines(said))] })
    const groups = async (by: 'day' | 'model') => (await transcripts.usage({ by })).map(({ group }) => group)
    assert.deepEqual(await groups('day'), ['2026-01-05', '2026-01-06', null])
    assert.deepEqual(await groups('model'), ['c', 'a', 'b'])
  }),
)

testOnBoth('what no transcript has is refused', async (store) => {
  const transcripts = await transcriptStore(store)
  await assert.rejects(transcripts.get('song:1'), { code: 'INVALID_INPUT' })
  await assert.rejects(transcripts.get('claude:1'), { code: 'TRANSCRIPT_NOT_FOUND' })
  await assert.rejects(transcripts.list({ outcome: 'won' as never }), { code: 'INVALID_INPUT' })
  await assert.rejects(transcripts.list({ flavor: 'song' }), { code: 'INVALID_INPUT' })
  await assert.rejects(transcripts.events('claude:1', { kinds: ['song' as never] }), { code: 'INVALID_INPUT' })
  await assert.rejects(transcripts.events('claude:1', { kinds: [] }), { code: 'INVALID_INPUT' })
  await assert.rejects(transcripts.digest('song:1'), { code: 'INVALID_INPUT' })
  await assert.rejects(transcripts.ingest({ flavors: ['song'] }), { code: 'INVALID_INPUT' })
  await assert.rejects(
    transcripts
      .discover({ flavors: ['song'] })
      [Symbol.asyncIterator]()
      .next(),
    {
      code: 'INVALID_INPUT',
    },
  )
  await assert.rejects(transcripts.usage({ by: 'mood' as never }), { code: 'INVALID_INPUT' })
})

testOnBoth('a secret stands in no table, wherever the file had it', (store) =>
  withCorpus(store, async (corpus) => {
    const transcripts = await transcriptStore(store)
    const records = claudeSession(session, 2).map((record) => ({
      ...record,
      cwd: `/home/${secret}/shop`,
      gitBranch: `fix-${secret}`,
    }))
    const prompt = {
      ...records[0],
      uuid: 'p',
      message: { role: 'user', content: `${'x '.repeat(3000)} token ${secret}` },
    }
    const near = {
      ...records[0],
      uuid: 'n',
      message: { role: 'user', content: `${'word '.repeat(36)}token=${secret}` },
    }
    const title = { type: 'custom-title', sessionId: session, customTitle: `about ${secret}` }
    const call = {
      type: 'tool_use',
      id: 'toolu_s',
      name: `tool ${secret}`,
      input: { command: `curl -u a:${secret} x` },
    }
    const calling = {
      ...records[1],
      uuid: 'c',
      message: { id: 'm', role: 'assistant', model: secret, content: [call] },
    }
    const failed = { type: 'tool_result', tool_use_id: 'toolu_s', content: `Error: bad ${secret}`, is_error: true }
    const result = { ...records[0], uuid: 'r', message: { role: 'user', content: [failed] } }
    const path = corpus.write(`${session}.jsonl`, lines([...records, prompt, near, title, calling, result] as object[]))
    await transcripts.ingest({ paths: [path] })
    for (const part of [secret.slice(0, 12), secret.slice(4)]) assert.deepEqual(await store.tablesWith(part), [])
    const { redactions, redactionVersion, title: kept } = await transcripts.get(`claude:${session}`)
    assert.ok((Object.values(redactions)[0] ?? 0) >= 4 && redactionVersion !== null)
    assert.match(kept ?? '', /^about \[redacted:[a-z-]+:[0-9a-f]{4}\]$/)
    const { items } = await transcripts.events(`claude:${session}`, { withBodies: true })
    assert.ok(items.some(({ body }) => body?.includes('[redacted:') && body.length > 6000))
  }),
)

testOnBoth('a file that was not touched is not read again, one that was goes on where it ended', (store) =>
  withCorpus(store, async (corpus) => {
    const transcripts = await transcriptStore(store)
    const paths = corpus.writeAll()
    assert.equal((await transcripts.ingest({ paths })).sources.read, 5)
    const again = await transcripts.ingest({ paths })
    assert.deepEqual([again.sources.unchanged, again.sources.read, again.transcripts.length], [5, 0, 0])
    const path = corpus.write(`claude/${session}.jsonl`, lines(claudeSession(session, 13)))
    const more = await transcripts.ingest({ paths })
    assert.deepEqual([more.sources.unchanged, more.sources.read, more.transcripts[0]?.userPrompts], [4, 1, 13])
    rmSync(path)
    await transcripts.ingest({ paths: paths.slice(1) })
    assert.equal((await transcripts.get(`claude:${session}`)).lastSeq, 52)
  }),
)
