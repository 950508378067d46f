import assert from 'node:assert/strict'
import { testOn } from './test-store.js'
import { claudeSession, lines, session } from './transcript-corpus.js'
import { clockedTranscripts } from './transcript-store.js'

const dayMs = 24 * 60 * 60_000
const everything = { softCapBytes: 0, maxAgeMs: 0 }

testOn('sqlite', 'the file shrinks by the texts that went', async (store) => {
  const { corpus, transcripts, later } = await clockedTranscripts(store)
  const id = `6${session.slice(1)}`
  const [record] = claudeSession(id, 1)
  const said = Array.from({ length: 300 }, (_, index) => ({
    ...record,
    uuid: `said-${index}`,
    message: {
      role: 'user',
      content: Array.from({ length: 400 }, (__, n) => (n * 7919 * (index + 1)) % 99991).join(' '),
    },
  }))
  await transcripts.ingest({ paths: [corpus.write(`big/${id}.jsonl`, lines(said))] })
  const before = store.heldOnDisk().length
  later(dayMs)
  await transcripts.evict(everything)
  const after = store.heldOnDisk().length
  assert.ok(after < before / 2, `${before} bytes, then ${after}`)
  const [free] = await store.execute('PRAGMA freelist_count')
  assert.equal(Number(Object.values(free ?? {})[0]), 0)
})

testOn('sqlite', 'what an eviction that was stopped has let go leaves the file with the next', async (store) => {
  const { corpus, transcripts } = await clockedTranscripts(store)
  const id = `6${session.slice(1)}`
  const [record] = claudeSession(id, 1)
  const said = Array.from({ length: 300 }, (_, index) => ({
    ...record,
    uuid: `said-${index}`,
    message: { role: 'user', content: `Said ${index}: ${'Kumquats '.repeat(200)}` },
  }))
  await transcripts.ingest({ paths: [corpus.write(`${id}.jsonl`, lines(said))] })
  const before = store.heldOnDisk().length
  const onProgress = () => {
    throw new Error('stopped')
  }
  await assert.rejects(transcripts.evict({ softCapBytes: 0, onProgress }), /stopped/)
  assert.equal((await transcripts.evict({ softCapBytes: 0 })).bytesFreed, 0)
  const after = store.heldOnDisk().length
  assert.ok(after < before / 2, `${before} bytes, then ${after}`)
})

testOn(
  'sqlite',
  'neither the file nor its log holds a text or a word that went, also where it lay beside what is held',
  async (store) => {
    const { corpus, transcripts, later } = await clockedTranscripts(store)
    for (const [nth, fruit] of ['Apricots', 'Kumquats', 'Medlars'].entries()) {
      const id = `${5 + nth}${session.slice(1)}`
      const [record] = claudeSession(id, 1)
      // No first prompt, and behind the beginning: a digest keeps the one, a summary the other.
      const message = { role: 'user', content: `${'We picked more of them. '.repeat(10)}${fruit}` }
      const said = [
        { ...record, uuid: `first-${fruit}` },
        { ...record, uuid: `then-${fruit}`, message },
      ]
      await transcripts.ingest({ paths: [corpus.write(`${id}.jsonl`, lines(said))] })
      if (fruit !== 'Kumquats') await transcripts.hold(`claude:${id}`, 'a test')
    }
    // Search alone has them in small letters.
    const holds = () => ['Kumquats', 'kumquats', 'Medlars'].map((each) => store.heldOnDisk().includes(each))
    assert.deepEqual(holds(), [true, true, true])
    later(dayMs)
    await transcripts.evict(everything)
    assert.deepEqual(holds(), [false, false, true])
  },
)
