import type { SettledTranscript, UnsettledTranscript } from '../../domain/transcripts/ingest-repository.js'
import type { TranscriptServiceParts } from './transcript-service-parts.js'

/** Transcripts that are looked up at once. */
export const settledAtOnce = 400
/** Of those that are put in order together: others wait for the connection meanwhile. */
const enoughEvents = 2_000

/** Puts in order whatever has changed; what is left when the signal ends it is found by the next. */
export async function settleAll(
  { calls, ingest, clock }: TranscriptServiceParts,
  onSettled: (settled: SettledTranscript) => void = () => undefined,
  { signal, isRescan }: { signal?: AbortSignal; isRescan?: boolean } = {},
): Promise<void> {
  for (;;) {
    const unsettled = await calls.accept(() => ingest.unsettled(settledAtOnce))
    if (unsettled.length === 0) return
    for (const ids of together(unsettled)) {
      if (signal?.aborted) return
      for (const settled of await calls.accept(() => ingest.settle(ids, clock(), isRescan))) onSettled(settled)
    }
  }
}

/** A long transcript is by itself. */
function together(unsettled: UnsettledTranscript[]): string[][] {
  const groups: string[][] = []
  let left = 0
  for (const { id, events } of unsettled) {
    left -= events
    const last = groups.at(-1)
    if (last && left >= 0) {
      last.push(id)
      continue
    }
    groups.push([id])
    left = enoughEvents - events
  }
  return groups
}
