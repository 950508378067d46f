import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import type { NewEvent } from '../../domain/activity/activity-repository.js'
import type { ActivitySink, DropReason, SinkOptions, SinkReport } from '../../domain/activity/activity-service.js'
import { fromBus, isWithin } from '../../domain/activity/bus-event.js'
import { isHansardError, StorageError } from '../../domain/errors.js'
import { validated } from '../validated.js'
import { SinkFields } from './activity-inputs.js'
import type { ActivityServiceParts } from './activity-service-parts.js'
import { newEvent } from './new-events.js'
import { redactedEvents } from './redacted-events.js'

/** SQLite waits for a locked file in the caller's thread, a few per cent of this. */
const pauseMs = 1_000
/** Once it closes, and has not that long any more. */
const lastPauseMs = 200

/** Takes events at once, writes them later, and rather loses one than its caller's time. */
export class BusSink implements ActivitySink {
  private readonly capacity: number
  private readonly batchSize: number
  private readonly closeWithinMs: number
  private readonly drops: Partial<Record<DropReason, number>> = {}
  private waiting: NewEvent[] = []
  private recorded = 0
  private draining?: Promise<void>
  private closing?: Promise<void>
  private readonly wake = new AbortController()
  private stop: () => void = () => undefined
  private readonly stopped = new Promise<void>((resolve) => {
    this.stop = resolve
  })

  constructor(
    private readonly parts: ActivityServiceParts,
    options: SinkOptions,
  ) {
    const { capacity = 10_000, batchSize = 100, closeWithinMs = 2_000 } = validated(SinkFields, options)
    this.capacity = capacity
    this.batchSize = batchSize
    this.closeWithinMs = closeWithinMs
  }

  send(event: unknown): void {
    if (this.closing) return this.drop('closed', 1)
    try {
      // Looked at first, and no further than the limit: writing down a huge one would take the caller's time.
      if (!isWithin(event, this.parts.limits.eventBytes)) return this.drop('too-large', 1)
      const draft = newEvent(fromBus(event), '', this.parts)
      // What could not be recorded anyhow is told as that, however many wait.
      if (this.waiting.length >= this.capacity) return this.drop('full', 1)
      this.waiting.push(draft)
    } catch (error) {
      return this.drop(isHansardError(error, 'EVENT_TOO_LARGE') ? 'too-large' : 'invalid', 1)
    }
    this.draining ??= this.parts.outside.runInAsyncScope(() => this.drain())
  }

  async close(): Promise<SinkReport> {
    await this.end()
    const dropped = Object.values(this.drops).reduce((sum, count) => sum + count, 0)
    return { recorded: this.recorded, dropped, drops: { ...this.drops } }
  }

  private end(): Promise<void> {
    return (this.closing ??= this.finish())
  }

  private async finish(): Promise<void> {
    this.wake.abort()
    const over = new AbortController()
    const deadline = sleep(this.closeWithinMs, undefined, { signal: over.signal }).catch(() => undefined)
    await Promise.race([this.draining, deadline])
    over.abort()
    this.drop('closed', this.waiting.splice(0).length)
    this.stop()
  }

  /** One accepted call of the store's: a store that closes ends it, and waits no longer than its budget. */
  private async drain(): Promise<void> {
    const { calls } = this.parts
    const end = () => void this.end()
    try {
      calls.closing.addEventListener('abort', end)
      await calls.accept(() => Promise.race([this.writeAll(), this.stopped]))
    } catch {
      this.draining = undefined
      this.drop('closed', this.waiting.splice(0).length)
    } finally {
      calls.closing.removeEventListener('abort', end)
    }
  }

  private async writeAll(): Promise<void> {
    // What is sent in one go goes together.
    await setImmediate()
    while (this.waiting.length > 0) await this.writeBatch()
    // In the same breath as the last look: what is sent after it starts another.
    this.draining = undefined
  }

  /** What is being written stays in its place, so that whoever closes meanwhile counts it as not recorded. */
  private async writeBatch(): Promise<void> {
    const batch = this.waiting.slice(0, this.batchSize)
    try {
      await this.parts.lasting.recordOnce(await redactedEvents(batch, this.parts.findLastingRedactor))
      this.recorded += this.waiting.splice(0, batch.length).length
    } catch (error) {
      if (!(error instanceof StorageError && error.retryable)) return this.drop('failed', this.taken(batch))
      await this.pause()
    }
  }

  private pause(): Promise<void> {
    if (this.closing) return sleep(lastPauseMs, undefined, { ref: false })
    return sleep(pauseMs, undefined, { ref: false, signal: this.wake.signal }).catch(() => undefined)
  }

  private taken(batch: NewEvent[]): number {
    return this.waiting.splice(0, batch.length).length
  }

  private drop(reason: DropReason, events: number): void {
    if (events === 0) return
    this.drops[reason] = (this.drops[reason] ?? 0) + events
    this.parts.onDrop(reason, events)
  }
}
