import { StorageError } from '../../domain/errors.js'
import type { Terminal } from './output.js'

/** What a stop waits for, in turn. */
export type StopStage = 'requests' | 'store'

const abandoned: Record<StopStage, string> = {
  requests: 'requests under way have not ended',
  store: 'the store has not closed: calls under way wait for a database that does not answer',
}

/** Gives a stop so long: a database that went silent would hold it for good. */
export class StopDeadline {
  /** What is being waited for. */
  stage: StopStage = 'requests'
  /** Rejects once a stop that began has taken too long. */
  private readonly passed: Promise<never>
  private giveUp!: (error: StorageError) => void
  private timer: NodeJS.Timeout | undefined

  constructor(
    private readonly ms: number,
    private readonly log: Pick<Terminal, 'write'>,
  ) {
    this.passed = new Promise((_resolve, reject) => {
      this.giveUp = reject
    })
  }

  /**
   * @throws {StorageError} STORAGE_UNAVAILABLE when the time since `begin` is over and `work` still runs
   */
  async hold<T>(work: Promise<T>): Promise<T> {
    try {
      return await Promise.race([work, this.passed])
    } finally {
      clearTimeout(this.timer)
    }
  }

  begin(): void {
    this.timer ??= setTimeout(() => this.pass(), this.ms)
  }

  private pass(): void {
    const message = `The stop was given up after ${this.ms / 1_000} s: ${abandoned[this.stage]}.`
    const line = { level: 50, time: Date.now(), stage: this.stage, msg: message }
    this.log.write(`${JSON.stringify(line)}\n`)
    this.giveUp(new StorageError('STORAGE_UNAVAILABLE', message))
  }
}
