import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import type { OpenHansardOptions } from '../../src/index.js'
import { startWorker, type Worker } from './workers.js'

export interface ChaosReport {
  /** Every key that was ever sent. */
  attempted: Set<string>
  /** The sequence that each acknowledged key was told. */
  acknowledged: Map<string, number>
  processesKilled: number
  backendsKilled: number
  /** Exit codes of workers that ended by themselves: none may. */
  failures: (number | null)[]
}

export interface ChaosSettings {
  options: OpenHansardOptions & { database: string }
  sessionId: string
  workers: number
  seconds: number
  killEveryMs: number
}

/** Workers append to one session while processes, and Postgres backends, are killed at random. */
export async function chaos(settings: ChaosSettings): Promise<ChaosReport> {
  const folder = mkdtempSync(join(tmpdir(), 'hansard-chaos-'))
  const crew = new Crew(settings, folder)
  const executioner = await Executioner.hire(settings.options.database, crew.applicationName)
  try {
    await crew.muster()
    const end = Date.now() + settings.seconds * 1_000
    while (Date.now() < end) {
      await sleep(settings.killEveryMs * (0.5 + Math.random()))
      crew.killOne()
      await executioner?.killSome()
    }
    await crew.dismiss()
    const counts = { processesKilled: crew.killed, backendsKilled: executioner?.killed ?? 0, failures: crew.failures }
    return { ...readJournals(folder), ...counts }
  } finally {
    await crew.dismiss()
    await executioner?.dismiss()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** As many workers as told; whoever is killed is replaced at once. */
class Crew {
  readonly applicationName = `hansard_chaos_${process.pid}`
  readonly failures: (number | null)[] = []
  killed = 0
  private readonly workers = new Set<Worker>()
  private hired = 0
  private isDismissed = false

  constructor(
    private readonly settings: ChaosSettings,
    private readonly folder: string,
  ) {}

  async muster(): Promise<void> {
    const first = Array.from({ length: this.settings.workers }, () => this.hire())
    await Promise.all(first.map((worker) => worker.ready))
  }

  killOne(): void {
    const ready = [...this.workers].filter((worker) => worker.isReady)
    const victim = ready[Math.floor(Math.random() * ready.length)]
    if (!victim) return
    victim.process.kill('SIGKILL')
    this.killed++
  }

  async dismiss(): Promise<void> {
    this.isDismissed = true
    const workers = [...this.workers]
    for (const worker of workers) worker.process.kill('SIGKILL')
    await Promise.all(workers.map((worker) => worker.ended))
  }

  private hire(): Worker {
    const { options, sessionId } = this.settings
    const name = `w${++this.hired}`
    const database = options.database.startsWith('postgres')
      ? withName(options.database, this.applicationName)
      : options.database
    const journal = join(this.folder, name)
    const worker = startWorker({
      do: 'stream',
      options: { ...options, database, poolSize: 4 },
      sessionId,
      name,
      journal,
    })
    this.workers.add(worker)
    worker.ready.then(
      () => worker.go(),
      () => undefined,
    )
    void worker.ended.then((code) => {
      this.workers.delete(worker)
      if (worker.process.signalCode !== 'SIGKILL') this.failures.push(code)
      if (!this.isDismissed) this.hire()
    })
    return worker
  }
}

const withName = (url: string, name: string) => `${url}${url.includes('?') ? '&' : '?'}application_name=${name}`

/** Ends random Postgres backends of the crew, and of nobody else. */
class Executioner {
  killed = 0

  private constructor(
    private readonly client: Client,
    private readonly applicationName: string,
  ) {}

  static async hire(database: string, applicationName: string): Promise<Executioner | undefined> {
    if (!database.startsWith('postgres')) return undefined
    const client = new Client({ connectionString: database })
    await client.connect()
    return new Executioner(client, applicationName)
  }

  async killSome(): Promise<void> {
    const { rowCount } = await this.client.query(
      `select pg_terminate_backend(pid) from (
         select pid from pg_stat_activity where application_name = $1 order by random() limit 3) as victims`,
      [this.applicationName],
    )
    this.killed += rowCount ?? 0
  }

  dismiss(): Promise<void> {
    return this.client.end()
  }
}

/** One line is an attempt, `key`, or an acknowledgement, `key sequence`; a torn last line counts as nothing. */
function readJournals(folder: string): Pick<ChaosReport, 'attempted' | 'acknowledged'> {
  const attempted = new Set<string>()
  const acknowledged = new Map<string, number>()
  for (const file of readdirSync(folder)) {
    for (const line of readFileSync(join(folder, file), 'utf8').split('\n').slice(0, -1)) {
      const [key = '', sequence] = line.split(' ')
      if (sequence) acknowledged.set(key, Number(sequence))
      else attempted.add(key)
    }
  }
  return { attempted, acknowledged }
}
