import assert from 'node:assert/strict'
import { appendFileSync, rmSync } from 'node:fs'
import type { EntityManager } from 'typeorm'
import { secretToken as secret } from '../features/support/secret-token.js'
import type { ActivityEvent, Hansard } from '../src/index.js'
import { type TestStore, testOnBoth } from './test-store.js'
import { Corpus, claudeSession, codexId, fork, lines, session } from './transcript-corpus.js'

type Store = Hansard<EntityManager>

async function withCorpus(store: TestStore, work: (corpus: Corpus, hansard: Store) => Promise<void>): Promise<void> {
  const corpus = new Corpus()
  store.afterwards(async () => rmSync(corpus.folder, { recursive: true }))
  await work(corpus, await store.open())
}

async function events(hansard: Store, kind?: 'tool'): Promise<ActivityEvent[]> {
  return (await hansard.activity.recent({ kind, limit: 1_000 })).items.reverse()
}

const told = ({ kind, ts, sessionId, projectId, path, name, state, failed, nativeId, payload }: ActivityEvent) => {
  const { error: _, ...rest } = payload
  return { kind, ts, sessionId, projectId, path, name, state, failed, nativeId, payload: rest }
}
const byId = (one: ActivityEvent, other: ActivityEvent) => (String(one.nativeId) < String(other.nativeId) ? -1 : 1)
const tellings = async (hansard: Store) => (await events(hansard, 'tool')).sort(byId).map(told)

const call = (id: string, name: string, input: object) => ({ type: 'tool_use', id, name, input })
const result = (id: string, content: unknown, isError = false) => ({
  ...{ type: 'tool_result', tool_use_id: id, content, is_error: isError },
})
const longId = (of: string) => `toolu_01ABCDEFGHIJKLMNOP${of}`

/** Records of one session, each a second after the one before. */
function records(sessionId: string, ...messages: object[]): object[] {
  return messages.map((message, index) => ({
    ...{ type: 'id' in message ? 'assistant' : 'user', uuid: `u-${index}`, sessionId, cwd: '/home/ann/shop' },
    ...{ timestamp: new Date(Date.UTC(2026, 0, 1) + index * 1000).toISOString(), message },
  }))
}
const asks = (...content: object[]) => ({ id: `m-${JSON.stringify(content).length}`, role: 'assistant', content })
const answers = (...content: object[]) => ({ role: 'user', content })

const editing = records(
  session,
  answers({ type: 'text', text: 'Mend the shop' }),
  asks(call(longId('1'), 'Edit', { file_path: '/home/ann/shop/a.ts', old_string: 'a', new_string: 'b' })),
  answers(result(longId('1'), 'ok')),
  asks(call(longId('2'), 'Write', { file_path: '/home/ann/shop/b.ts', content: 'b' })),
  answers(
    result(
      longId('2'),
      "The user doesn't want to proceed with this tool use. To tell you how to proceed, the user said:\nUse the helper.",
      true,
    ),
  ),
  asks(call(longId('3'), 'Bash', { command: `curl ${secret}` }), call('short', 'Bash', { command: 'ls' })),
  answers(result(longId('3'), `Error: ${secret} refused`, true), result('short', [{ type: 'text', text: 'a.ts' }])),
  asks(call(longId('4'), 'Read', { file_path: '/home/ann/shop/c.ts' })),
)

testOnBoth('calls, changed files and corrections of a transcript are activity, without its secrets', (store) =>
  withCorpus(store, async (corpus, hansard) => {
    await hansard.transcripts.ingest({ paths: [corpus.write(`${session}.jsonl`, lines(editing))] })
    const found = await events(hansard)
    assert.deepEqual(
      found
        .sort(byId)
        .map(({ kind, name, path, state, payload }) => [kind, name, path, state, payload.success ?? null]),
      [
        ['tool', 'Bash', null, null, true],
        ['correction', null, null, null, null],
        ['tool', 'Edit', '/home/ann/shop/a.ts', null, true],
        ['file', 'Edit', '/home/ann/shop/a.ts', null, null],
        ['tool', 'Write', '/home/ann/shop/b.ts', 'failed', false],
        ['tool', 'Bash', null, 'failed', false],
        ['tool', 'Read', '/home/ann/shop/c.ts', null, null],
      ],
    )
    assert.ok(found.every(({ sessionId, projectId }) => sessionId === session && projectId === '/home/ann/shop'))
    const [, correction, , file] = found
    assert.deepEqual(correction?.payload, { content: 'Use the helper.', source: 'transcript' })
    assert.deepEqual(file?.payload, { op: 'write' })
    const [failed] = (await hansard.search('refused', { kinds: ['tool'] })).items
    assert.match(failed?.snippet ?? '', /Error: \[redacted:[a-z-]+:[0-9a-f]{4}\] refused/)
    assert.ok(!JSON.stringify(found).includes(secret))
    assert.equal((await hansard.search('helper', { kinds: ['correction'], sessionId: session })).items.length, 1)
  }),
)

testOnBoth('a backfill and an ingest of one file tell of the same events, whichever comes first', (store) =>
  withCorpus(store, async (corpus, hansard) => {
    const plain = lines([...claudeSession(session, 6), ...editing.map((each) => ({ ...each, uuid: undefined }))])
    const path = corpus.write(`${session}.jsonl`, plain.replaceAll(secret, 'nothing'))
    const [backfilled, ingested] = ['backfilled', 'ingested'].map((name) => hansard.namespace(name))
    assert.ok(backfilled && ingested)
    const backfill = { transcripts: [path] }
    await backfilled.activity.backfill(backfill)
    await ingested.transcripts.ingest({ paths: [path] })
    const once = await tellings(backfilled)
    assert.ok(once.length > 8)
    assert.deepEqual(await tellings(ingested), once)

    await backfilled.transcripts.ingest({ paths: [path] })
    const { byKind } = await ingested.activity.backfill(backfill)
    assert.deepEqual(byKind.tool, { inserted: 0, updated: 0, skipped: byKind.tool?.skipped })
    assert.deepEqual([await tellings(backfilled), await tellings(ingested)], [once, once])
  }),
)

const unnamed = { type: 'tool_use', name: 'Bash', input: { command: 'ls' } }
const withoutIds = records(
  session,
  asks({ type: 'text', text: '' }, unnamed, { type: 'text', text: 'and once more' }, unnamed),
  asks(unnamed),
)

testOnBoth('a call without an id is one call for a backfill and for an ingest', (store) =>
  withCorpus(store, async (corpus, hansard) => {
    const bare = withoutIds.map((each) => ({ ...each, uuid: undefined }))
    const odd = `\uFEFF ${JSON.stringify(bare[0])} \r\n${lines(bare.slice(1)).repeat(2)}`
    for (const [name, text] of Object.entries({ named: lines(withoutIds), odd })) {
      const path = corpus.write(`${name}/${session}.jsonl`, text)
      const [backfilled, ingested] = [`${name}-1`, `${name}-2`].map((each) => hansard.namespace(each))
      assert.ok(backfilled && ingested)
      await backfilled.activity.backfill({ transcripts: [path] })
      await ingested.transcripts.ingest({ paths: [path] })
      const once = await tellings(backfilled)
      assert.equal(once.length, name === 'odd' ? 4 : 3)
      assert.deepEqual(await tellings(ingested), once)
      await backfilled.transcripts.ingest({ paths: [path] })
      await ingested.activity.backfill({ transcripts: [path] })
      assert.deepEqual([await tellings(backfilled), await tellings(ingested)], [once, once])
    }
  }),
)

const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } }
const looking = records(
  session,
  asks(...['1', '2', '3', '4'].map((each) => call(longId(each), 'Read', {}))),
  answers(result(longId('1'), [{ type: 'text', text: 'as shown' }, image, { type: 'text', text: 'é' }])),
  answers(result(longId('2'), `token=${secret}`), result(longId('3'), null)),
  answers(result(longId('4'), [{ type: 'odd', value: 'too much' }])),
)
const sizes = [JSON.stringify(image).length + 10, secret.length + 6, 0]

testOnBoth('what came back has one size, for a backfill, an ingest and a rescan', (store) =>
  withCorpus(store, async (corpus, hansard) => {
    // More than any number: what JSON.parse takes for it JSON cannot write.
    const path = corpus.write(`${session}.jsonl`, lines(looking).replace('"too much"', '1e999'))
    const sizesIn = async (name: string) =>
      (await tellings(hansard.namespace(name))).map(({ payload }) => payload.resultSize)
    const ingest = (name: string, redact = true) =>
      hansard.namespace(name).transcripts.ingest({ paths: [path], redact })
    const backfill = (name: string) => hansard.namespace(name).activity.backfill({ transcripts: [path] })

    await backfill('one')
    assert.deepEqual(await sizesIn('one'), [...sizes, undefined])
    await ingest('one')
    assert.deepEqual(await sizesIn('one'), [...sizes, 0])
    await ingest('two', false)
    await hansard.namespace('two').transcripts.rescan()
    assert.deepEqual(await sizesIn('two'), [...sizes, 0])
    await backfill('two')
    assert.deepEqual(await sizesIn('two'), [...sizes, 0])
  }),
)

testOnBoth('every flavor feeds activity; a copied call is told once', (store) =>
  withCorpus(store, async (corpus, hansard) => {
    await hansard.transcripts.ingest({ paths: corpus.writeAll() })
    const tools = await events(hansard, 'tool')
    const of = (id: string) => tools.filter(({ sessionId }) => sessionId === id)
    assert.deepEqual([of(codexId(1)).length, of(codexId(2)).length], [2, 1])
    assert.ok(of(codexId(1)).every(({ failed, name, payload }) => failed && name === 'shell' && payload.argsHash))
    const shared = records(fork, ...editing.map((each) => (each as { message: object }).message))
    const late = shared.map((each) => ({ ...each, timestamp: '2026-02-01T00:00:00Z' }))
    const paths = [corpus.write(`b/${fork}.jsonl`, lines(late)), corpus.write(`a/${session}.jsonl`, lines(editing))]
    for (const path of paths) await hansard.namespace('forked').transcripts.ingest({ paths: [path] })
    const forked = await events(hansard.namespace('forked'), 'tool')
    // The call with a short id is another one in either session.
    const ofFork = forked.filter(({ sessionId }) => sessionId === fork)
    assert.deepEqual([forked.length, ofFork.map(({ nativeId }) => nativeId)], [6, [`claude:${fork}:short`]])
  }),
)

testOnBoth('what a transcript tells no more goes, and comes back with whoever still tells it', (store) =>
  withCorpus(store, async (corpus, hansard) => {
    const copy = records(fork, ...editing.map((each) => (each as { message: object }).message))
    const late = copy.map((each) => ({ ...each, timestamp: '2026-02-01T00:00:00Z' }))
    const paths = [corpus.write(`${session}.jsonl`, lines(editing)), corpus.write(`${fork}.jsonl`, lines(late))]
    await hansard.transcripts.ingest({ paths })
    corpus.write(`${session}.jsonl`, lines(records(session, answers({ type: 'text', text: 'Begin anew' }))))
    await hansard.transcripts.ingest({ paths })
    const found = await events(hansard)
    assert.deepEqual([found.length, new Set(found.map(({ sessionId }) => sessionId))], [7, new Set([fork])])
  }),
)

testOnBoth('what was deleted stays deleted, and what a caller recorded is left alone', (store) =>
  withCorpus(store, async (corpus, hansard) => {
    const nativeId = `claude:${longId('1')}`
    await hansard.activity.record({ kind: 'tool', name: 'mine', nativeId })
    const path = corpus.write(`${session}.jsonl`, lines(editing))
    await hansard.transcripts.ingest({ paths: [path] })
    const [first] = (await events(hansard, 'tool')).filter((each) => each.nativeId === nativeId)
    assert.deepEqual([first?.name, first?.sessionId], ['mine', null])
    await hansard.activity.purge({ olderThanMs: 1, kinds: ['tool'] })
    const more = records(session, ...Array.from({ length: 9 }, () => answers({ type: 'text', text: 'and on' }))).slice(
      8,
    )
    appendFileSync(path, lines(more))
    assert.equal((await hansard.transcripts.ingest({ paths: [path] })).sources.read, 1)
    assert.deepEqual(
      (await events(hansard)).map(({ kind, name }) => [kind, name]),
      [
        ['file', 'Edit'],
        ['tool', 'Edit'],
        ['correction', null],
      ],
    )
  }),
)

const more = lines(records(session, ...Array.from({ length: 9 }, () => answers())).slice(8))

testOnBoth('an ingest can leave activity alone', (store) =>
  withCorpus(store, async (corpus, hansard) => {
    const path = corpus.write(`${session}.jsonl`, lines(editing))
    await hansard.transcripts.ingest({ paths: [path], activity: false })
    assert.deepEqual(await events(hansard), [])
    appendFileSync(path, more)
    await hansard.transcripts.ingest({ paths: [path] })
    assert.equal((await events(hansard)).length, 7)
  }),
)

const calling = lines(records(session, ...Array.from({ length: 10 }, () => asks(call('late', 'Bash', {})))).slice(9))

testOnBoth('what activity was not to be told it is told by no rescan and no eviction', (store) =>
  withCorpus(store, async (corpus, hansard) => {
    const { transcripts } = hansard
    const paths = [corpus.write(`${session}.jsonl`, lines(editing))]
    const ending = new AbortController()
    const { signal } = ending
    const read = { paths, activity: false, redact: false, signal, onProgress: () => ending.abort() }
    assert.equal((await transcripts.ingest(read)).isInterrupted, true)
    await transcripts.evict({ softCapBytes: 0, hardCapBytes: 0, maxAgeMs: 1e10 })
    assert.ok((await transcripts.get(`claude:${session}`)).evictedAt)
    assert.deepEqual(await events(hansard), [])
    await transcripts.ingest({ paths, activity: false, redact: false, again: true })
    assert.ok((await transcripts.rescan()).transcripts.length > 0)
    assert.deepEqual(await events(hansard), [])
    appendFileSync(paths[0] ?? '', more)
    await transcripts.ingest({ paths })
    assert.equal((await events(hansard)).length, 7)
  }),
)

testOnBoth(
  'what activity was told before is redacted with its transcript, and nothing is told of what came since',
  (store) =>
    withCorpus(store, async (corpus, hansard) => {
      const path = corpus.write(`${session}.jsonl`, lines(editing))
      await hansard.transcripts.ingest({ paths: [path], redact: false })
      const before = await tellings(hansard)
      assert.ok(JSON.stringify(await events(hansard)).includes(secret))
      appendFileSync(path, calling)
      await hansard.transcripts.ingest({ paths: [path], redact: false, activity: false })
      assert.ok(JSON.stringify(await events(hansard)).includes(secret))
      await hansard.transcripts.rescan()
      assert.ok(!JSON.stringify(await events(hansard)).includes(secret))
      const names = (told: { nativeId: string | null }[]) => told.map(({ nativeId }) => nativeId)
      assert.deepEqual(names(await tellings(hansard)), names(before))
      await hansard.transcripts.ingest({ paths: [path], again: true })
      assert.equal((await tellings(hansard)).length, before.length + 1)
    }),
)
