import { setTimeout as sleep } from 'node:timers/promises'

/** The last sequence of each of these sessions, in one query; a deleted session is missing. */
export type LastSequences = (sessionIds: string[]) => Promise<Map<string, number>>

interface Follower {
  after: number
  wake: () => void
}

interface Waiting {
  ready: Promise<void>
  reached(sequence: number): void
  cancel(): void
}

// Under 4 queries a second, and well under a second until a follower hears of another process.
const tickMs = 300

/** Wakes the followers of sessions: at once for this process's appends, by one poller for all others'. */
export class MessageFollower {
  private readonly followers = new Map<string, Set<Follower>>()
  private readonly closing = new AbortController()
  private poller: Promise<void> | undefined

  constructor(private readonly lastSequences: LastSequences) {}

  get isClosed(): boolean {
    return this.closing.signal.aborted
  }

  /** Tells followers in this process that the session may have more. */
  notify(sessionId: string): void {
    for (const follower of this.followers.get(sessionId) ?? []) follower.wake()
  }

  /** `ready` when the session may have messages after the sequence `reached`, or the signal or the store ends. */
  waitForMore(sessionId: string, after: number, signal?: AbortSignal): Waiting {
    let cancel = () => undefined as void
    const follower: Follower = { after, wake: () => cancel() }
    const ready = new Promise<void>((resolve) => {
      const set = this.followers.get(sessionId) ?? new Set()
      this.followers.set(sessionId, set.add(follower))
      cancel = () => {
        set.delete(follower)
        if (set.size === 0 && this.followers.get(sessionId) === set) this.followers.delete(sessionId)
        signal?.removeEventListener('abort', cancel)
        resolve()
      }
      signal?.addEventListener('abort', cancel)
      if (signal?.aborted || this.isClosed) cancel()
    })
    this.poller ??= this.poll()
    const reached = (sequence: number) => void (follower.after = sequence)
    return { ready, reached, cancel: () => cancel() }
  }

  close(): void {
    this.closing.abort()
    for (const set of this.followers.values()) for (const follower of set) follower.wake()
  }

  private async poll(): Promise<void> {
    while (this.followers.size > 0 && !this.isClosed) {
      await sleep(tickMs, undefined, { signal: this.closing.signal }).catch(() => undefined)
      if (this.followers.size > 0 && !this.isClosed) await this.tick()
    }
    this.poller = undefined
  }

  private async tick(): Promise<void> {
    // A database that is away for a moment is no reason to end a follower: its own read reports it.
    const found = await this.lastSequences([...this.followers.keys()]).catch(() => undefined)
    for (const [sessionId, set] of this.followers) {
      const last = found?.get(sessionId) ?? Number.POSITIVE_INFINITY
      for (const follower of set) this.wakeIfBehind(follower, last)
    }
  }

  private wakeIfBehind(follower: Follower, last: number): void {
    if (last > follower.after) follower.wake()
  }
}
