import assert from 'node:assert/strict'
import type { Hansard, ImportOptions, SessionArchive } from '../src/index.js'
import { type TestStore, testOnBoth } from './test-store.js'

const open = (store: TestStore) => store.open({ poolSize: 8 })

/** What the calls gave, once each, and how many sessions there are then. */
async function outcomes(hansard: Hansard, calls: Promise<{ id?: string; sessionId?: string | null }>[]) {
  const settled = await Promise.allSettled(calls)
  const each = settled.map((call) =>
    call.status === 'fulfilled' ? (call.value.sessionId ?? call.value.id) : (call.reason as Error).message,
  )
  const { items } = await hansard.sessions.list()
  return { distinct: [...new Set(each)], sessions: items.map(({ id }) => id) }
}

async function archiveOf({ sessions }: Hansard, externalId?: string): Promise<SessionArchive> {
  const { id } = await sessions.create({ actorName: 'ada', externalId, metadata: { team: 'red' } })
  const usage = { inputTokens: 3 }
  await sessions.appendMessages(
    id,
    Array.from({ length: 300 }, (_, n) => ({ role: 'user' as const, content: `message ${n}`, usage })),
  )
  const archive = await sessions.exportSession(id)
  await sessions.delete(id)
  return archive
}

testOnBoth('of forks with one key at the same moment, all get the one session', async (store) => {
  const hansard = await open(store)
  const { id } = await hansard.sessions.create({ actorName: 'ada' })
  await hansard.sessions.appendMessage(id, { role: 'user', content: 'Hello' })
  const forks = Array.from({ length: 4 }, () => hansard.sessions.fork(id, { idempotencyKey: 'k' }))
  const { distinct, sessions } = await outcomes(hansard, forks)
  assert.deepEqual(
    sessions.filter((each) => each !== id),
    distinct,
  )
})

const imports: [string, string | undefined, ImportOptions][] = [
  ['fresh ids', undefined, {}],
  ['an external id', 'ticket-7', {}],
  ['preserved ids', undefined, { ids: 'preserve' }],
  ['preserved ids and an external id', 'ticket-7', { ids: 'preserve' }],
]
for (const [title, externalId, options] of imports) {
  testOnBoth(`of imports with one key and ${title} at the same moment, all get the one session`, async (store) => {
    const hansard = await open(store)
    const archive = await archiveOf(hansard, externalId)
    const calls = Array.from({ length: 4 }, () =>
      hansard.sessions.importSession(archive, { ...options, idempotencyKey: 'k' }),
    )
    const { distinct, sessions } = await outcomes(hansard, calls)
    assert.deepEqual(distinct, sessions)
    assert.equal((await hansard.sessions.verify(sessions[0] ?? '')).ok, true)
  })
}

testOnBoth('of creations with one key and external id at the same moment, all get the one session', async (store) => {
  const hansard = await open(store)
  const input = { actorName: 'ada', externalId: 'e', metadata: { team: 'red' }, idempotencyKey: 'k' }
  const calls = Array.from({ length: 6 }, () => hansard.sessions.create(input))
  const { distinct, sessions } = await outcomes(hansard, calls)
  assert.deepEqual(distinct, sessions)
})

testOnBoth('a key whose first call fails is free: the next call with it does the work', async (store) => {
  const hansard = await open(store)
  const archive = await archiveOf(hansard)
  let calls = 0
  const onProgress = () => {
    if (++calls === 2) throw new RangeError('enough')
  }
  const options = { ids: 'preserve', idempotencyKey: 'k' } as const
  const failing = hansard.sessions.importSession(archive, { ...options, onProgress })
  const next = hansard.sessions.importSession(archive, options)
  await assert.rejects(failing, /enough/)
  assert.equal((await next).sessionId, archive.session.id)
  assert.equal((await hansard.sessions.verify(archive.session.id)).messages, 300)
})

testOnBoth('of imports that preserve one id under two keys, one wins', async (store) => {
  const hansard = await open(store)
  const archive = await archiveOf(hansard)
  const calls = ['a', 'b'].map((idempotencyKey) =>
    hansard.sessions.importSession(archive, { ids: 'preserve', idempotencyKey }),
  )
  const settled = await Promise.allSettled(calls)
  assert.equal(settled.filter(({ status }) => status === 'fulfilled').length, 1)
  const [refused] = settled.filter((each) => each.status === 'rejected')
  assert.equal((refused?.reason as { code?: string } | undefined)?.code, 'ID_TAKEN')
})

testOnBoth('one key takes an external id left as it is and one left out for different imports', async (store) => {
  const hansard = await open(store)
  const archive = await archiveOf(hansard, 'ticket-7')
  await hansard.sessions.importSession(archive, { idempotencyKey: 'k' })
  const other = hansard.sessions.importSession(archive, { idempotencyKey: 'k', externalId: null })
  await assert.rejects(other, { code: 'IDEMPOTENCY_CONFLICT' })
})

testOnBoth('a fork is found again by its key when its parent is gone', async (store) => {
  const { sessions } = await open(store)
  const { id } = await sessions.create({ actorName: 'ada' })
  const fork = await sessions.fork(id, { idempotencyKey: 'k' })
  await sessions.delete(id)
  assert.equal((await sessions.fork(id, { idempotencyKey: 'k' })).id, fork.id)
  await assert.rejects(sessions.fork(id, { idempotencyKey: 'other' }), { code: 'SESSION_NOT_FOUND' })
})
