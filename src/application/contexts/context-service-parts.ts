import type { Clock } from '../../domain/clock.js'
import type { ContextRepository } from '../../domain/contexts/context-repository.js'
import type { IdFactory } from '../../domain/ids.js'
import type { UnitOfWork } from '../../domain/unit-of-work.js'
import type { OpenCalls } from '../open-calls.js'
import type { ContextLimits } from './context-limits.js'

/** What the pieces of the service are made of. */
export interface ContextServiceParts {
  contexts: ContextRepository
  unitOfWork: UnitOfWork<ContextRepository>
  namespace: string
  clock: Clock
  newId: IdFactory
  limits: ContextLimits
  calls: OpenCalls
}
