import assert from 'node:assert/strict'
import { PersistentContextService } from '../src/application/contexts/persistent-context-service.js'
import type { ContextService, Hansard } from '../src/index.js'
import { type TestStore, testOnBoth } from './test-store.js'

/** How the service is wired, so that a test can put its own unit of work in. */
function partsOf({ contexts }: Hansard): PersistentContextService['parts'] {
  assert.ok(contexts instanceof PersistentContextService)
  return contexts.parts
}

/** A service whose first try commits and whose answer is lost; before the next one, `between` happens. */
function losingAnswers(hansard: Hansard, between: () => Promise<unknown> = async () => undefined): ContextService {
  const parts = partsOf(hansard)
  const inTransaction: typeof parts.unitOfWork.inTransaction = async (work) => {
    await parts.unitOfWork.inTransaction(work)
    await between()
    return parts.unitOfWork.inTransaction(work)
  }
  return new PersistentContextService({ ...parts, unitOfWork: { inTransaction } })
}

const indexes = (steps: { stepIndex: number }[]) => steps.map(({ stepIndex }) => stepIndex)

async function opened(store: TestStore) {
  const hansard = await store.open()
  return { hansard, token: (await hansard.contexts.open()).stateToken }
}

testOnBoth('an opening whose answer was lost is made once, and its token leads to it', async (store) => {
  const hansard = await store.open()
  for (const input of [{}, { idempotencyKey: 'k' }]) {
    const { stateToken, id } = await losingAnswers(hansard).open(input)
    assert.equal((await hansard.contexts.get(stateToken)).id, id)
  }
  assert.equal((await hansard.contexts.list({ state: 'all' })).items.length, 2)
})

testOnBoth('a repeated opening whose answer was lost hands out a token that works', async (store) => {
  const hansard = await store.open()
  const { id } = await hansard.contexts.open({ idempotencyKey: 'k' })
  const again = await losingAnswers(hansard).open({ idempotencyKey: 'k' })
  assert.equal((await hansard.contexts.get(again.stateToken)).id, id)
})

testOnBoth('a step whose answer was lost is recorded once', async (store) => {
  const { hansard, token } = await opened(store)
  for (const input of [{ request: 1 }, { request: 2, idempotencyKey: 'k' }, { request: 3, hashOnly: true }]) {
    assert.equal((await losingAnswers(hansard).step(token, input)).replayed, false)
  }
  assert.deepEqual(indexes((await hansard.contexts.get(token)).steps), [1, 2, 3])
})

testOnBoth('a step whose answer was lost leaves no gap, whatever came between', async (store) => {
  const { hansard, token } = await opened(store)
  const another = () => hansard.contexts.step(token, { request: 'another' })
  const step = await losingAnswers(hansard, another).step(token, { request: 'mine' })
  assert.deepEqual([step.stepIndex, step.request, step.replayed, step.stepCount], [1, 'mine', false, 2])
  const { steps, stepCount } = await hansard.contexts.get(token)
  assert.deepEqual([indexes(steps), stepCount], [[1, 2], 2])
  await another()
  assert.deepEqual(indexes((await hansard.contexts.close(token)).steps), [1, 2, 3])
})

testOnBoth('a step whose answer was lost is told of, though the context ended meanwhile', async (store) => {
  const { hansard, token } = await opened(store)
  const step = await losingAnswers(hansard, () => hansard.contexts.close(token)).step(token, { request: 'mine' })
  assert.deepEqual([step.stepIndex, step.replayed], [1, false])
})

testOnBoth('a patch whose answer was lost is no conflict with itself', async (store) => {
  const { hansard, token } = await opened(store)
  const { version } = await losingAnswers(hansard).patch(token, { a: 1 }, { expectedVersion: 1 })
  assert.equal(version, 2)
  assert.equal((await hansard.contexts.get(token)).version, 2)
})

testOnBoth('a close whose answer was lost gives the record, and is no error', async (store) => {
  const { hansard, token } = await opened(store)
  await hansard.contexts.step(token, { request: 1 })
  const { status, steps } = await losingAnswers(hansard).close(token)
  assert.deepEqual([status, indexes(steps)], ['closed', [1]])
})

testOnBoth('a run whose answer was lost is made once', async (store) => {
  const hansard = await store.open()
  for (const options of [{}, { idempotencyKey: 'k' }]) {
    const { context } = await losingAnswers(hansard).run([{ request: 1 }, { request: 2 }], options)
    assert.deepEqual(indexes(context.steps), [1, 2])
  }
  assert.equal((await hansard.contexts.list({ state: 'all' })).items.length, 2)
})
