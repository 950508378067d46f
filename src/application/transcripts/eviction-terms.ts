import { InvalidInputError } from '../../domain/errors.js'
import { type EvictionReport, type EvictOptions, evictionDefaults } from '../../domain/transcripts/eviction.js'
import type { EvictionCandidate } from '../../domain/transcripts/eviction-repository.js'

type Terms = Pick<EvictionReport, 'softCapBytes' | 'hardCapBytes' | 'maxAgeMs'>

/**
 * What an eviction goes by.
 *
 * @throws {InvalidInputError} the hard cap is below the soft one
 */
export function evictionTerms({ softCapBytes: soft, hardCapBytes: hard, maxAgeMs }: EvictOptions): Terms {
  const { defaultSoft, defaultHard } = defaultCaps(soft, hard)
  const softCapBytes = soft ?? defaultSoft
  const hardCapBytes = hard ?? defaultHard
  if (hardCapBytes < softCapBytes) {
    const message = `${hardCapBytes} is below the soft cap of ${softCapBytes}; write at least as much`
    throw new InvalidInputError([{ path: 'hardCapBytes', message }])
  }
  return { softCapBytes, hardCapBytes, maxAgeMs: maxAgeMs ?? evictionDefaults.maxAgeMs }
}

/** The one follows the other where only that is given. */
function defaultCaps(soft: number | undefined, hard: number | undefined) {
  return {
    defaultSoft: hard === undefined ? evictionDefaults.softCapBytes : Math.floor((hard / 3) * 2),
    defaultHard:
      soft === undefined ? evictionDefaults.hardCapBytes : Math.min(Math.ceil(soft * 1.5), Number.MAX_SAFE_INTEGER),
  }
}

const dayMs = 24 * 60 * 60_000

/** The sentences of the report. */
export const why = {
  age: ({ analyzedAt }: EvictionCandidate, { maxAgeMs }: Terms) =>
    `It was analysed at ${analyzedAt?.toISOString()}, longer ago than ${Number((maxAgeMs / dayMs).toFixed(2))} days.`,
  budget: (bytes: number, { softCapBytes }: Terms) =>
    `Texts took ${bytes} bytes, more than the soft cap of ${softCapBytes}, and it was analysed first of those left.`,
  analyzing: 'It had no complete digest, and nothing else was left to go under the hard cap.',
  analyzed: (bytes: number, { softCapBytes }: Terms) =>
    `Its digest was made now; texts took ${bytes} bytes, more than the soft cap of ${softCapBytes}.`,
  held: (reason: string) => `It is held: ${reason}`,
  incomplete: 'Its digest does not know all of its events; the next ingest makes one that does.',
  unreadable: (reason: string) => `No digest of it can be made: ${reason}`,
  lost: (reason: string, bytes: number, { hardCapBytes }: Terms) =>
    `Texts took ${bytes} bytes, more than the hard cap of ${hardCapBytes}, and no digest of it can be made: ${reason}`,
  changed: 'Somebody wrote to it, or held it, while this run was at work.',
}
