import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import type { ModelPrice } from '../src/domain/transcripts/cost.js'
import type { ErrorsOptions, TranscriptService } from '../src/domain/transcripts/transcript-service.js'
import { type TestStore, testOnBoth } from './test-store.js'
import { assertTokensOfEvents } from './transcript-contents.js'
import { Corpus, claudeSession, codexId, fork, lines, session } from './transcript-corpus.js'
import { transcriptStore } from './transcript-store.js'

function corpusFor(store: TestStore): Corpus {
  const corpus = new Corpus()
  store.afterwards(async () => rmSync(corpus.folder, { recursive: true }))
  return corpus
}

const id = (index: number) => `5a1b2c3d-4e5f-4061-8071-2a3b4c5d6e${String(index).padStart(2, '0')}`
const price = (inputTokens: number, outputTokens: number): ModelPrice => ({
  ...{ inputTokens, cacheReadTokens: inputTokens / 10, cacheWriteTokens: 0, outputTokens },
})
const uids = async (listed: ReturnType<TranscriptService['list']>) => (await listed).items.map(({ uid }) => uid).sort()

interface Failing {
  cwd?: string
  on?: string
  passes?: boolean
}

/** A session of its own with a call that failed and, where it passes, one that did not. */
function failing(index: number, { cwd = '/home/ann/shop', on = '2026-01-01', passes = false }: Failing = {}): object[] {
  const records = claudeSession(id(index), 3).slice(4, passes ? 12 : 8)
  const own = JSON.parse(JSON.stringify(records).replaceAll('msg_', `msg_${index}_`)) as object[]
  const at = (second: number) => new Date(Date.parse(on) + second * 1000).toISOString()
  return own.map((record, second) => ({ ...record, cwd, timestamp: at(second) }))
}

testOnBoth('a transcript belongs to the domain of its working folder, the longest one that is named', async (store) => {
  const corpus = corpusFor(store)
  const folders = ['/home/ann/shop', '/home/ann/shop/till', '/home/ann/shoptalk', '/srv/app-7/x', '/elsewhere']
  const paths = folders.map((cwd, index) => corpus.write(`${id(index)}.jsonl`, lines(failing(index, { cwd }))))
  const domains = { '/home/ann/shop': 'retail', '/home/ann/shop/till/': 'money', '/srv/app-*': 'apps' }
  const first = await transcriptStore(store, { settings: { domains, prices: {} } })
  await first.ingest({ paths })
  const domainsOf = async (service: TranscriptService) =>
    (await service.list({ order: 'oldest' })).items
      .toSorted((one, other) => (one.uid < other.uid ? -1 : 1))
      .map(({ domain }) => domain)
  assert.deepEqual(await domainsOf(first), ['retail', 'money', null, 'apps', null])
  assert.deepEqual(await uids(first.list({ domain: 'money' })), [`claude:${id(1)}`])
  assert.deepEqual(
    [(await first.errors({ domain: 'apps' })).length, (await first.errors({ domain: 'x' })).length],
    [1, 0],
  )
  const usage = await first.usage({ by: 'domain' })
  assert.deepEqual(
    usage.map(({ group, responses }) => [group, responses]),
    [
      [null, 2],
      ['apps', 1],
      ['money', 1],
      ['retail', 1],
    ],
  )
  assert.deepEqual(
    (await first.usage({ domain: 'apps', by: 'project' })).map(({ group }) => group),
    ['x'],
  )
  const second = await transcriptStore(store, { settings: { domains: { '/elsewhere': 'other' }, prices: {} } })
  assert.deepEqual(await domainsOf(second), ['retail', 'money', null, 'apps', null])
  const report = await second.ingest({ paths })
  assert.deepEqual([report.sources.read, report.transcripts.length], [0, 0])
  assert.deepEqual(await domainsOf(second), [null, null, null, null, 'other'])
  const silent = await transcriptStore(store)
  await silent.ingest({ paths })
  assert.deepEqual(await domainsOf(silent), [null, null, null, null, 'other'])
})

testOnBoth('the repository is its address where it was told, else its root folder', async (store) => {
  const corpus = corpusFor(store)
  const meta = { git: { branch: 'main', repository_url: 'https://ann:pw@Git.example.com/acme/shop.git' } }
  const rollout = {
    timestamp: '2026-01-01T00:00:00Z',
    type: 'session_meta',
    payload: { id: codexId(1), cwd: '/x', ...meta },
  }
  const request = { type: 'pr-link', sessionId: id(2), prNumber: 7, prUrl: 'https://github.com/acme/garden/pull/7' }
  const summary = { info: { id: 'g', cwd: '/w/shop/app' }, git_root_dir: '/w/shop', head_branch: 'main' }
  const paths = [
    corpus.write(`rollout-2026-01-01T00-00-00-${codexId(1)}.jsonl`, lines([rollout])),
    corpus.write(`${id(1)}.jsonl`, lines(failing(1, { cwd: '/home/ann/shop/.claude/worktrees/one/src' }))),
    corpus.write(`${id(2)}.jsonl`, lines([...failing(2), request])),
    corpus.write('grok/g/chat_history.jsonl', lines([{ type: 'user', content: [{ type: 'text', text: 'hello' }] }])),
  ]
  corpus.write('grok/g/summary.json', JSON.stringify(summary))
  const transcripts = await transcriptStore(store)
  await transcripts.ingest({ paths })
  const repos = (await transcripts.list()).items.map(({ uid, repo }) => [uid, repo] as const)
  assert.deepEqual(Object.fromEntries(repos), {
    [`codex:${codexId(1)}`]: 'git.example.com/acme/shop',
    [`claude:${id(1)}`]: '/home/ann/shop',
    [`claude:${id(2)}`]: 'github.com/acme/garden',
    'grok:g': '/w/shop',
  })
  assert.deepEqual(await uids(transcripts.list({ repo: '/w/shop' })), ['grok:g'])
})

testOnBoth('a transcript costs what its responses cost, by the prices of their models', async (store) => {
  const corpus = corpusFor(store)
  const paths = corpus.writeAll()
  const settings = { domains: {}, prices: { 'claude-*': price(99, 99), 'claude-x*': price(3, 15) } }
  const transcripts = await transcriptStore(store, { settings })
  await transcripts.ingest({ paths })
  // 120 tokens at 3 dollars for a million, 60 at 0.3, 666 at 15.
  const claude = await transcripts.get(`claude:${session}`)
  assert.deepEqual([claude.estimatedCostUsd, claude.unpricedResponses], [0.010368, 0])
  const codex = await transcripts.get(`codex:${codexId(1)}`)
  assert.deepEqual([codex.estimatedCostUsd, codex.unpricedResponses], [null, 2])
  assert.deepEqual((await transcripts.digest(`claude:${session}`))?.cost.estimatedCostUsd, 0.010368)
  const [mixed] = await transcripts.usage({ by: 'project' })
  assert.deepEqual([mixed?.responses, mixed?.estimatedCostUsd, mixed?.unpricedResponses], [15, 0.010368, 3])
  const models = await transcripts.usage({ by: 'model' })
  assert.deepEqual(
    models.map(({ group, estimatedCostUsd }) => [group, estimatedCostUsd]),
    [
      ['claude-x', 0.010368],
      ['gpt-x', null],
    ],
  )
})

testOnBoth('after a change of prices the next ingest estimates anew what is stored', async (store) => {
  const corpus = corpusFor(store)
  const paths = corpus.writeAll()
  const before = await transcriptStore(store, { settings: { domains: {}, prices: { 'gpt-x': price(1, 1) } } })
  await before.ingest({ paths })
  const after = await transcriptStore(store, { settings: { domains: {}, prices: { 'claude-x': price(0.000001, 0) } } })
  await after.ingest({ paths })
  const { items } = await after.list()
  const costs = Object.fromEntries(items.map(({ uid, estimatedCostUsd }) => [uid, estimatedCostUsd]))
  // 120 picodollars, and nothing for 60 tokens at less than one: a nanodollar is not reached.
  assert.deepEqual(costs, {
    [`claude:${session}`]: 0,
    [`claude:${fork}`]: null,
    [`codex:${codexId(1)}`]: null,
    [`codex:${codexId(2)}`]: null,
  })
})

testOnBoth('the tokens of all events are those of their transcript', async (store) => {
  const corpus = corpusFor(store)
  const transcripts = await transcriptStore(store)
  await transcripts.ingest({ paths: corpus.writeAll() })
  await assertTokensOfEvents(transcripts)
  const { items: some } = await transcripts.events(`claude:${session}`, { after: 4, limit: 4 })
  assert.deepEqual(
    some.map(({ kind, tokens }) => [kind, tokens?.outputTokens ?? null]),
    [
      ['user_msg', null],
      ['assistant_msg', 51],
      ['test_run', null],
      ['error', null],
    ],
  )
  const { items: codex } = await transcripts.events(`codex:${codexId(1)}`)
  assert.deepEqual(
    codex.flatMap(({ kind, tokens }) => (tokens ? [[kind, tokens.outputTokens]] : [])),
    [
      ['assistant_msg', 5],
      ['assistant_msg', 4],
    ],
  )
  const { items: named } = await transcripts.events(`codex:${codexId(1)}`, { kinds: ['assistant_msg'] })
  assert.equal(named.at(-1)?.tokens?.outputTokens, 4)
})

testOnBoth('a transcript tells what it was read from, and whom it was copied from', async (store) => {
  const corpus = corpusFor(store)
  const paths = corpus.writeAll()
  const now = new Date('2026-02-01T00:00:00Z')
  const transcripts = await transcriptStore(store, { clock: () => now })
  await transcripts.ingest({ paths })
  const { sources, copiedFromUids } = await transcripts.get(`claude:${session}`)
  assert.deepEqual(new Set(sources.map(({ path }) => path)), new Set([paths[0], paths[2]]))
  const [first] = sources.filter(({ path }) => path === paths[0])
  assert.deepEqual(first, {
    ...{ path: paths[0], form: 'lines', bytes: lines(claudeSession(session, 12)).length, generation: 1 },
    ...{ isPending: false, lastError: null, copiedFromUid: null, readAt: now },
  })
  assert.deepEqual(copiedFromUids, [])
  assert.deepEqual((await transcripts.get(`claude:${fork}`)).copiedFromUids, [`claude:${session}`])
  const child = await transcripts.get(`codex:${codexId(2)}`)
  assert.deepEqual([child.parentUid, child.copiedFromUids], [`codex:${codexId(1)}`, [`codex:${codexId(1)}`]])
  assert.equal(child.sources[0]?.copiedFromUid, `codex:${codexId(1)}`)
  const rewritten = `${lines(claudeSession(session, 1)).replaceAll('Please', 'Kindly')}{"type":"us`
  corpus.write(`claude/${session}.jsonl`, rewritten)
  await transcripts.ingest({ paths })
  const again = (await transcripts.get(`claude:${session}`)).sources.find(({ path }) => path === paths[0])
  assert.deepEqual([again?.generation, again?.isPending, again?.bytes], [2, true, rewritten.length])
})

testOnBoth('a recurring error has a trend, by the clock of the store', async (store) => {
  const corpus = corpusFor(store)
  const clock = { now: '2026-03-31T00:00:00Z' }
  const transcripts = await transcriptStore(store, { clock: () => new Date(clock.now) })
  const at = ['2026-03-02', '2026-03-18', '2026-03-20', '2026-03-26']
  const cwd = (index: number) => (index === 3 ? '/home/ann/till' : '/home/ann/shop')
  const paths = at.map((on, index) =>
    corpus.write(`${id(index)}.jsonl`, lines(failing(index, { on, cwd: cwd(index), passes: index === 1 }))),
  )
  await transcripts.ingest({ paths })
  const trend = async (now: string, options?: ErrorsOptions) => {
    clock.now = now
    const [error, ...others] = await transcripts.errors(options)
    assert.deepEqual(others, [])
    return [error?.trend, error?.recentCount, error?.earlierCount, error?.count]
  }
  const now = '2026-03-31T00:00:00Z'
  assert.deepEqual(await trend(now), ['falling', 1, 2, 4])
  assert.deepEqual(await trend(now, { since: '2026-03-25T00:00:00Z' }), ['falling', 1, 2, 1])
  assert.deepEqual(await trend(now, { project: 'till' }), ['new', 1, 0, 1])
  assert.deepEqual(await trend('2026-03-27T00:00:03Z'), ['rising', 2, 1, 4])
  assert.deepEqual(await trend('2026-04-02T00:00:03Z'), ['steady', 1, 1, 4])
  assert.deepEqual(await trend('2026-04-02T00:00:04Z'), ['falling', 0, 2, 4])
  assert.deepEqual(await trend('2026-05-01T00:00:00Z'), ['quiet', 0, 0, 4])
  const [error] = await transcripts.errors()
  assert.deepEqual(
    [error?.firstAt, error?.lastAt],
    [new Date('2026-03-02T00:00:03Z'), new Date('2026-03-26T00:00:03Z')],
  )
  assert.deepEqual(error?.passedIn, [`claude:${id(1)}`])
})

testOnBoth('a digest says whether it knows all of its transcript', async (store) => {
  const corpus = corpusFor(store)
  const transcripts = await transcriptStore(store)
  await transcripts.ingest({ paths: corpus.writeAll() })
  const uid = `claude:${session}`
  assert.deepEqual((await transcripts.digest(uid))?.isComplete, true)
  const table = store.table('transcripts')
  await store.execute(`update ${table} set last_seq = last_seq + 1 where uid = '${uid}'`)
  assert.deepEqual((await transcripts.digest(uid))?.isComplete, false)
})
