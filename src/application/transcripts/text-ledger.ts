import type { TranscriptServiceParts } from './transcript-service-parts.js'

/** What goes with each transcript, when one after the other goes: a text that several have goes with the last. */
export class TextLedger {
  /** Of texts that several transcripts have, how many have it yet. */
  private readonly holdersLeft = new Map<string, number>()

  constructor(private readonly parts: Pick<TranscriptServiceParts, 'calls' | 'evictions'>) {}

  /** The bytes that go with this one. */
  async take(id: string): Promise<number> {
    const { calls, evictions } = this.parts
    const { bodies, inlineBytes } = await calls.accept(() => evictions.weigh(id))
    const unknown = bodies.map(({ hash }) => hash).filter((hash) => !this.holdersLeft.has(hash))
    const holders = await calls.accept(() => evictions.holders(unknown))
    let bytes = inlineBytes
    for (const { hash, bytes: size } of bodies) {
      const left = (this.holdersLeft.get(hash) ?? holders.get(hash) ?? 1) - 1
      if (left > 0) this.holdersLeft.set(hash, left)
      else bytes += size
    }
    return bytes
  }

  /** Others have written meanwhile: what was counted no longer holds. */
  forget(): void {
    this.holdersLeft.clear()
  }
}
