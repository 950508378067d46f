import { type Digest, DigestFold } from './digest.js'
import type { TranscriptEvent } from './transcript.js'

/**
 * Distils a transcript of which texts were evicted: what they told is taken from the digest of that time, what
 * came since from its texts. What only counts events is made of all of them, which are all here.
 */
export class GrownDigestFold {
  private readonly all = new DigestFold()
  /** Nothing to most transcripts, of which no text was evicted. */
  private readonly texts: DigestFold | undefined
  private hasGaps = false

  constructor(private readonly before: Digest | undefined) {
    this.texts = before && new DigestFold(before)
  }

  needsBody(event: TranscriptEvent): boolean {
    return this.all.needsBody(event) || this.texts?.needsBody(event) === true
  }

  take(event: TranscriptEvent): void {
    this.all.take(event)
    if (event.body !== null || event.bodyRef !== null) return this.texts?.take(event)
    this.hasGaps = true
    this.texts?.passOver(event)
  }

  /** Whether it rests on the digest of before. */
  get isGrown(): boolean {
    return this.hasGaps && this.before !== undefined
  }

  digest(): Digest {
    const all = this.all.digest()
    return this.hasGaps && this.texts ? grown(all, this.texts.digest()) : all
  }
}

function grown(all: Digest, since: Digest): Digest {
  const { firstPrompt, lastAnswer, filesTouched, tests, outcome, errors } = since
  return { ...all, firstPrompt, lastAnswer, filesTouched, tests, outcome, errors }
}
