import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { type AppendMessageInput, type Hansard, openHansard, type SessionArchive } from '../src/index.js'
import { jsonObject, jsonValue } from './json-arbitraries.js'

const plainText = fc.string({ minLength: 1, maxLength: 20 }).filter((text) => !text.includes('\u0000'))
const tokens = fc.nat(1_000_000)
const usage = fc.record(
  { inputTokens: tokens, outputTokens: tokens, estimatedCostUsd: tokens.map((nano) => nano / 1e9), model: plainText },
  { requiredKeys: [], noNullPrototype: true },
)
const message: fc.Arbitrary<AppendMessageInput> = fc.record(
  {
    role: fc.constantFrom('user', 'assistant', 'system', 'tool'),
    content: jsonValue,
    metadata: jsonObject,
    toolCallId: plainText,
    tokenCount: tokens,
    createdAt: fc.date({ min: new Date(0), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true }),
    usage,
  },
  { requiredKeys: ['role', 'content'], noNullPrototype: true },
)
const conversation = fc.record(
  {
    actorName: plainText,
    title: plainText,
    metadata: jsonObject,
    messages: fc.array(message, { minLength: 1, maxLength: 6 }),
    keep: fc.nat(6),
  },
  { noNullPrototype: true },
)

let store: Hansard
let empty: Hansard
before(async () => {
  const clock = () => new Date('2026-01-05T09:00:00Z')
  store = await openHansard({ database: 'sqlite::memory:', clock })
  empty = await openHansard({ database: 'sqlite::memory:', clock })
})
after(() => Promise.all([store.close(), empty.close()]))

test('every archive survives its import: with its ids to the byte, with new ones but for them', async () => {
  await fc.assert(
    fc.asyncProperty(conversation, async ({ messages, keep, ...input }) => {
      const { id } = await store.sessions.create(input)
      await store.sessions.appendMessages(id, messages)
      await store.sessions.truncate(id, { afterSequence: keep })
      assert.deepEqual(await store.sessions.verify(id).then(({ problems }) => problems), [])
      const archive = await store.sessions.exportSession(id)
      assert.equal(await reexported(empty, archive, 'preserve'), JSON.stringify(archive))
      assert.equal(withoutIdentity(await reexported(store, archive, 'fresh')), withoutIdentity(JSON.stringify(archive)))
    }),
    { numRuns: 60 },
  )
})

test('content comes back as it went in, key order included', async () => {
  const { id } = await store.sessions.create({ actorName: 'ada' })
  await fc.assert(
    fc.asyncProperty(jsonValue, jsonObject, async (content, metadata) => {
      const { sequence } = await store.sessions.appendMessage(id, { role: 'user', content, metadata })
      const { items } = await store.sessions.messages(id, { latest: 1 })
      assert.equal(items[0]?.sequence, sequence)
      assert.equal(JSON.stringify([items[0]?.content, items[0]?.metadata]), JSON.stringify([content, metadata]))
    }),
  )
})

test('the line form and the document import the same', async () => {
  await fc.assert(
    fc.asyncProperty(conversation, async ({ messages, keep: _, ...input }) => {
      const { id } = await store.sessions.create(input)
      await store.sessions.appendMessages(id, messages)
      const archive = JSON.stringify(await store.sessions.exportSession(id))
      let lines = ''
      for await (const line of store.sessions.exportLines(id, 'jsonl')) lines += line
      assert.equal(await reexported(empty, lines, 'preserve'), archive)
    }),
    { numRuns: 20 },
  )
})

async function reexported(into: Hansard, archive: SessionArchive | string, ids: 'fresh' | 'preserve'): Promise<string> {
  const { sessionId } = await into.sessions.importSession(archive, { ids })
  return JSON.stringify(await into.sessions.exportSession(sessionId ?? ''))
}

/** The text of an archive without what an import with fresh ids changes. */
function withoutIdentity(text: string): string {
  const { checksum: _, session, messages, usage, ...rest } = JSON.parse(text) as SessionArchive
  const anonymous = { ...session, id: '', importedFrom: null }
  const withoutId = <T extends object>(row: T) => ({ ...row, id: '' })
  return JSON.stringify({ ...rest, session: anonymous, messages: messages.map(withoutId), usage: usage.map(withoutId) })
}
