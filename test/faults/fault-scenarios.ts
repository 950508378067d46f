import assert from 'node:assert/strict'
import type { Hansard, SessionMessage, SessionService } from '../../src/index.js'
import type { TestStore } from '../test-store.js'
import { type ChaosReport, chaos } from './chaos.js'
import { messageOf } from './worker.js'
import { runTogether } from './workers.js'

const processes = 8
const appends = 64

/** Eight processes, 64 appends each at once, one session: all there, in one unbroken order. */
export async function rush(store: TestStore): Promise<void> {
  const hansard = await store.open()
  const { id } = await hansard.sessions.create({ actorName: 'ada' })
  const jobs = Array.from({ length: processes }, (_, n) => {
    const options = { ...store.options, poolSize: 4 }
    return { do: 'burst' as const, options, sessionId: id, name: `p${n}`, count: appends }
  })
  assert.deepEqual(
    await runTogether(jobs),
    jobs.map(() => 0),
  )
  const stored = await keysInOrder(hansard.sessions, id)
  assert.equal(stored.length, processes * appends)
  assert.equal(new Set(stored).size, stored.length)
  await assertSound(hansard, id, stored.length)
}

/** Whatever is killed: what was acknowledged is there once, and sending all of it again adds only what was missing. */
export async function survive(
  store: TestStore,
  settings: { workers: number; seconds: number; killEveryMs: number },
): Promise<ChaosReport> {
  const hansard = await store.open()
  const { id: sessionId } = await hansard.sessions.create({ actorName: 'ada' })
  const report = await chaos({ options: store.options, sessionId, ...settings })
  assert.deepEqual(report.failures, [], 'workers ended by themselves')
  assert.ok(report.acknowledged.size > 0 && report.processesKilled > 0)
  assert.equal(report.backendsKilled > 0, !store.isSqlite)

  const stored = await keysInOrder(hansard.sessions, sessionId)
  assert.equal(new Set(stored).size, stored.length, 'an append was doubled')
  for (const [key, sequence] of report.acknowledged)
    assert.equal(stored[sequence - 1], key, `${key} was acknowledged as ${sequence}`)
  for (const key of stored) assert.ok(report.attempted.has(key))
  await assertSound(hansard, sessionId, stored.length)

  await replay(hansard.sessions, sessionId, report)
  const after = await keysInOrder(hansard.sessions, sessionId)
  assert.deepEqual(after.slice(0, stored.length), stored)
  assert.equal(after.length, report.attempted.size)
  assert.deepEqual(new Set(after), report.attempted)
  await assertSound(hansard, sessionId, after.length)
  return report
}

async function replay(
  sessions: SessionService,
  sessionId: string,
  { attempted, acknowledged }: ChaosReport,
): Promise<void> {
  const keys = [...attempted]
  for (let start = 0; start < keys.length; start += 256) {
    const again = keys.slice(start, start + 256).map(async (key) => {
      const { sequence } = await sessions.appendMessage(sessionId, messageOf(key), { idempotencyKey: key })
      assert.equal(sequence, acknowledged.get(key) ?? sequence)
    })
    await Promise.all(again)
  }
}

/** The key of each message; that its sequence is its place is asserted on the way. */
async function keysInOrder(sessions: SessionService, id: string): Promise<string[]> {
  const keys: string[] = []
  for (let after = 0; ; ) {
    const page = await sessions.messages(id, { after, limit: 10_000 })
    for (const message of page.items) keys.push(keyAt(message, keys.length + 1))
    if (page.nextCursor === null) return keys
    after = page.nextCursor
  }
}

function keyAt({ sequence, content }: SessionMessage, expected: number): string {
  assert.equal(sequence, expected, 'the order has a gap')
  return (content as { key: string }).key
}

async function assertSound(hansard: Hansard, id: string, messages: number): Promise<void> {
  const { sessions } = hansard
  const report = await sessions.verify(id)
  assert.deepEqual({ problems: report.problems, messages: report.messages }, { problems: [], messages })
  const { lastSequence, messageCount } = await sessions.get(id)
  assert.deepEqual([lastSequence, messageCount], [messages, messages])
  // Nobody has a message without what search finds of it, nor the other way round.
  assert.deepEqual(await hansard.doctor(['search']), [{ name: 'search', ok: true, detail: 'as it should be' }])
}
