import assert from 'node:assert/strict'
import { makeFullSession } from '../features/support/full-session.js'
import { ArchiveChecksum } from '../src/domain/sessions/session-archive.js'
import type { SessionArchive } from '../src/index.js'
import { testOnBoth } from './test-store.js'

/** A checksum says that nobody altered an archive, not that whoever made it was careful. */
const damages: [string, (archive: SessionArchive) => void][] = [
  ['session.actorName', ({ session }) => void Object.assign(session, { actorName: 'a'.repeat(256) })],
  ['session.externalId', ({ session }) => void Object.assign(session, { externalId: 'a\u0000' })],
  ['session.title', ({ session }) => void Object.assign(session, { title: 5 })],
  ['session.forkedFrom.sequence', ({ session }) => void Object.assign(session, { forkedFrom: { sessionId: 'a' } })],
  ['session.truncations[0]', ({ session }) => void Object.assign(session, { truncations: [null] })],
  [
    'session.truncations[0].lastSequence',
    ({ session }) => void Object.assign(session.truncations[0] ?? {}, { lastSequence: null }),
  ],
  ['messages[0].toolCallId', ({ messages }) => void Object.assign(messages[0] ?? {}, { toolCallId: ['a'] })],
  ['messages[0].tokenCount', ({ messages }) => void Object.assign(messages[0] ?? {}, { tokenCount: 1e12 })],
  ['usage[0].model', ({ usage }) => void Object.assign(usage[0] ?? {}, { model: { a: 1 } })],
]

testOnBoth('an archive of the wrong shape is refused by its place, its checksum right or not', async (store) => {
  const { sessions } = await store.open()
  const { id } = await makeFullSession(sessions)
  for (const [place, damage] of damages) {
    const archive = structuredClone(await sessions.exportSession(id))
    damage(archive)
    archive.checksum = checksumOf(archive)
    await assert.rejects(sessions.importSession(archive, { externalId: null }), (error: Error & { code: string }) => {
      assert.equal(error.code, 'ARCHIVE_MALFORMED', error.message)
      assert.ok(error.message.startsWith(`${place}: `), error.message)
      return true
    })
  }
  assert.equal((await sessions.list()).items.length, 1)
})

function checksumOf({ session, messages, usage }: SessionArchive): string {
  const checksum = new ArchiveChecksum(session)
  for (const message of messages) checksum.message(message)
  for (const entry of usage) checksum.usage(entry)
  return checksum.digest()
}
