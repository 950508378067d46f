import type { SettledTranscript } from '../../domain/transcripts/transcript-repository.js'
import type { TranscriptServiceParts } from './transcript-service-parts.js'

/** Transcripts that are put in order at once. */
export const settledAtOnce = 400

/** Puts in order whatever has changed; what is left when the signal ends it is found by the next. */
export async function settleAll(
  { calls, ingest, clock }: TranscriptServiceParts,
  onSettled: (settled: SettledTranscript) => void = () => undefined,
  { signal, isRescan }: { signal?: AbortSignal; isRescan?: boolean } = {},
): Promise<void> {
  while (!signal?.aborted) {
    const ids = await calls.accept(() => ingest.unsettled(settledAtOnce))
    if (ids.length === 0) return
    for (const settled of await calls.accept(() => ingest.settle(ids, clock(), isRescan))) onSettled(settled)
  }
}
