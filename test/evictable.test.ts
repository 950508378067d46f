import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { isEvictable } from '../src/domain/transcripts/transcript.js'
import { openDataSource } from '../src/infrastructure/database/data-source.js'
import { openStore } from '../src/infrastructure/database/store.js'
import { TypeOrmTranscriptEvictionRepository } from '../src/infrastructure/database/transcripts/typeorm-transcript-eviction-repository.js'
import { type TestStore, testOnBoth } from './test-store.js'
import { Corpus, claudeSession, lines, session } from './transcript-corpus.js'
import { transcriptStore } from './transcript-store.js'

const lastSeq = 2
/** Every state that a transcript can be in. */
const states = [null, 1].flatMap((digestVersion) =>
  [null, lastSeq - 1, lastSeq].flatMap((throughSeq) =>
    [null, new Date(1)].flatMap((evictedAt) =>
      [null, 'evidence'].flatMap((holdReason) =>
        [
          { isSettled: 1, isAnalyzed: 1 },
          { isSettled: 1, isAnalyzed: 0 },
          { isSettled: 0, isAnalyzed: 1 },
        ].map((work) => ({ digestVersion, throughSeq, lastSeq, evictedAt, holdReason, ...work })),
      ),
    ),
  ),
)
const idOf = (index: number) => String(index).padStart(4, '0') + session.slice(4)

async function evictionsOf(store: TestStore): Promise<TypeOrmTranscriptEvictionRepository> {
  const { dataSource, close } = await openDataSource(store.options)
  store.afterwards(close)
  const { schema } = store
  const options = { schema, telemetry: () => undefined, pendingWrites: 100, isSearched: () => false, isOfHost: false }
  return new TypeOrmTranscriptEvictionRepository(openStore(dataSource, options), 'default')
}

testOnBoth('the database lets go of exactly what the model calls evictable, with nothing under way', async (store) => {
  const corpus = new Corpus()
  store.afterwards(async () => rmSync(corpus.folder, { recursive: true }))
  const transcripts = await transcriptStore(store)
  const records = (index: number) =>
    claudeSession(idOf(index), 1).map((each, n) => ({ ...each, uuid: `${index}-${n}` }))
  await transcripts.ingest({
    paths: states.map((_, index) => corpus.write(`${idOf(index)}.jsonl`, lines(records(index)))),
  })
  const table = store.schema ? `${store.schema}.transcripts` : 'transcripts'
  const ids: string[] = []
  for (const [index, state] of states.entries()) {
    ids.push((await transcripts.get(`claude:${idOf(index)}`)).id)
    await store.execute(
      `update ${table} set digest_version = ${state.digestVersion}, through_seq = ${state.throughSeq},
         last_seq = ${lastSeq}, evicted_at = ${state.evictedAt?.getTime() ?? null},
         hold_reason = ${state.holdReason && `'${state.holdReason}'`},
         is_settled = ${state.isSettled}, is_analyzed = ${state.isAnalyzed} where id = '${ids.at(-1)}'`,
    )
  }
  const evictions = await evictionsOf(store)
  const gone = await evictions.evict(ids, new Date(2), false)
  const evictable = states.map((state) => isEvictable(state) && state.isSettled === 1 && state.isAnalyzed === 1)
  assert.deepEqual(
    ids.map((id) => gone.has(id)),
    evictable,
  )
  assert.equal(gone.size, 1)
})
