import assert from 'node:assert/strict'
import { testOnBoth } from './test-store.js'

testOnBoth('of imports that preserve one id at the same moment, one wins and is kept whole', async (store) => {
  const hansard = await store.open()
  const { sessions } = hansard
  const { id } = await sessions.create({ actorName: 'ada' })
  await sessions.appendMessage(id, { role: 'user', content: 'first' })
  const short = await sessions.exportSession(id)
  await sessions.appendMessage(id, { role: 'user', content: 'second' })
  const long = await sessions.exportSession(id)
  await sessions.delete(id)

  const acme = hansard.namespace('acme').sessions
  const imports = [sessions, sessions, acme, acme].map((each, n) =>
    each.importSession(n % 2 === 0 ? short : long, { ids: 'preserve' }),
  )
  const results = await Promise.allSettled(imports)
  const won = results.findIndex((result) => result.status === 'fulfilled')
  assert.equal(results.filter((result) => result.status === 'fulfilled').length, 1)
  for (const result of results) {
    if (result.status === 'rejected') assert.equal((result.reason as { code?: string }).code, 'ID_TAKEN')
  }
  const report = await (won < 2 ? sessions : acme).verify(id)
  assert.equal(report.ok, true)
  assert.equal(report.messages, won % 2 === 0 ? 1 : 2)
  await hansard.close()
})

testOnBoth(
  'an import whose process was killed stands in the way of the next with its id for half a minute',
  async (store) => {
    let now = Date.parse('2026-01-01T00:00:00Z')
    const hansard = await store.open({ clock: () => new Date(now) })
    const { sessions } = hansard
    const { id } = await sessions.create({ actorName: 'ada' })
    await sessions.appendMessage(id, { role: 'user', content: 'Hello' })
    const archive = await sessions.exportSession(id)
    // What a kill leaves behind: staged, claimed, and never published.
    await store.execute(`update sessions set staged_at = ${now}`)
    await store.execute(
      `insert into idempotency_keys (namespace, scope, idempotency_key, payload_hash, session_id, created_at)
     values ('default', 'staged', '${id}', 'mark', '${id}', ${now})`,
    )
    const preserve = { ids: 'preserve', idempotencyKey: 'k' } as const
    await assert.rejects(sessions.importSession(archive, { ids: 'preserve' }), { code: 'ID_TAKEN' })
    now += 30_001
    assert.equal((await sessions.importSession(archive, preserve)).sessionId, id)
    assert.equal((await sessions.verify(id)).ok, true)
  },
)
