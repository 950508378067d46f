import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { isEvictable } from '../src/domain/transcripts/transcript.js'
import type { EvictionJob } from './eviction-worker.js'
import { type TestStore, testOnBoth } from './test-store.js'
import { Corpus, claudeSession, lines, session } from './transcript-corpus.js'
import { transcriptStore } from './transcript-store.js'

function corpusOf(store: TestStore): Corpus {
  const corpus = new Corpus()
  store.afterwards(async () => rmSync(corpus.folder, { recursive: true }))
  return corpus
}

testOnBoth(
  'an eviction that was killed is gone on with by the next, and has left no transcript half way',
  async (store) => {
    const corpus = corpusOf(store)
    const transcripts = await transcriptStore(store)
    const paths = Array.from({ length: 130 }, (_, index) => {
      const id = String(index).padStart(4, '0') + session.slice(4)
      const records = claudeSession(id, 1).map((record, each) => ({ ...record, uuid: `${index}-${each}` }))
      return corpus.write(`${id}.jsonl`, lines(records))
    })
    await transcripts.ingest({ paths })
    const job: EvictionJob = { options: store.options, schema: store.schema }
    const args = ['-r', 'tsx/cjs', join(__dirname, 'eviction-worker.ts'), JSON.stringify(job)]
    const [, signal] = await once(spawn(process.execPath, args, { stdio: 'inherit' }), 'exit')
    assert.equal(signal, 'SIGKILL')
    const all = (await transcripts.list({ limit: 1000 })).items
    assert.deepEqual([all.filter(({ evictedAt }) => evictedAt).length, all.filter(isEvictable).length], [100, 30])
    for (const { uid, evictedAt } of all) {
      const { items } = await transcripts.events(uid, { withBodies: true })
      assert.ok(items.length > 0 && items.every(({ body }) => (body === null) === (evictedAt !== null)))
    }
    const report = await transcripts.evict({ softCapBytes: 0 })
    assert.deepEqual([report.evicted.budget, report.bytesAfter], [30, 0])
  },
)

testOnBoth('an eviction beside an ingest loses nothing of what was just read', async (store) => {
  const corpus = corpusOf(store)
  const reading = await transcriptStore(store)
  const evicting = await transcriptStore(store)
  const whole = await transcriptStore(store, { namespace: 'whole' })
  const ids = ['a', 'b', 'c'].map((letter) => letter + session.slice(1))
  const pathOf = (id: string) => `${id}.jsonl`
  const told = (id: string, turns: number) =>
    lines(claudeSession(id, turns).map((record, index) => ({ ...record, uuid: `${id}-${index}` })))
  for (let turns = 3; turns <= 18; turns += 3) {
    const paths = ids.map((id) => corpus.write(pathOf(id), told(id, turns)))
    const options = { softCapBytes: 0, hardCapBytes: 0, maxAgeMs: 0 }
    const [, report] = await Promise.all([reading.ingest({ paths }), evicting.evict(options), evicting.evict(options)])
    assert.equal(report.dataLoss.transcripts, 0)
  }
  const paths = ids.map((id) => corpus.path(pathOf(id)))
  await reading.ingest({ paths })
  await whole.ingest({ paths })
  for (const id of ids) {
    const [one, other] = await Promise.all([reading, whole].map((each) => each.digest(`claude:${id}`)))
    assert.deepEqual(one, other)
    const { lastSeq, throughSeq } = await reading.get(`claude:${id}`)
    assert.deepEqual([lastSeq, throughSeq], [72, 72])
  }
})
