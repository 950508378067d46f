import type { ToldActivity } from '../../domain/told-activity.js'
import type { Database } from './database.js'

/**
 * Takes what transcripts tell into activity, and out of it what none of them tells any more. Gives the
 * native ids of what went: another transcript may tell of it too. One that only revises takes in nothing new.
 */
export type ActivityFeed = (
  transaction: Database,
  transcriptIds: string[],
  told: AsyncIterable<ToldActivity[]>,
  onlyRevises?: boolean,
) => Promise<string[]>
