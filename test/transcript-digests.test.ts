import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { digestVersion } from '../src/domain/transcripts/digest.js'
import type { TranscriptService } from '../src/domain/transcripts/transcript-service.js'
import { file, lines } from './reader-files.js'
import { type TestStore, testOnBoth } from './test-store.js'
import { contents } from './transcript-contents.js'
import { Corpus, codexId, session } from './transcript-corpus.js'
import { transcriptStore } from './transcript-store.js'

const uid = `claude:${session}`
const evicted = `codex:${codexId(1)}`

interface Scene {
  store: TestStore
  transcripts: TranscriptService
  paths: string[]
  /** Stores digests as an older version made them: with less in them. */
  makeOlder(): Promise<unknown>
}

function scene(work: (scene: Scene) => Promise<void>): (store: TestStore) => Promise<void> {
  return async (store) => {
    const corpus = new Corpus()
    store.afterwards(async () => rmSync(corpus.folder, { recursive: true }))
    let now = Date.UTC(2026, 0, 2)
    const transcripts = await transcriptStore(store, { clock: () => new Date(now++) })
    const paths = corpus.writeAll()
    await transcripts.ingest({ paths })
    const makeOlder = async () => {
      await store.execute(
        `update ${store.table('transcripts')} set digest_version = 0, outcome = 'unknown',
           digest = replace(digest, '"version":${digestVersion}', '"version":0')`,
      )
      await store.execute(`delete from ${store.table('transcript_errors')}`)
      await store.execute(`delete from ${store.table('search_entries')} where kind = 'digest'`)
    }
    await work({ store, transcripts, paths, makeOlder })
  }
}

testOnBoth(
  'digests of an older version are made anew by the next ingest, as if it had made them first',
  scene(async ({ store, transcripts, paths, makeOlder }) => {
    const [before, { analyzedAt }] = [await contents(store, 'default'), await transcripts.get(uid)]
    await makeOlder()
    assert.equal((await transcripts.digest(uid))?.version, 0)
    const ended = await transcripts.ingest({ paths, signal: AbortSignal.abort() })
    assert.deepEqual(ended.digests, { renewed: 0, outdated: 4 })
    const { digests, transcripts: changed } = await transcripts.ingest({ paths })
    assert.deepEqual([digests, changed], [{ renewed: 4, outdated: 0 }, []])
    assert.deepEqual(await contents(store, 'default'), before)
    assert.deepEqual((await transcripts.get(uid)).analyzedAt, analyzedAt)
    assert.deepEqual((await transcripts.ingest({ paths })).digests, { renewed: 0, outdated: 0 })
  }),
)

testOnBoth(
  'an evicted transcript keeps its digest, and so does one whose texts are damaged',
  scene(async ({ store, transcripts, paths, makeOlder }) => {
    await transcripts.hold(uid, 'a test')
    await transcripts.evict({ softCapBytes: 0, maxAgeMs: 0 })
    await transcripts.release(uid)
    const broken = store.isSqlite ? "x'00'" : `'\\x00'::bytea`
    await store.execute(`update ${store.table('transcript_bodies')} set content = ${broken}`)
    await store.execute(
      `update ${store.table('transcript_events')} set is_error = 1 where body_hash is not null and kind = 'tool_result'`,
    )
    await makeOlder()
    for (let run = 0; run < 2; run++) {
      assert.deepEqual((await transcripts.ingest({ paths })).digests, { renewed: 0, outdated: 1 })
      assert.equal((await transcripts.digest(evicted))?.version, 0)
      assert.equal((await transcripts.digest(uid))?.version, 0)
    }
  }),
)

const said = (second: number, content: string, isSidechain: boolean) => ({
  ...{ type: 'user', uuid: `u${second}`, sessionId: session, isSidechain, message: { role: 'user', content } },
  timestamp: new Date(Date.UTC(2026, 0, 1, 0, 0, second)),
})

testOnBoth(
  'what was asked first is what a person asked, also where an agent was told something before',
  async (store) => {
    const transcripts = await transcriptStore(store)
    const asked = async () => (await transcripts.digest(uid))?.firstPrompt
    const task = file(`${session}.jsonl`, lines(said(1, 'Warm up', true)))
    await transcripts.ingest({ paths: [task] })
    assert.equal(await asked(), 'Warm up')
    await transcripts.evict({ softCapBytes: 0, maxAgeMs: 0 })
    for (const content of ['Mend the till', 'Then the door']) {
      await transcripts.ingest({ paths: [file(`${content}.jsonl`, lines(said(content.length, content, false)))] })
      assert.equal(await asked(), 'Mend the till')
      await transcripts.evict({ softCapBytes: 0, maxAgeMs: 0 })
    }
  },
)
