import type { AsyncResource } from 'node:async_hooks'
import type { ActivityRepository } from '../../domain/activity/activity-repository.js'
import type { DropReason } from '../../domain/activity/activity-service.js'
import type { ActivitySourceRepository } from '../../domain/activity/activity-source-repository.js'
import type { Clock } from '../../domain/clock.js'
import type { IdFactory } from '../../domain/ids.js'
import type { OpenCalls } from '../open-calls.js'
import type { FindRedactor } from '../redacted-json.js'
import type { ActivityLimits } from './activity-limits.js'

/** What the pieces of the service are made of. */
export interface ActivityServiceParts {
  activity: ActivityRepository
  /** What sinks write to: never inside a host's transaction, which would end before they do. */
  lasting: ActivityRepository
  /** Where the store was opened: the one place that is inside no transaction, wherever a sink is made. */
  outside: Pick<AsyncResource, 'runInAsyncScope'>
  /** What backfills have read. */
  sources: ActivitySourceRepository
  namespace: string
  clock: Clock
  newId: IdFactory
  limits: ActivityLimits
  calls: OpenCalls
  /** Absent where events are kept as they are given. */
  findRedactor?: FindRedactor
  /** The same for sinks. */
  findLastingRedactor?: FindRedactor
  onDrop: (reason: DropReason, events: number) => void
}
