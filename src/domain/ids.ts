import { monotonicFactory } from 'ulid'
import type { Clock } from './clock.js'

/** Makes primary keys: ULIDs that ascend within this process even inside one millisecond. */
export type IdFactory = () => string

export function ulids(clock: Clock): IdFactory {
  const next = monotonicFactory(randomFractions())
  return () => next(clock().getTime())
}

/** Secure random numbers from 0 up to 1, drawn many at a time: one by one they cost more than an append. */
function randomFractions(): () => number {
  const drawn = new Uint32Array(1024)
  let used = drawn.length
  return () => {
    if (used === drawn.length) {
      crypto.getRandomValues(drawn)
      used = 0
    }
    return (drawn[used++] ?? 0) / 2 ** 32
  }
}
