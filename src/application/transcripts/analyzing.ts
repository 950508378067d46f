import { GrownDigestFold } from '../../domain/transcripts/grown-digest.js'
import type { TranscriptEvent } from '../../domain/transcripts/transcript.js'
import type { NewDigest } from '../../domain/transcripts/transcript-repository.js'
import type { TranscriptServiceParts } from './transcript-service-parts.js'

const analyzedAtOnce = 200
const pageEvents = 1_000

/** Distils every transcript whose events have changed since. */
export async function analyzeTranscripts(parts: TranscriptServiceParts): Promise<void> {
  const { calls, analysis, clock } = parts
  let before = ''
  for (;;) {
    const ids = await calls.accept(() => analysis.unanalyzed(analyzedAtOnce))
    // One that changes at every try is left to the next run.
    if (ids.length === 0 || ids.join() === before) return
    before = ids.join()
    const digests = await digestsOf(parts, ids)
    await calls.accept(() => analysis.saveDigests(digests, clock()))
  }
}

/** The digests of these transcripts, not yet stored. */
export async function digestsOf(
  { calls, analysis }: Pick<TranscriptServiceParts, 'calls' | 'analysis'>,
  ids: string[],
): Promise<Map<string, NewDigest>> {
  const before = await calls.accept(() => analysis.evictedDigests(ids))
  const folds = new Map(ids.map((id) => [id, new GrownDigestFold(before.get(id))]))
  let last: TranscriptEvent | undefined
  do {
    const after = last && { transcriptId: last.transcriptId, seq: last.seq }
    const events = await calls.accept(() => analysis.eventsOf(ids, after, pageEvents))
    for (const each of events) {
      const fold = folds.get(each.transcriptId)
      if (!fold) continue
      if (each.bodyRef !== null && fold.needsBody(each)) {
        const { bodyRef } = each
        each.body = (await calls.accept(() => analysis.bodies([bodyRef]))).get(bodyRef) ?? null
      }
      fold.take(each)
    }
    last = events.length === pageEvents ? events.at(-1) : undefined
  } while (last)
  const made = (id: string, fold: GrownDigestFold): NewDigest => ({
    digest: fold.digest(),
    before: fold.isGrown ? before.get(id) : undefined,
  })
  return new Map([...folds].map(([id, fold]) => [id, made(id, fold)]))
}
