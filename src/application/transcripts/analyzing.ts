import { type HansardError, isHansardError } from '../../domain/errors.js'
import { digestVersion } from '../../domain/transcripts/digest.js'
import { GrownDigestFold } from '../../domain/transcripts/grown-digest.js'
import type { TranscriptEvent } from '../../domain/transcripts/transcript.js'
import type { IngestReport } from '../../domain/transcripts/transcript-ingest.js'
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

/** So many of an older version one run makes anew, so that the first after an upgrade does not go on for hours. */
const renewedAtMost = 1_000

/** Gives those of which all texts are here a digest of today's version; what is left is for the next run. */
export async function renewDigests(
  parts: Pick<TranscriptServiceParts, 'calls' | 'analysis' | 'clock'>,
  signal: AbortSignal | undefined,
): Promise<IngestReport['digests']> {
  const { calls, analysis, clock } = parts
  let renewed = 0
  for (const id of await calls.accept(() => analysis.outdated(digestVersion, renewedAtMost))) {
    if (signal?.aborted) break
    try {
      const digests = await digestsOf(parts, [id])
      renewed += await calls.accept(() => analysis.saveDigests(digests, clock()))
    } catch (error) {
      // Of damaged texts the digest of before is better than none.
      if (!isUnreadable(error)) throw error
    }
  }
  return { renewed, outdated: await calls.accept(() => analysis.countOutdated(digestVersion)) }
}

/** The texts of a transcript cannot be had, however often it is tried. */
export const isUnreadable = (error: unknown): error is HansardError =>
  isHansardError(error) && !('retryable' in error && error.retryable)

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
        each.body = await calls.accept(() => analysis.body(bodyRef))
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
