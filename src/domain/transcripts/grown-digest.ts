import { type Digest, type DigestError, DigestFold, maxFiles, maxFingerprints } from './digest.js'
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
    this.texts = before && new DigestFold()
  }

  needsBody(event: TranscriptEvent): boolean {
    return this.all.needsBody(event) || this.texts?.needsBody(event) === true
  }

  take(event: TranscriptEvent): void {
    this.all.take(event)
    if (event.body === null && event.bodyRef === null) this.hasGaps = true
    else this.texts?.take(event)
  }

  /** Whether it rests on the digest of before. */
  get isGrown(): boolean {
    return this.hasGaps && this.before !== undefined
  }

  digest(): Digest {
    const { before, texts } = this
    const all = this.all.digest()
    return this.hasGaps && before && texts ? grown(before, all, texts.digest()) : all
  }
}

function grown(before: Digest, all: Digest, since: Digest): Digest {
  const { tests } = before
  return {
    ...all,
    firstPrompt: before.firstPrompt ?? since.firstPrompt,
    lastAnswer: since.lastAnswer ?? before.lastAnswer,
    filesTouched: [...new Set([...before.filesTouched, ...since.filesTouched])].slice(0, maxFiles),
    tests: {
      runs: tests.runs + since.tests.runs,
      passed: tests.passed + since.tests.passed,
      failed: tests.failed + since.tests.failed,
      last: since.tests.last ?? tests.last,
    },
    outcome: since.outcome.outcome === 'unknown' ? before.outcome : since.outcome,
    errors: errorsTogether(before.errors, since.errors),
  }
}

function errorsTogether(before: readonly DigestError[], since: readonly DigestError[]): DigestError[] {
  const errors = new Map(before.map((error) => [keyOf(error), error]))
  for (const error of since) {
    const known = errors.get(keyOf(error))
    if (!known && errors.size >= maxFingerprints) continue
    errors.set(keyOf(error), known ? { ...known, ...later(known, error) } : error)
  }
  return [...errors.values()]
}

const keyOf = ({ version, fingerprint }: DigestError) => `${version} ${fingerprint}`

const later = (known: DigestError, { count, lastAt, wasPassed }: DigestError) => ({
  count: known.count + count,
  lastAt: lastAt ?? known.lastAt,
  wasPassed,
})
