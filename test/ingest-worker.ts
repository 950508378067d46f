import { writeFileSync } from 'node:fs'
import type { IngestReport } from '../src/domain/transcripts/transcript-ingest.js'
import type { OpenHansardOptions } from '../src/index.js'
import { transcriptStore } from './transcript-store.js'

/** Runs an ingest in a process of its own, which ends without a word when the clock was asked `killAt` times. */
export interface IngestJob {
  options: OpenHansardOptions & { database: string }
  schema: string | undefined
  paths: string[]
  namespace: string
  killAt?: number
  isSearched?: boolean
  /** File for what the run did, as far as it came. */
  outcome?: string
}

export interface IngestOutcome {
  /** The most memory that it ever held. */
  maxRssMb: number
  report?: IngestReport
}

async function work({ options, schema, paths, namespace, killAt, isSearched, outcome }: IngestJob): Promise<void> {
  let asked = 0
  const tell = (report?: IngestReport) => {
    const told: IngestOutcome = { maxRssMb: process.resourceUsage().maxRSS / 1024, report }
    if (outcome) writeFileSync(outcome, JSON.stringify(told))
  }
  const clock = () => {
    if (++asked === killAt) {
      tell()
      process.kill(process.pid, 'SIGKILL')
    }
    return new Date()
  }
  const place = { options, schema, afterwards: () => undefined }
  const transcripts = await transcriptStore(place, { namespace, clock, isSearched })
  tell(await transcripts.ingest({ paths }))
  process.exit(0)
}

work(JSON.parse(process.argv[2] ?? '') as IngestJob).catch((error: unknown) => {
  process.stderr.write(`${String((error as Error).stack)}\n`)
  process.exitCode = 1
})
