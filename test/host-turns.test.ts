import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { Note, type TestStore, testOn, testOnBoth } from './test-store.js'

const said = (content: string) => ({ role: 'user' as const, content })

async function hosted(store: TestStore) {
  const host = await store.host()
  const hansard = await store.open({ dataSource: host })
  const { id } = await hansard.sessions.create({ actorName: 'ada' })
  const { id: other } = await hansard.sessions.create({ actorName: 'ada' })
  return { host, hansard, id, other }
}

testOnBoth("calls side by side in one host's transaction are all kept", async (store) => {
  const { host, hansard, id } = await hosted(store)
  await host.transaction(async (manager) => {
    // Another facade each time, as a host's services make them.
    const appends = Array.from({ length: 8 }, (_, n) =>
      hansard.withTransaction(manager).sessions.appendMessage(id, said(`${n}`)),
    )
    assert.deepEqual(
      (await Promise.all(appends)).map(({ sequence }) => sequence),
      [1, 2, 3, 4, 5, 6, 7, 8],
    )
  })
  assert.equal((await hansard.sessions.get(id)).messageCount, 8)
})

testOnBoth("one call's refusal takes nothing from its neighbour in a host's transaction", async (store) => {
  const { host, hansard, id, other } = await hosted(store)
  await host.transaction(async (manager) => {
    const { sessions } = hansard.withTransaction(manager)
    const [bad, good] = await Promise.allSettled([
      sessions.appendMessage(id, said('bad'), { expectedSequence: 99 }),
      sessions.appendMessage(other, said('good')),
    ])
    assert.equal(bad.status === 'rejected' && (bad.reason as { code: string }).code, 'SEQUENCE_CONFLICT')
    assert.equal(good.status, 'fulfilled')
  })
  assert.deepEqual(
    [(await hansard.sessions.get(id)).messageCount, (await hansard.sessions.get(other)).messageCount],
    [0, 1],
  )
})

testOnBoth('what waits for its turn when the host rolls back is never kept', async (store) => {
  const { host, hansard, id, other } = await hosted(store)
  for (let round = 0; round < 10; round++) {
    const left: Promise<unknown>[] = []
    const ending = host.transaction(async (manager) => {
      const { sessions } = hansard.withTransaction(manager)
      const bad = sessions.appendMessage('none', said('bad'))
      const others = [
        ...[0, 1, 2].map((n) => sessions.appendMessage(id, said(`${n}`))),
        sessions.updateTokenUsage(id, { inputTokens: 5 }),
        sessions.create({ actorName: 'eve', metadata: { round } }),
        sessions.delete(other),
        sessions.fork(id),
      ]
      left.push(...others)
      await Promise.all([bad, ...others])
    })
    await assert.rejects(ending, { code: 'SESSION_NOT_FOUND' })
    const outer = hansard.sessions.create({ actorName: 'outer' })
    for (const result of await Promise.allSettled(left)) {
      if (result.status === 'rejected')
        assert.notEqual((result.reason as { retryable?: boolean }).retryable, true, String(result.reason))
    }
    await outer
  }
  const session = await hansard.sessions.get(id)
  assert.deepEqual([session.messageCount, session.tokenUsage.inputTokens], [0, 0])
  assert.equal((await hansard.sessions.verify(id)).ok, true)
  assert.ok(await hansard.sessions.get(other))
  assert.equal((await hansard.sessions.list({ actorName: 'eve' })).items.length, 0)
  assert.equal((await hansard.sessions.list({ actorName: 'outer' })).items.length, 10)
  await hansard.sessions.appendMessage(id, said('goes on'))
})

testOnBoth('a facade that outlives its transaction is refused', async (store) => {
  const { host, hansard, id } = await hosted(store)
  const kept = await host.transaction(async (manager) => hansard.withTransaction(manager))
  await assert.rejects(kept.sessions.appendMessage(id, said('late')), { code: 'INSIDE_TRANSACTION', retryable: false })
  await assert.rejects(kept.sessions.create({ actorName: 'ada' }), { code: 'INSIDE_TRANSACTION' })
  assert.equal((await hansard.sessions.get(id)).messageCount, 0)
})

testOnBoth("the host's own statements beside a refused call are kept", async (store) => {
  const { host, hansard, id } = await hosted(store)
  await host.transaction(async (manager) => {
    const { sessions } = hansard.withTransaction(manager)
    const refused = () => sessions.appendMessage(id, said('x'), { expectedSequence: 7 }).catch(() => undefined)
    const unknown = () => sessions.update('none', { title: 'x' }).catch(() => undefined)
    const insert = (note: number) => manager.insert(Note, { id: note, text: 'kept' })
    await Promise.all([refused(), insert(1), unknown(), insert(2), refused(), insert(3)])
  })
  assert.equal(await host.manager.count(Note), 3)
})

testOnBoth("a host's nested transaction beside our calls leaves all of them whole", async (store) => {
  const { host, hansard, id, other } = await hosted(store)
  for (let round = 0; round < 5; round++) {
    await host.transaction(async (manager) => {
      const { sessions } = hansard.withTransaction(manager)
      await Promise.all([
        sessions.appendMessage(id, said('beside')),
        manager.transaction(async (inner) => {
          await inner.insert(Note, { id: round, text: 'nested' })
          await hansard.withTransaction(inner).sessions.appendMessage(other, said('nested'))
        }),
        sessions.appendMessage(id, said('beside')),
      ])
    })
  }
  assert.equal((await hansard.sessions.get(id)).messageCount, 10)
  assert.equal((await hansard.sessions.get(other)).messageCount, 5)
  assert.equal(await host.manager.count(Note), 5)
})

testOn('sqlite', 'the outer facade fails at once inside a transaction, even while others wait', async (store) => {
  const { host, hansard, id } = await hosted(store)
  let outside: Promise<unknown> = Promise.resolve()
  let begun = () => undefined as void
  const isOpen = new Promise<void>((resolve) => {
    begun = resolve
  })
  const transaction = host.transaction(async () => {
    begun()
    await sleep(30)
    const startedAt = performance.now()
    await assert.rejects(hansard.sessions.appendMessage(id, said('inside')), { code: 'INSIDE_TRANSACTION' })
    assert.ok(performance.now() - startedAt < 1_000)
  })
  await isOpen
  outside = hansard.sessions.appendMessage(id, said('outside'))
  await transaction
  await outside
  assert.equal((await hansard.sessions.get(id)).messageCount, 1)
})

testOn('sqlite', 'who started a transaction and goes on beside it is not taken for being inside', async (store) => {
  const { host, hansard, id } = await hosted(store)
  const job = async () => {
    const runner = host.createQueryRunner()
    await runner.startTransaction()
    await sleep(50)
    await runner.commitTransaction()
    await runner.release()
  }
  const running = job()
  await sleep(10)
  await hansard.sessions.appendMessage(id, said('beside'))
  await running
  assert.equal((await hansard.sessions.get(id)).messageCount, 1)
})

testOn('sqlite', "the outer facade inside a query runner's transaction fails and does not hang", async (store) => {
  const { host, hansard, id } = await hosted(store)
  const runner = host.createQueryRunner()
  await runner.startTransaction()
  await assert.rejects(hansard.sessions.appendMessage(id, said('inside')), { code: 'INSIDE_TRANSACTION' })
  await runner.rollbackTransaction()
  await runner.release()
})
