import assert from 'node:assert/strict'
import type { AppendMessageInput, Hansard } from '../src/index.js'
import { testOnBoth } from './test-store.js'

const messages = (count: number): AppendMessageInput[] =>
  Array.from({ length: count }, (_, n) => ({ role: 'user', content: `message ${n}`, usage: { inputTokens: 1 } }))

async function sessionOf({ sessions }: Hansard, count: number): Promise<string> {
  const { id } = await sessions.create({ actorName: 'ada' })
  await sessions.appendMessages(id, messages(count))
  return id
}

testOnBoth('a session is sound while others append to it', async (store) => {
  const hansard = await store.open({ poolSize: 8 })
  const id = await sessionOf(hansard, 700)
  let isDone = false
  const writers = [1, 2, 3, 4].map(async () => {
    while (!isDone) await hansard.sessions.appendMessages(id, messages(2))
  })
  const found = []
  for (let round = 0; round < 12; round++) found.push(...(await hansard.sessions.verify(id)).problems)
  isDone = true
  await Promise.all(writers)
  assert.deepEqual(found, [])
})

testOnBoth('a session is sound, or said to have changed, while others cut it', async (store) => {
  const hansard = await store.open({ poolSize: 8 })
  const id = await sessionOf(hansard, 1200)
  let isDone = false
  const writer = (async () => {
    while (!isDone) {
      await hansard.sessions.appendMessages(id, messages(5))
      const { lastSequence } = await hansard.sessions.get(id)
      await hansard.sessions.truncate(id, { afterSequence: lastSequence - 2 })
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  })()
  for (let round = 0; round < 12; round++) {
    const problems = await hansard.sessions.verify(id).then(
      (report) => report.problems,
      (error: { code?: string }) => (error.code === 'SESSION_CHANGED' ? [] : [error]),
    )
    assert.deepEqual(problems, [])
  }
  isDone = true
  await writer
  assert.equal((await hansard.sessions.verify(id)).ok, true)
})

testOnBoth('an archive written while others cut the session imports sound', async (store) => {
  const hansard = await store.open({ poolSize: 8 })
  const id = await sessionOf(hansard, 3)
  const session = await hansard.sessions.get(id)
  // The removal comes after the moment that the lines are of, and beyond what they hold.
  const lines = hansard.sessions.exportLines(id, 'jsonl')
  const original = hansard.sessions.get.bind(hansard.sessions)
  hansard.sessions.get = async () => {
    hansard.sessions.get = original
    await hansard.sessions.appendMessages(id, messages(4))
    await hansard.sessions.truncate(id, { afterSequence: 5 })
    return session
  }
  let text = ''
  for await (const line of lines) text += line
  const { sessionId } = await hansard.sessions.importSession(text)
  await hansard.sessions.appendMessages(sessionId ?? '', messages(3))
  assert.deepEqual((await hansard.sessions.verify(sessionId ?? '')).problems, [])
})

testOnBoth('what is no longer JSON is a damage like others', async (store) => {
  const hansard = await store.open()
  const id = await sessionOf(hansard, 3)
  await store.execute(`update session_messages set content = '{"cut' where sequence = 2`)
  await store.execute(`update session_messages set metadata = 'x' where sequence = 3`)
  const { problems } = await hansard.sessions.verify(id)
  assert.deepEqual(
    problems.map(({ code, sequence }) => [code, sequence]),
    [
      ['CONTENT_HASH', 2],
      ['CONTENT_HASH', 3],
    ],
  )
})

testOnBoth('missing messages are told as ranges, and problems without end are counted', async (store) => {
  const hansard = await store.open()
  const id = await sessionOf(hansard, 400)
  await store.execute('update sessions set last_sequence = 2147483647')
  await store.execute('delete from session_messages where sequence between 11 and 20')
  const gaps = (await hansard.sessions.verify(id)).problems.filter(({ code }) => code === 'GAP')
  assert.deepEqual(
    gaps.map(({ sequence, message }) => [sequence, message]),
    [
      [11, 'Messages 11 to 20 are missing and no truncation explains it.'],
      [401, 'Messages 401 to 2147483647 are missing and no truncation explains it.'],
    ],
  )
  await store.execute(`update session_messages set content = '"forged"'`)
  const { ok, problems } = await hansard.sessions.verify(id)
  assert.equal(ok, false)
  assert.equal(problems.length, 101)
  assert.equal(problems.at(-1)?.code, 'MORE_PROBLEMS')
  assert.match(problems.at(-1)?.message ?? '', /^293 more/)
})

testOnBoth('a ledger row that the session does not count is a damage', async (store) => {
  const hansard = await store.open()
  const id = await sessionOf(hansard, 3)
  await store.execute('update sessions set usage_count = 2, input_tokens = 2')
  const { problems } = await hansard.sessions.verify(id)
  assert.deepEqual(
    problems.map(({ code, sequence }) => [code, sequence]),
    [['LEDGER_GAP', 3]],
  )
})
