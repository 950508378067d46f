import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BackfillProgress, Hansard } from '../src/index.js'
import { callLine, callLines, resultLine, SourceFolder } from './backfill-files.js'
import type { BackfillJob } from './backfill-worker.js'
import { StatementLog } from './statement-log.js'
import { type TestStore, testOn, testOnBoth } from './test-store.js'

function sourcesFor(store: TestStore): SourceFolder {
  const folder = new SourceFolder()
  store.afterwards(folder.remove)
  return folder
}

async function countEvents({ activity }: Hansard): Promise<number> {
  return (await activity.purge({ dryRun: true, olderThanMs: 0 })).eventsDeleted
}

/** How the process ended: a signal, or an exit code. */
function backfillElsewhere(job: BackfillJob): Promise<string | number | null> {
  const args = ['-r', 'tsx/cjs', join(__dirname, 'backfill-worker.ts'), JSON.stringify(job)]
  const child = spawn(process.execPath, args, { stdio: 'inherit' })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => resolve(signal ?? code))
  })
}

testOnBoth(
  'a run that was killed is gone on with by the next, and all comes in once',
  async (store) => {
    const hansard = await store.open()
    const folder = sourcesFor(store)
    const file = folder.write('one.jsonl', callLines(1, 500) + resultLine('call-3', { isError: true }))
    for (let number = 1; number <= 20; number++)
      folder.issue(`issues/BUG-${number}.md`, { id: `BUG-${number}`, completed_at: '2026-01-05' })
    const sources = { issuesDir: folder.at('issues'), transcripts: [file] }
    const job = { options: store.options, sources }
    const counts = [0]
    for (const killAt of [20, 400, 500]) {
      assert.equal(await backfillElsewhere({ ...job, killAt }), 'SIGKILL')
      counts.push(await countEvents(hansard))
    }
    const grows = counts.every((count, index) => index === 0 || count > Number(counts[index - 1]))
    const last = Number(counts.at(-1))
    assert.ok(grows && last < 520, counts.join(', '))
    const report = await hansard.activity.backfill(sources)
    assert.equal(report.inserted, 520 - last)
    assert.equal(await countEvents(hansard), 520)
    const [tool] = await hansard.activity.failingTools()
    assert.deepEqual([tool?.calls, tool?.failures], [500, 1])
  },
  { timeout: 120_000 },
)

testOnBoth('two runs at once, over copies of the same calls, bring each in once', async (store) => {
  const [one, other] = await Promise.all([store.open(), store.open()])
  const folder = sourcesFor(store)
  folder.write('a/one.jsonl', callLines(1, 400))
  folder.write('b/copy.jsonl', callLines(1, 400))
  const reports = await Promise.all([
    one.activity.backfill({ transcripts: [folder.path] }),
    other.activity.backfill({ transcripts: [folder.path] }),
  ])
  assert.equal(
    reports.reduce((sum, { inserted }) => sum + inserted, 0),
    400,
  )
  assert.equal(await countEvents(one), 400)
})

testOnBoth('150 rows are a batch, and the cursor comes with each', async (store) => {
  await (await store.open()).close()
  const log = new StatementLog(/^insert into \S*activity_sources/)
  const hansard = await store.open({ dataSource: await store.host({ logging: true, logger: log }) })
  const folder = sourcesFor(store)
  const file = folder.write('one.jsonl', callLines(1, 450))
  folder.write('two.jsonl', callLine({ id: 'other' }))
  const stopped = new Error('Stopped')
  const sizes: number[] = []
  const stopping = hansard.activity.backfill({
    transcripts: [file, folder.at('two.jsonl')],
    onProgress: ({ inserted }) => {
      sizes.push(inserted)
      throw stopped
    },
  })
  await assert.rejects(stopping, stopped)
  // Lines are counted by the ninth of its columns.
  const lines = log.statements.map(([, parameters]) => parameters[8])
  assert.deepEqual(lines, [150, 300, 450, 450])
  const [source] = await store.execute('select byte_offset, line_count from activity_sources')
  assert.deepEqual([sizes, source?.line_count, Number(source?.byte_offset)], [[450], 450, callLines(1, 450).length])
  const report = await hansard.activity.backfill({ transcripts: [folder.path] })
  assert.deepEqual([report.inserted, report.sources.transcripts.unchanged], [1, 1])
})

testOnBoth('progress is told after every file', async (store) => {
  const { activity } = await store.open()
  const folder = sourcesFor(store)
  const transcripts = [folder.write('one.jsonl', callLines(1, 2)), folder.write('two.jsonl', 'no\n')]
  const told: BackfillProgress[] = []
  await activity.backfill({ transcripts, onProgress: (soFar) => told.push(soFar) })
  const common = { source: 'transcripts', filesTotal: 2, inserted: 2, updated: 0, skipped: 0 }
  assert.deepEqual(told, [
    { ...common, path: transcripts[0], filesDone: 1, failed: 0 },
    { ...common, path: transcripts[1], filesDone: 2, failed: 1 },
  ])
})

testOn(
  'sqlite',
  'a transcript of any length is read in little memory, and so is a line of any length',
  async (store) => {
    const { activity } = await store.open()
    const folder = sourcesFor(store)
    const filler = 'x'.repeat(10_000)
    const file = folder.write('one.jsonl', '')
    for (let at = 1; at <= 10_000; at += 500) {
      const call = (id: string) => callLine({ id, input: { filler } })
      appendFileSync(file, Array.from({ length: 500 }, (_, index) => call(`call-${at + index}`)).join(''))
    }
    for (let megabytes = 0; megabytes < 100; megabytes++) appendFileSync(file, 'y'.repeat(1024 * 1024))
    appendFileSync(file, `\n${callLine({ id: 'last' })}`)
    const before = process.memoryUsage().rss
    let highest = 0
    const watch = setInterval(() => {
      highest = Math.max(highest, process.memoryUsage().rss)
    }, 5)
    const report = await activity.backfill({ transcripts: [file] })
    clearInterval(watch)
    assert.deepEqual([report.inserted, report.failed], [10_001, 1])
    // 200 MB were read.
    assert.ok(highest - before < 100 * 1024 * 1024, `${Math.round((highest - before) / 1024 / 1024)} MB more`)
    assert.match((await activity.rejects()).items[0]?.reason ?? '', /longer than 16777216 bytes/)
    folder.append('one.jsonl', callLine({ id: 'added' }))
    assert.equal((await activity.backfill({ transcripts: [file] })).inserted, 1)
  },
  { timeout: 120_000 },
)

testOnBoth('inside a transaction of the host, a backfill comes and goes with it', async (store) => {
  const host = await store.host()
  const hansard = await store.open({ dataSource: host })
  const folder = sourcesFor(store)
  const transcripts = [folder.write('one.jsonl', callLines(1, 3))]
  const change = new Error('The host has changed its mind')
  const work = host.transaction(async (manager) => {
    assert.equal((await hansard.withTransaction(manager).activity.backfill({ transcripts })).inserted, 3)
    throw change
  })
  await assert.rejects(work, change)
  assert.equal(await countEvents(hansard), 0)
  assert.equal((await hansard.activity.backfill({ transcripts })).inserted, 3)
})

testOnBoth('a store that closes ends the run between two batches', async (store) => {
  const hansard = await store.open()
  const folder = sourcesFor(store)
  for (let number = 1; number <= 5; number++) folder.write(`${number}.jsonl`, callLine({ id: `call-${number}` }))
  let closed: Promise<void> | undefined
  const run = hansard.activity.backfill({
    transcripts: [folder.path],
    onProgress: () => {
      closed ??= hansard.close()
    },
  })
  await assert.rejects(run, { code: 'STORE_CLOSED' })
  await closed
  const again = await store.open()
  assert.equal((await again.activity.backfill({ transcripts: [folder.path] })).inserted, 4)
})
