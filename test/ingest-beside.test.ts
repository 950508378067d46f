import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { StatementLog } from './statement-log.js'
import { type TestStore, testOn, testOnBoth } from './test-store.js'
import { Corpus, claudeSession, lines } from './transcript-corpus.js'

/** The statements of an ingest of five sessions with a thousand events each. */
async function ingested(store: TestStore, log: StatementLog): Promise<void> {
  const corpus = new Corpus()
  store.afterwards(async () => rmSync(corpus.folder, { recursive: true }))
  for (let file = 0; file < 5; file++) corpus.write(`agent-${file}.jsonl`, lines(claudeSession(`s${file}`, 250)))
  await (await store.open()).close()
  const { transcripts } = await store.open({ dataSource: await store.host({ logging: true, logger: log }) })
  const { totals } = await transcripts.ingest({ paths: [corpus.folder] })
  assert.equal(totals.records, 5_000)
}

testOnBoth(
  'transcripts are put in order a few at a time, so that others come to their turn in between',
  async (store) => {
    const log = new StatementLog(/^with told as [^]* update \S*transcript_events/)
    await ingested(store, log)
    assert.deepEqual(
      log.statements.map(([, ids]) => ids.length),
      [2, 2, 1],
    )
  },
)

testOn('sqlite', 'timers and sockets have their turns while a long transaction is open', async (store) => {
  let turns = 0
  let isOpen = false
  const log = new StatementLog(/^/)
  log.logQuery = (sql) => {
    if (sql === 'BEGIN IMMEDIATE') isOpen = true
    if (sql === 'COMMIT') isOpen = false
  }
  const count = () => {
    if (isOpen) turns++
    ticking = setImmediate(count)
  }
  let ticking = setImmediate(count)
  await ingested(store, log).finally(() => clearImmediate(ticking))
  assert.ok(turns > 0)
})
