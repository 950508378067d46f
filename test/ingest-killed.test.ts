import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { IngestJob } from './ingest-worker.js'
import { testOnBoth } from './test-store.js'
import { contents } from './transcript-contents.js'
import { Corpus, claudeSession, lines, session } from './transcript-corpus.js'
import { transcriptStore } from './transcript-store.js'

/** How the process ended: a signal, or an exit code. */
function ingestElsewhere(job: IngestJob): Promise<string | number | null> {
  const args = ['-r', 'tsx/cjs', join(__dirname, 'ingest-worker.ts'), JSON.stringify(job)]
  const child = spawn(process.execPath, args, { stdio: 'inherit' })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => resolve(signal ?? code))
  })
}

testOnBoth(
  'a run that was killed is gone on with by the next, and the tables are those of one that was not',
  async (store) => {
    const corpus = new Corpus()
    store.afterwards(async () => rmSync(corpus.folder, { recursive: true }))
    const paths = corpus.writeAll()
    paths.push(corpus.write(`long/2${session.slice(1)}.jsonl`, lines(claudeSession(`2${session.slice(1)}`, 900))))
    const whole = await transcriptStore(store, { namespace: 'whole' })
    await whole.ingest({ paths })
    const job = { options: store.options, schema: store.schema, paths, namespace: 'killed' }
    const read: number[] = []
    for (const killAt of [400, 2500, 2500]) {
      assert.equal(await ingestElsewhere({ ...job, killAt }), 'SIGKILL')
      read.push((await contents(store, 'killed')).events?.length ?? 0)
    }
    const killed = await transcriptStore(store, { namespace: 'killed' })
    await killed.ingest({ paths })
    const found = await contents(store, 'killed')
    assert.ok((read.at(-1) ?? 0) > 0, `each was killed after ${read.join(', ')} of ${found.events?.length} events`)
    assert.deepEqual(found, await contents(store, 'whole'))
  },
  { timeout: 120_000 },
)
