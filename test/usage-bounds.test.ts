import assert from 'node:assert/strict'
import type { Hansard } from '../src/index.js'
import { testOnBoth } from './test-store.js'

const most = Number.MAX_SAFE_INTEGER
const refusal = (name: string, total: string) => ({
  code: 'INVALID_INPUT',
  message: new RegExp(`^usage\\.${name}: .*${total.replace('.', '\\.')}`),
})

async function assertUntouched({ sessions }: Hansard, id: string, before: object): Promise<void> {
  assert.deepEqual(await sessions.get(id), before)
  assert.deepEqual((await sessions.verify(id)).problems, [])
}

testOnBoth('tokens that a total could not hold exactly are refused, and nothing of them stored', async (store) => {
  const hansard = await store.open()
  const { sessions } = hansard
  const { id } = await sessions.create({ actorName: 'ada' })
  await sessions.updateTokenUsage(id, { inputTokens: most, outputTokens: 1 })
  const before = await sessions.get(id)
  assert.equal(before.tokenUsage.inputTokens, most)
  const refused = refusal('inputTokens', '9007199254740992')
  await assert.rejects(sessions.updateTokenUsage(id, { inputTokens: 1 }), refused)
  await assert.rejects(sessions.updateTokenUsage(id, { inputTokens: 1 }, { idempotencyKey: 'k' }), refused)
  const message = { role: 'user', content: 'Hello', usage: { inputTokens: 1 } } as const
  await assert.rejects(sessions.appendMessage(id, message), refused)
  await assert.rejects(sessions.appendMessage(id, message, { idempotencyKey: 'k' }), refused)
  const huge = { ...message, usage: { outputTokens: most } }
  await assert.rejects(sessions.appendMessages(id, Array(1_500).fill(huge)), refusal('outputTokens', ''))
  await assertUntouched(hansard, id, before)
  await sessions.setTokenUsage(id, { inputTokens: 7 })
  await sessions.updateTokenUsage(id, { inputTokens: most - 7 })
  assert.equal((await sessions.usage(id)).total.inputTokens, most)
  assert.equal((await sessions.appendMessage(id, { ...message, usage: { outputTokens: 4 } })).sequence, 1)
})

testOnBoth('costs are summed exactly to a nano-dollar, up to the most that a total holds', async (store) => {
  const hansard = await store.open()
  const { sessions } = hansard
  const { id } = await sessions.create({ actorName: 'ada' })
  const delta = { estimatedCostUsd: 999_999.999999999 }
  for (let n = 1; n <= 8; n++) {
    const { tokenUsage } = await sessions.updateTokenUsage(id, delta)
    const nano = BigInt(n) * 999_999_999_999_999n
    assert.equal(tokenUsage.estimatedCostUsd.toFixed(9).replace('.', ''), String(nano))
    assert.equal((await sessions.usage(id)).total.estimatedCostUsd, tokenUsage.estimatedCostUsd)
  }
  const before = await sessions.get(id)
  await assert.rejects(sessions.updateTokenUsage(id, delta), refusal('estimatedCostUsd', '8999999.999999991'))
  await assertUntouched(hansard, id, before)
  const { sessionId } = await sessions.importSession(await sessions.exportSession(id))
  assert.deepEqual((await sessions.get(sessionId ?? '')).tokenUsage, before.tokenUsage)
  const fine = await sessions.updateTokenUsage(id, { estimatedCostUsd: 0.000000001 })
  assert.equal(fine.tokenUsage.estimatedCostUsd.toFixed(9), '7999999.999999993')
})

testOnBoth('usage sums up what no single total holds', async (store) => {
  const { sessions } = await store.open()
  const ids = []
  for (let n = 0; n < 3; n++) ids.push((await sessions.create({ actorName: 'ada' })).id)
  // As many as overflow 64 bits: each fills and empties the total of its session.
  for (let n = 0; n < 350; n++) {
    for (const id of ids) await sessions.updateTokenUsage(id, { inputTokens: most - 3 }, { model: 'm' })
    for (const id of ids) await sessions.setTokenUsage(id, { inputTokens: 3 })
  }
  const { total, byModel } = await sessions.usage()
  assert.equal(total.inputTokens, 9)
  assert.ok(Math.abs((byModel[0]?.inputTokens ?? 0) / (3 * (350 * most - 349 * 3)) - 1) < 0.01)
})
