import { monotonicFactory } from 'ulid'
import type { Clock } from './clock.js'

/** Makes primary keys: ULIDs that ascend within this process even inside one millisecond. */
export type IdFactory = () => string

export function ulids(clock: Clock): IdFactory {
  const next = monotonicFactory()
  return () => next(clock().getTime())
}
