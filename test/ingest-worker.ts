import type { OpenHansardOptions } from '../src/index.js'
import { transcriptStore } from './transcript-store.js'

/** Runs an ingest in a process of its own, which ends without a word when the clock was asked `killAt` times. */
export interface IngestJob {
  options: OpenHansardOptions & { database: string }
  schema: string | undefined
  paths: string[]
  namespace: string
  killAt: number
}

async function work({ options, schema, paths, namespace, killAt }: IngestJob): Promise<void> {
  let asked = 0
  const clock = () => {
    if (++asked === killAt) process.kill(process.pid, 'SIGKILL')
    return new Date()
  }
  const transcripts = await transcriptStore({ options, schema, afterwards: () => undefined }, { namespace, clock })
  await transcripts.ingest({ paths })
  process.exit(0)
}

work(JSON.parse(process.argv[2] ?? '') as IngestJob).catch((error: unknown) => {
  process.stderr.write(`${String((error as Error).stack)}\n`)
  process.exitCode = 1
})
