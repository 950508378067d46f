import { type BackfillOptions, type OpenHansardOptions, openHansard } from '../src/index.js'

/** Runs a backfill in a process of its own, which ends without a word when the clock was asked `killAt` times. */
export interface BackfillJob {
  options: OpenHansardOptions
  sources: BackfillOptions
  killAt: number
}

async function work({ options, sources, killAt }: BackfillJob): Promise<void> {
  let asked = 0
  const clock = () => {
    if (++asked === killAt) process.kill(process.pid, 'SIGKILL')
    return new Date()
  }
  const hansard = await openHansard({ ...options, clock })
  await hansard.activity.backfill(sources)
  await hansard.close()
}

work(JSON.parse(process.argv[2] ?? '') as BackfillJob).catch((error: unknown) => {
  process.stderr.write(`${String((error as Error).stack)}\n`)
  process.exitCode = 1
})
