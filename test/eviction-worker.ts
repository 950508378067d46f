import type { OpenHansardOptions } from '../src/index.js'
import { transcriptStore } from './transcript-store.js'

/** Evicts everything in a process of its own, which ends without a word after its first batch. */
export interface EvictionJob {
  options: OpenHansardOptions & { database: string }
  schema: string | undefined
}

async function work({ options, schema }: EvictionJob): Promise<void> {
  const transcripts = await transcriptStore({ options, schema, afterwards: () => undefined })
  const onProgress = () => process.kill(process.pid, 'SIGKILL')
  await transcripts.evict({ softCapBytes: 0, onProgress: () => void onProgress() })
}

work(JSON.parse(process.argv[2] ?? '') as EvictionJob).catch((error: unknown) => {
  process.stderr.write(`${String((error as Error).stack)}\n`)
  process.exitCode = 1
})
