import type { TranscriptEvent } from '../../domain/transcripts/transcript.js'

/** An event as it is shown: a call with what came back. */
export interface Entry {
  event: TranscriptEvent
  result?: TranscriptEvent
}

/** Beyond it a call no longer waits for its result, which then stands by itself. */
const maxWaiting = 200

export const isCall = ({ role, tool }: TranscriptEvent) => role === 'assistant' && tool !== null

/** Events in their order, results folded into their calls. */
export async function* foldedCalls(events: AsyncIterable<TranscriptEvent>): AsyncGenerator<Entry> {
  const folding = new Folding()
  for await (const event of events) {
    folding.take(event)
    yield* folding.done(maxWaiting)
  }
  yield* folding.done(0)
}

class Folding {
  private readonly waiting: Entry[] = []
  /** Calls without a result, by their ids. */
  private readonly open = new Map<string, Entry>()

  take(event: TranscriptEvent): void {
    const id = event.toolCallId ?? ''
    const call = event.role === 'tool' ? this.open.get(id) : undefined
    if (call) {
      call.result = event
      this.open.delete(id)
      return
    }
    const entry = { event }
    this.waiting.push(entry)
    if (isCall(event) && id !== '') this.open.set(id, entry)
  }

  /** Those at the front that wait for nothing, and those of which too many wait. */
  *done(most: number): Generator<Entry> {
    for (;;) {
      const [first] = this.waiting
      if (!first) return
      const id = first.event.toolCallId ?? ''
      const isOpen = this.open.get(id) === first
      if (isOpen && this.waiting.length <= most) return
      if (isOpen) this.open.delete(id)
      this.waiting.shift()
      yield first
    }
  }
}
