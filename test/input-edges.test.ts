import assert from 'node:assert/strict'
import { InvalidInputError } from '../src/index.js'
import { testOn, testOnBoth } from './test-store.js'

const hello = { role: 'user', content: 'Hello' } as const
/** Input that no compiler would let through. */
const loose = <T>(value: unknown) => value as T

async function problemPaths(call: Promise<unknown>): Promise<(string | undefined)[]> {
  const error = await call.then(
    () => new Error('it was taken'),
    (refusal: unknown) => refusal,
  )
  assert.ok(error instanceof InvalidInputError, String(error))
  return error.problems.map(({ path }) => path)
}

testOnBoth('a sequence that no column holds is refused before the database sees it', async (store) => {
  const hansard = await store.open()
  const { sessions } = hansard
  const { id } = await sessions.create({ actorName: 'ada' })
  await sessions.appendMessage(id, hello)
  for (const beyond of [2 ** 31, 2 ** 40, Number.MAX_SAFE_INTEGER]) {
    assert.deepEqual(await problemPaths(sessions.messages(id, { after: beyond })), ['after'])
    assert.deepEqual(await problemPaths(sessions.messages(id, { before: beyond })), ['before'])
    assert.deepEqual(await problemPaths(sessions.messages(id, { offset: beyond })), ['offset'])
    assert.deepEqual(await problemPaths(sessions.list({ offset: beyond })), ['offset'])
    assert.deepEqual(await problemPaths(sessions.truncate(id, { afterSequence: beyond })), ['afterSequence'])
    assert.deepEqual(await problemPaths(sessions.fork(id, { atSequence: beyond })), ['options.atSequence'])
    assert.deepEqual(await problemPaths(sessions.follow(id, { after: beyond }).next()), ['after'])
    const appending = sessions.appendMessage(id, hello, { expectedSequence: beyond })
    assert.deepEqual(await problemPaths(appending), ['options.expectedSequence'])
  }
  const last = 2 ** 31 - 1
  assert.deepEqual((await sessions.messages(id, { after: last })).items, [])
  assert.equal((await sessions.messages(id, { before: last })).items.length, 1)
  assert.equal((await sessions.truncate(id, { afterSequence: last })).removed, 0)
  const conflict = sessions.appendMessage(id, hello, { expectedSequence: last })
  await assert.rejects(conflict, { code: 'SEQUENCE_CONFLICT' })
})

testOnBoth('null is the same as leaving an option out, where there is nothing that it could mean', async (store) => {
  const { sessions } = await store.open()
  const { id } = await sessions.create(loose({ actorName: 'ada', metadata: null, idempotencyKey: null, title: null }))
  const input = { ...hello, createdAt: null, metadata: null, usage: null, toolCallId: null, tokenCount: null }
  const message = await sessions.appendMessage(
    id,
    loose(input),
    loose({ idempotencyKey: null, expectedSequence: null }),
  )
  assert.ok(Date.now() - message.createdAt.getTime() < 60_000)
  assert.deepEqual([message.toolCallId, message.tokenCount], [null, null])
  await sessions.updateTokenUsage(id, loose({ inputTokens: 5, outputTokens: null }), loose({ idempotencyKey: null }))
  assert.equal(
    (await sessions.list(loose({ limit: null, offset: null, status: null, metadata: null }))).items.length,
    1,
  )
  assert.equal((await sessions.messages(id, loose({ limit: null, after: null, latest: null }))).items.length, 1)
  await sessions.update(id, { title: 'Trip' })
  assert.equal((await sessions.update(id, loose({ title: null, status: null }))).title, null)
  assert.deepEqual(await problemPaths(sessions.appendMessage(id, loose({ role: null, content: null }))), [
    'message.role',
  ])
  await sessions.appendMessage(id, { ...hello, createdAt: loose(null) }, { idempotencyKey: 'k' })
  await sessions.appendMessage(id, hello, { idempotencyKey: 'k' })
  assert.equal((await sessions.get(id)).messageCount, 2)
})

testOnBoth('metadata keys are found again up to their greatest length, and refused beyond it', async (store) => {
  const { sessions } = await store.open()
  const { id } = await sessions.create({ actorName: 'ada' })
  for (const key of ['k'.repeat(512), '\u6f22'.repeat(490), '\ud83d\ude00'.repeat(256)]) {
    await sessions.update(id, { metadata: { [key]: 1 } })
    assert.equal((await sessions.list({ metadata: { [key]: 1 } })).items.length, 1)
    assert.equal((await sessions.list({ metadataKey: key })).items.length, 1)
  }
  for (const key of ['k'.repeat(513), '\u0001'.repeat(300), '\u6f22'.repeat(512)]) {
    const creation = sessions.create({ actorName: 'ada', metadata: { [key]: 1 } })
    await assert.rejects(creation, { code: 'INVALID_INPUT', message: /^metadata: has a key .* begins "/ })
    assert.deepEqual(await problemPaths(sessions.update(id, { metadata: { [key]: 1 } })), ['metadata'])
  }
})

testOnBoth('a filter that is no JSON is refused by its path', async (store) => {
  const { sessions } = await store.open()
  for (const value of [undefined, 1n, Number.NaN]) {
    assert.deepEqual(await problemPaths(sessions.list({ metadata: { a: loose(value) } })), ['metadata.a'])
  }
})

testOnBoth('a span of time begins and ends with an instant, or with a day, which begins in UTC', async (store) => {
  let now = new Date('2026-01-05T23:59:59.999Z')
  const hansard = await store.open({ clock: () => now })
  const { sessions, activity, transcripts } = hansard
  await sessions.create({ actorName: 'eve' })
  now = new Date('2026-01-06T00:00:00Z')
  const { id } = await sessions.create({ actorName: 'ada' })
  const since = '2026-01-06'
  const { items } = await sessions.list({ createdAfter: since })
  assert.deepEqual(
    [items.map((each) => each.id), (await sessions.list({ createdBefore: since })).items.length],
    [[id], 1],
  )
  for (const day of ['2026-02-30', '2026-13-01', '2026-1-5', '2026-01-06T09:00', '2026', 'soon', '']) {
    const bound = { since: day }
    assert.deepEqual(await problemPaths(sessions.list({ createdAfter: day })), ['createdAfter'], day)
    assert.deepEqual(await problemPaths(activity.recent(bound)), ['since'], day)
    assert.deepEqual(await problemPaths(activity.failedLoops({ ...bound, path: 'a' })), ['since'], day)
    assert.deepEqual(await problemPaths(activity.failingTools(bound)), ['since'], day)
    assert.deepEqual(await problemPaths(transcripts.list({ until: day })), ['until'], day)
    assert.deepEqual(await problemPaths(transcripts.errors(bound)), ['since'], day)
    assert.deepEqual(await problemPaths(transcripts.usage(bound)), ['since'], day)
    assert.deepEqual(await problemPaths(hansard.search('x', bound)), ['options.since'], day)
  }
  await activity.failedLoops({ since, path: 'a' })
  await activity.failingTools({ since })
  await transcripts.errors({ since })
  await transcripts.usage({ since, until: since })
  // What happened did so at a time.
  assert.deepEqual(await problemPaths(activity.record({ kind: 'custom', name: 'a', ts: since })), ['ts'])
})

testOnBoth('usage before 1970 belongs to its own day', async (store) => {
  const times = ['1969-12-31T23:59:59.999Z', '1969-12-31T00:00:00Z', '1969-12-30T23:59:59Z', '1970-01-01T00:00:00Z']
  let now = new Date()
  const { sessions } = await store.open({ clock: () => now })
  const { id } = await sessions.create({ actorName: 'ada' })
  for (const time of times) {
    now = new Date(time)
    await sessions.updateTokenUsage(id, { inputTokens: 1 })
  }
  assert.deepEqual(
    (await sessions.usage(id)).byDay.map(({ day, inputTokens }) => [day, inputTokens]),
    [
      ['1969-12-30', 1],
      ['1969-12-31', 2],
      ['1970-01-01', 1],
    ],
  )
})

testOn('sqlite', 'a hole in a list of messages is a missing message', async (store) => {
  const { sessions } = await store.open()
  const { id } = await sessions.create({ actorName: 'ada' })
  const messages = Object.assign(Array(2), { 1: hello })
  assert.deepEqual(await problemPaths(sessions.appendMessages(id, loose(messages))), ['messages[0]'])
})

testOn('sqlite', 'a property with a name that all objects have is one too many', async (store) => {
  const { sessions } = await store.open()
  const { id } = await sessions.create({ actorName: 'ada' })
  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    const input = JSON.parse(`{ "actorName": "ada", "${name}": { "title": "x" } }`) as { actorName: string }
    assert.deepEqual(await problemPaths(sessions.create(input)), [name])
    const message = JSON.parse(`{ "role": "user", "content": 1, "${name}": null }`) as typeof hello
    assert.deepEqual(await problemPaths(sessions.appendMessages(id, [message])), [`messages[0].${name}`])
  }
})

testOnBoth('a cursor made by hand is no cursor', async (store) => {
  const { sessions } = await store.open()
  for (let n = 0; n < 3; n++) await sessions.create({ actorName: 'ada' })
  const { nextCursor } = await sessions.list({ limit: 1 })
  const fields = JSON.parse(Buffer.from(nextCursor ?? '', 'base64url').toString()) as unknown[]
  for (const id of ['a\u0000', 'x'.repeat(500), '\ud800', 7]) {
    const cursor = Buffer.from(JSON.stringify(fields.with(2, id))).toString('base64url')
    await assert.rejects(sessions.list({ limit: 1, cursor }), { code: 'CURSOR_INVALID' })
  }
})

testOn('sqlite', 'getOrCreate needs the external id that it goes by', async (store) => {
  const { sessions } = await store.open()
  for (const input of [{ actorName: 'ada' }, { actorName: 'ada', externalId: null }]) {
    assert.deepEqual(await problemPaths(sessions.getOrCreate(loose(input))), ['externalId'])
  }
})

testOnBoth('an import with an option of another type is refused before it begins', async (store) => {
  const { sessions } = await store.open()
  const { id } = await sessions.create({ actorName: 'ada' })
  const archive = await sessions.exportSession(id)
  const importing = sessions.importSession(archive, { onProgress: 5 as never })
  await assert.rejects(importing, { code: 'INVALID_INPUT', message: /onProgress/ })
  const imitated = sessions.importSession(archive, { dryRun: loose('false') })
  await assert.rejects(imitated, {
    code: 'INVALID_INPUT',
    message: /dryRun: must be a boolean value \(it is "false"\)/,
  })
  assert.equal((await sessions.list()).items.length, 1)
})

testOnBoth('a signal that is none is refused by every call that takes one', async (store) => {
  const { sessions, transcripts } = await store.open()
  const { id } = await sessions.create({ actorName: 'ada' })
  for (const signal of [5, 'now', {}, new AbortController()].map((each) => loose<AbortSignal>(each))) {
    assert.deepEqual(await problemPaths(sessions.follow(id, { signal }).next()), ['signal'])
    assert.deepEqual(await problemPaths(transcripts.ingest({ paths: [], signal })), ['signal'])
    assert.deepEqual(await problemPaths(transcripts.watch({ paths: [], signal }).next()), ['options.signal'])
  }
  const refused = transcripts.ingest({ paths: [], signal: loose(5) })
  await assert.rejects(refused, { code: 'INVALID_INPUT', message: /signal: must be an AbortSignal \(it is 5\)/ })
  const { signal } = new AbortController()
  assert.equal((await transcripts.ingest({ paths: [], signal })).isInterrupted, false)
})
