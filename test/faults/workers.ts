import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import { after } from 'node:test'
import type { OpenHansardOptions } from '../../src/index.js'

/** What a worker process is asked to do; every job begins when the word `go` comes. */
export type Job =
  | { do: 'migrate'; options: OpenHansardOptions }
  /** `count` appends at once, then the end. */
  | { do: 'burst'; options: OpenHansardOptions; sessionId: string; name: string; count: number }
  /** Appends without end, 64 at a time; each attempt and each acknowledgement goes to the journal. */
  | { do: 'stream'; options: OpenHansardOptions; sessionId: string; name: string; journal: string }
  /** One append after another to each of the sessions, `perSecond` in all, for `seconds`. */
  | { do: 'drip'; options: OpenHansardOptions; sessionIds: string[]; perSecond: number; seconds: number }

export interface Worker {
  readonly process: ChildProcess
  readonly isReady: boolean
  readonly ready: Promise<void>
  /** Resolves with the exit code, or null if a signal ended it. */
  readonly ended: Promise<number | null>
  go(): void
}

const started: ChildProcess[] = []

// A test that fails half-way must not leave a worker that keeps its file from ending.
after(() => {
  for (const child of started) child.kill('SIGKILL')
})

export function startWorker(job: Job): Worker {
  const child = fork(join(__dirname, 'worker.ts'), [JSON.stringify(job)], { execArgv: ['-r', 'tsx/cjs'] })
  started.push(child)
  let isReady = false
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const ready = new Promise<void>((resolve, reject) => {
    child.once('message', () => {
      isReady = true
      resolve()
    })
    child.once('exit', (code) => reject(new Error(`A worker ended with ${code} before it was ready`)))
  })
  ready.catch(() => undefined)
  return {
    process: child,
    get isReady() {
      return isReady
    },
    ready,
    ended,
    go: () => void child.send('go', () => undefined),
  }
}

/** Starts all, lets them go at the same moment, and gives their exit codes. */
export async function runTogether(jobs: Job[]): Promise<(number | null)[]> {
  const workers = jobs.map(startWorker)
  try {
    await Promise.all(workers.map((worker) => worker.ready))
    for (const worker of workers) worker.go()
    return await Promise.all(workers.map((worker) => worker.ended))
  } finally {
    for (const worker of workers) worker.process.kill()
  }
}
