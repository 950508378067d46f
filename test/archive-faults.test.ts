import assert from 'node:assert/strict'
import { ArchiveChecksum } from '../src/domain/sessions/session-archive.js'
import { type Hansard, InvalidInputError, type SessionArchive } from '../src/index.js'
import { testOn, testOnBoth } from './test-store.js'

async function goodArchive({ sessions }: Hansard): Promise<SessionArchive> {
  const { id } = await sessions.create({ actorName: 'ada', title: 'Trip' })
  for (let n = 1; n <= 6; n++) {
    await sessions.appendMessage(id, { role: 'user', content: `message ${n}`, usage: { inputTokens: 2, model: 'm' } })
    if (n === 4) await sessions.truncate(id, { afterSequence: 2 })
  }
  await sessions.setTokenUsage(id, { inputTokens: 5 })
  return sessions.exportSession(id)
}

type Loose = ReturnType<typeof JSON.parse>

/** As a liar would: changed, with a checksum that is right again. */
function forged(archive: SessionArchive, change: (archive: Loose) => void): SessionArchive {
  const copy = structuredClone(archive)
  change(copy)
  const checksum = new ArchiveChecksum(copy.session)
  for (const message of copy.messages) checksum.message(message)
  for (const entry of copy.usage) checksum.usage(entry)
  return { ...copy, checksum: checksum.digest() }
}

function nested(levels: number): object {
  let value = {}
  for (let n = 0; n < levels; n++) value = { a: value }
  return value
}

const long = 'x'.repeat(10_001)
const faults: [string, (archive: Loose) => void][] = [
  ['session.lastSequence', ({ session }) => (session.lastSequence = 2 ** 31 - 1)],
  ['session.lastSequence', ({ session }) => (session.lastSequence = 9e15)],
  ['messages[2].sequence', ({ session }) => (session.truncations = [])],
  ['messages[2].sequence', ({ session }) => (session.truncations[0].lastSequence = 3)],
  ['messages[2].sequence', ({ session }) => (session.truncations[0].lastSequence = 5)],
  ['messages[1].sequence', ({ session }) => (session.truncations[0].afterSequence = 1)],
  ['session.truncations[0].lastSequence', ({ session }) => (session.truncations[0].lastSequence = 7)],
  ['session.truncations[0].afterSequence', ({ session }) => (session.truncations[0].afterSequence = -1)],
  ['session.truncations[0]', ({ session }) => (session.truncations = [null])],
  ['session.truncations[0].afterSequence', ({ session }) => (session.truncations = [{}])],
  ['session.truncations', ({ session }) => (session.truncations = {})],
  ['session.metadata', ({ session }) => (session.metadata = [])],
  ['session.metadata', ({ session }) => (session.metadata = { [long]: 1 })],
  ['session.title', ({ session }) => (session.title = 7)],
  ['session.title', ({ session }) => (session.title = long)],
  ['session.externalId', ({ session }) => (session.externalId = 7)],
  ['session.externalId', ({ session }) => (session.externalId = '')],
  ['session.actorName', ({ session }) => (session.actorName = 'a\u0000')],
  ['session.actorName', ({ session }) => (session.actorName = '\ud800')],
  ['session.actorName', ({ session }) => (session.actorName = long)],
  ['session.createdAt', ({ session }) => (session.createdAt = 'yesterday')],
  ['session.forkedFrom', ({ session }) => (session.forkedFrom = 'x')],
  ['session.forkedFrom.sessionId', ({ session }) => (session.forkedFrom = { sessionId: 'x', sequence: 1 })],
  ['session.importedFrom.importedAt', ({ session }) => (session.importedFrom = { ...origin, importedAt: 'x' })],
  ['session.tokenUsage.inputTokens', ({ session }) => (session.tokenUsage.inputTokens = '5')],
  ['session.tokenUsage', ({ session }) => (session.tokenUsage.inputTokens = 6)],
  ['session.more', ({ session }) => (session.more = 1)],
  ['messages[1]', (archive) => (archive.messages[1] = [])],
  ['messages[1].role', ({ messages }) => (messages[1].role = 'robot')],
  ['messages[1].id', ({ messages }) => (messages[1].id = messages[0].id)],
  ['messages[1].metadata', ({ messages }) => (messages[1].metadata = [])],
  ['messages[1].toolCallId', ({ messages }) => (messages[1].toolCallId = 7)],
  ['messages[1].tokenCount', ({ messages }) => (messages[1].tokenCount = -1)],
  ['messages[1].tokenCount', ({ messages }) => (messages[1].tokenCount = 1.5)],
  ['messages[1].tokenCount', ({ messages }) => (messages[1].tokenCount = 'abc')],
  ['messages[1].createdAt', ({ messages }) => (messages[1].createdAt = null)],
  ['usage[1].model', ({ usage }) => (usage[1].model = 7)],
  ['usage[1].id', ({ usage }) => (usage[1].id = usage[0].id)],
  ['usage[1].inputTokens', ({ usage }) => (usage[1].inputTokens = -2)],
  ['usage[1].inputTokens', ({ usage }) => (usage[1].inputTokens = Number.MAX_SAFE_INTEGER)],
  ['usage[6].inputTokens', ({ usage }) => (usage[6].inputTokens = -13)],
  ['usage[1].estimatedCostUsd', ({ usage }) => (usage[1].estimatedCostUsd = 1e10)],
  ['usage[1].estimatedCostUsd', ({ usage }) => (usage[1].estimatedCostUsd = 1e300)],
  ['usage[1].kind', ({ usage }) => (usage[1].kind = 'gift')],
]
const origin = { sessionId: '01M7ZG6BM8W6WZDACGSFXQKGFK', namespace: 'n', checksum: 'sha256:0' }

testOnBoth('an archive that holds what no session can is refused, and the place named', async (store) => {
  const hansard = await store.open()
  const archive = await goodArchive(hansard)
  const { sessions } = hansard.namespace('acme')
  assert.equal(
    (
      await sessions.importSession(
        forged(archive, () => undefined),
        { dryRun: true },
      )
    ).messages,
    4,
  )
  for (const [path, change] of faults) {
    const refusal = await sessions.importSession(forged(archive, change)).then(
      () => 'imported',
      (error: unknown) => error,
    )
    assert.ok(refusal instanceof InvalidInputError, `${path}: ${String(change)} gives ${String(refusal)}`)
    assert.deepEqual([refusal.code, refusal.problems[0]?.path], ['ARCHIVE_MALFORMED', path], String(change))
  }
  assert.equal((await sessions.list()).items.length, 0)
})

testOn('sqlite', 'an archive is held to the limits of the store that takes it', async (store) => {
  const archive = await goodArchive(await store.open())
  const { sessions } = (await store.open({ limits: { messageBytes: 10 } })).namespace('acme')
  await assert.rejects(sessions.importSession(archive), { code: 'MESSAGE_TOO_LARGE' })
})

testOn('sqlite', 'metadata that is nested too deep is refused', async (store) => {
  const { sessions } = await store.open()
  const { id } = await sessions.create({ actorName: 'ada' })
  const archive = await sessions.exportSession(id)
  // No checksum can be given to it: it must not come so far.
  Object.assign(archive.session, { metadata: nested(3_000) })
  await assert.rejects(sessions.importSession(archive), (error: InvalidInputError) => {
    assert.equal(error.code, 'ARCHIVE_MALFORMED')
    return error.problems[0]!.path.startsWith('session.metadata')
  })
})

testOn('sqlite', "the line form's own counts are held against its lines", async (store) => {
  const hansard = await store.open()
  const { session } = await goodArchive(hansard)
  let lines = ''
  for await (const line of hansard.sessions.exportLines(session.id, 'jsonl')) lines += line
  const { sessions } = hansard.namespace('acme')
  for (const name of ['messages', 'usage']) {
    const changed = lines.replace(new RegExp(`("footer":.*"${name}":)\\d+`), '$199')
    assert.notEqual(changed, lines)
    await assert.rejects(sessions.importSession(changed), { code: 'ARCHIVE_MALFORMED', message: /footer\..* is 99/ })
  }
  const wrong = lines.replace(/"footer":.*/, '"footer":null}')
  await assert.rejects(sessions.importSession(wrong), { code: 'ARCHIVE_MALFORMED' })
})

testOn('sqlite', 'a byte order mark before an archive is no part of it', async (store) => {
  const hansard = await store.open()
  const archive = await goodArchive(hansard)
  let lines = ''
  for await (const line of hansard.sessions.exportLines(archive.session.id, 'jsonl')) lines += line
  for (const text of [JSON.stringify(archive), JSON.stringify(archive, null, 2), lines]) {
    const { messages } = await hansard.namespace('acme').sessions.importSession(`\ufeff${text}`)
    assert.equal(messages, 4)
  }
})
