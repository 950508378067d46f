import { fsyncSync, openSync, writeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { openHansard, type SessionService } from '../../src/index.js'
import type { Job } from './workers.js'

const width = 64

/** The message that goes with a key: known without asking, so that anyone can send it again. */
export const messageOf = (key: string) => ({ role: 'user' as const, content: { key } })

async function burst(sessions: SessionService, job: Extract<Job, { do: 'burst' }>): Promise<void> {
  const appends = Array.from({ length: job.count }, (_, n) => {
    const key = `${job.name}-${n}`
    return sessions.appendMessage(job.sessionId, messageOf(key), { idempotencyKey: key })
  })
  await Promise.all(appends)
}

async function stream(sessions: SessionService, job: Extract<Job, { do: 'stream' }>): Promise<void> {
  const journal = openSync(job.journal, 'a')
  let next = 0
  const lane = async () => {
    for (;;) {
      const key = `${job.name}-${next++}`
      writeSync(journal, `${key}\n`)
      const { sequence } = await sessions.appendMessage(job.sessionId, messageOf(key), { idempotencyKey: key })
      writeSync(journal, `${key} ${sequence}\n`)
      fsyncSync(journal)
    }
  }
  await Promise.all(Array.from({ length: width }, lane))
}

async function drip(sessions: SessionService, job: Extract<Job, { do: 'drip' }>): Promise<void> {
  const startedAt = Date.now()
  for (let n = 0; n < job.perSecond * job.seconds; n++) {
    await sleep(startedAt + (n * 1000) / job.perSecond - Date.now())
    const id = job.sessionIds[n % job.sessionIds.length] ?? ''
    await sessions.appendMessage(id, { role: 'user', content: { sentAt: Date.now() } })
  }
}

async function work(job: Job): Promise<void> {
  const hansard = await openHansard(job.options)
  if (job.do === 'burst') await burst(hansard.sessions, job)
  if (job.do === 'stream') await stream(hansard.sessions, job)
  if (job.do === 'drip') await drip(hansard.sessions, job)
  await hansard.close()
}

if (require.main === module) {
  process.once('message', () => {
    work(JSON.parse(process.argv[2] ?? '') as Job).then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`${String((error as Error).stack)}\n`)
        process.exit(1)
      },
    )
  })
  // Whoever started us is gone.
  process.once('disconnect', () => process.exit(1))
  process.send?.('ready')
}
