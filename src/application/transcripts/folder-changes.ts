/** So many times the quiet is waited for in a folder that is written to without end. */
const maxQuiets = 10

/** Folders that were told of as changed, given out when they have been still for a while. */
export class FolderChanges {
  private changed = new Set<string>()
  private firstAt = 0
  private lastAt = 0
  private wake = () => undefined as void

  constructor(
    private readonly quietMs: number,
    private readonly signal: AbortSignal,
  ) {}

  tell(folder: string): void {
    this.lastAt = performance.now()
    if (this.changed.size === 0) this.firstAt = this.lastAt
    this.changed.add(folder)
    this.wake()
  }

  /** What has changed; undefined when that time has come, or the signal. */
  async quietUntil(end: number): Promise<ReadonlySet<string> | undefined> {
    while (!this.signal.aborted && performance.now() < end) {
      const wait = this.nextAt(end) - performance.now()
      if (wait > 0) await this.pause(wait)
      else return this.taken()
    }
    return undefined
  }

  private nextAt(end: number): number {
    if (this.changed.size === 0) return end
    return Math.min(this.lastAt + this.quietMs, this.firstAt + maxQuiets * this.quietMs)
  }

  private taken(): ReadonlySet<string> {
    const { changed } = this
    this.changed = new Set()
    return changed
  }

  private async pause(ms: number): Promise<void> {
    const { signal } = this
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.wake = () => {
        clearTimeout(timer)
        resolve()
      }
      signal.addEventListener('abort', this.wake)
    })
    signal.removeEventListener('abort', this.wake)
  }
}
