import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import type { TranscriptService } from '../src/domain/transcripts/transcript-service.js'
import { type TestStore, testOn } from './test-store.js'
import { Corpus, claudeSession, lines, session } from './transcript-corpus.js'
import { transcriptStore } from './transcript-store.js'

const dayMs = 24 * 60 * 60_000
const everything = { softCapBytes: 0, maxAgeMs: 0 }

interface Scene {
  store: TestStore
  corpus: Corpus
  transcripts: TranscriptService
  /** Moves the store's clock. */
  later(ms: number): void
}

function scene(work: (scene: Scene) => Promise<void>): (store: TestStore) => Promise<void> {
  return async (store) => {
    const corpus = new Corpus()
    store.afterwards(async () => rmSync(corpus.folder, { recursive: true }))
    let now = Date.UTC(2026, 0, 2)
    const transcripts = await transcriptStore(store, { clock: () => new Date(now) })
    await work({ store, corpus, transcripts, later: (ms) => (now += ms) })
  }
}

testOn(
  'sqlite',
  'the file shrinks by the texts that went',
  scene(async ({ store, corpus, transcripts, later }) => {
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
  }),
)

testOn(
  'sqlite',
  'neither the file nor its log holds a text or a word that went, also where it lay beside what is held',
  scene(async ({ store, corpus, transcripts, later }) => {
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
  }),
)
