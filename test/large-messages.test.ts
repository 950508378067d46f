import assert from 'node:assert/strict'
import type { SessionService } from '../src/index.js'
import { testOnBoth } from './test-store.js'

const mebibyte = 1024 * 1024

/** 80 messages of 1 MiB, small ones between them. */
async function largeSession(sessions: SessionService): Promise<string> {
  const { id } = await sessions.create({ actorName: 'ada' })
  for (let n = 0; n < 80; n++) {
    const large = { role: 'user' as const, content: 'x'.repeat(mebibyte - 100) }
    await sessions.appendMessages(id, [large, { role: 'assistant', content: n }])
  }
  return id
}

testOnBoth('a page of large messages ends early, and its cursors lead through all of them', async (store) => {
  const { sessions } = await store.open()
  const id = await largeSession(sessions)
  const forwards: number[] = []
  for (let after: number | null = 0; after !== null; ) {
    const page: Awaited<ReturnType<SessionService['messages']>> = await sessions.messages(id, { after, limit: 1_000 })
    assert.ok(page.items.length < 160)
    forwards.push(...page.items.map(({ sequence }) => sequence))
    after = page.nextCursor
  }
  const all = Array.from({ length: 160 }, (_, n) => n + 1)
  assert.deepEqual(forwards, all)
  const latest = await sessions.messages(id, { latest: 1_000 })
  assert.equal(latest.items.at(-1)?.sequence, 160)
  const rest = await sessions.messages(id, { before: latest.previousCursor ?? 0, limit: 1_000 })
  assert.deepEqual(
    [...rest.items, ...latest.items].map(({ sequence }) => sequence),
    all,
  )
})

testOnBoth('work in pages takes large messages a few at a time, and all of them', async (store) => {
  const { sessions } = await store.open()
  const id = await largeSession(sessions)
  assert.equal((await sessions.verify(id)).messages, 160)
  assert.equal((await sessions.fork(id)).messageCount, 160)
  let lines = 0
  for await (const _ of sessions.exportLines(id, 'jsonl')) lines++
  assert.equal(lines, 162)
  const followed: number[] = []
  for await (const { sequence } of sessions.follow(id)) {
    followed.push(sequence)
    if (sequence === 160) break
  }
  assert.equal(followed.length, 160)
})
