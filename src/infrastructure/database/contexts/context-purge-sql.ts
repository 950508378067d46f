import type { PurgeReport, PurgeTerms } from '../../../domain/contexts/context-purge.js'
import type { Database } from '../database.js'
import type { Condition } from '../keyset.js'

/** The one set of predicates: for reads of what is alive, for the purge, and for its dry run. */
export const isAlive = (now: Date): Condition => [`status = 'open' and expires_at > ?`, now.getTime()]

export const isUnmarked = ({ now }: PurgeTerms): Condition => [`status = 'open' and expires_at <= ?`, now.getTime()]

/** Ended before the retention began; what was left open ended when it expired, marked or not. */
export const isDue = ({ endedBefore }: PurgeTerms): Condition => [
  `((status = 'closed' and closed_at < ?) or (status <> 'closed' and expires_at < ?))`,
  endedBefore.getTime(),
  endedBefore.getTime(),
]

export const isAged = ({ endedBefore }: PurgeTerms): Condition => ['created_at < ?', endedBefore.getTime()]

/** In one statement, so that all is counted at one moment, without any lock. */
export async function countPurge(
  database: Database,
  namespace: string,
  terms: PurgeTerms,
): Promise<Omit<PurgeReport, 'dryRun'>> {
  const { contexts, steps } = database.tables
  const [due, ...dueValues] = isDue(terms)
  const ofDue: Condition = [
    `context_id in (select id from ${contexts} where namespace = ? and ${due})`,
    namespace,
    ...dueValues,
  ]
  const [aged, ...agedValues] = isAged(terms)
  const agedOfOthers: Condition = [`${aged} and not ${ofDue[0]}`, ...agedValues, ...ofDue.slice(1)]
  const counts: [string, Condition][] = [
    [contexts, isUnmarked(terms)],
    [contexts, isDue(terms)],
    [steps, ofDue],
    [steps, terms.agedSteps ? agedOfOthers : ['1 = 0']],
    [contexts, isAlive(terms.now)],
  ]
  const columns = counts.map(
    ([table, [sql]], index) => `(select count(*) from ${table} where namespace = ? and ${sql}) as count${index}`,
  )
  const parameters = counts.flatMap(([, [, ...values]]) => [namespace, ...values])
  const [row] = await database.query<Record<string, number | string>>(`select ${columns.join(', ')}`, parameters)
  const [expiredMarked = 0, contextDeleted = 0, stepOrphanDeleted = 0, stepAgedDeleted = 0, aliveRemaining = 0] =
    counts.map((_, index) => Number(row?.[`count${index}`]))
  return { expiredMarked, contextDeleted, stepOrphanDeleted, stepAgedDeleted, aliveRemaining }
}
