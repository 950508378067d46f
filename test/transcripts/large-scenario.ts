import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { IngestJob, IngestOutcome } from '../ingest-worker.js'
import type { TestStore } from '../test-store.js'
import { type RolloutSize, type WrittenRollout, writeRollout } from './large-rollout.js'

const id = '01997e76-d124-7592-9cac-2ec05abbca08'
const maxRssMb = 400

/** How the process ended: a signal, or an exit code; and what it told before. */
function ingestElsewhere(
  job: IngestJob & { outcome: string },
): Promise<IngestOutcome & { end: string | number | null }> {
  const args = ['-r', 'tsx/cjs', join(__dirname, '..', 'ingest-worker.ts'), JSON.stringify(job)]
  const child = spawn(process.execPath, args, { stdio: 'inherit' })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => {
      const told = JSON.parse(readFileSync(job.outcome, 'utf8')) as IngestOutcome
      resolve({ ...told, end: signal ?? code })
    })
  })
}

export interface LargeReport extends WrittenRollout {
  /** Of the process that was killed, and of the one that went on. */
  rssMb: [number, number]
}

/** One rollout larger than memory: read in bounded memory, gone on with after a kill, the line over the cap told of. */
export async function ingestLarge(store: TestStore, size: RolloutSize): Promise<LargeReport> {
  const folder = mkdtempSync(join(tmpdir(), 'hansard-large-'))
  store.afterwards(async () => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, `rollout-2026-01-01T00-00-00-${id}.jsonl`)
  const written = writeRollout(path, id, size)
  const place = { options: store.options, schema: store.schema, namespace: 'large', isSearched: false }
  const job = { ...place, paths: [path], outcome: join(folder, 'outcome.json') }
  // The clock is asked for the id of each event.
  const killed = await ingestElsewhere({ ...job, killAt: Math.floor(written.toolResults / 2) })
  assert.equal(killed.end, 'SIGKILL')
  const kept = await countEvents(store)
  assert.ok(kept > 0 && kept < written.toolResults, `${kept} events outlived the kill`)
  const { end, report, maxRssMb: resumed } = await ingestElsewhere(job)
  assert.equal(end, 0)
  assert.deepEqual(figuresOf(report), { ...expected(written), malformedLines: 0 })
  assert.equal(await countEvents(store), written.toolResults + written.userPrompts)
  const rssMb: [number, number] = [killed.maxRssMb, resumed]
  assert.ok(Math.max(...rssMb) < maxRssMb, `held ${rssMb.map(Math.round).join(' and ')} MB`)
  return { ...written, rssMb }
}

const expected = ({ records, toolResults, userPrompts, outputTokens, longLine }: WrittenRollout) => ({
  ...{ records, toolResults, userPrompts, outputTokens, oversizedLines: 1, oversizedBytes: longLine },
})

function figuresOf(report: IngestOutcome['report']) {
  const { records, toolResults, userPrompts, oversizedLines, oversizedBytes, malformedLines, tokens } =
    report?.transcripts[0] ?? {}
  const { outputTokens } = tokens ?? {}
  return { records, toolResults, userPrompts, oversizedLines, oversizedBytes, malformedLines, outputTokens }
}

async function countEvents(store: TestStore): Promise<number> {
  const table = store.table('transcript_events')
  const [row] = await store.execute(`select count(*) as count from ${table}`)
  return Number(row?.count)
}
