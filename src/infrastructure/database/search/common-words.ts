import type { Database } from '../database.js'
import type { Tables } from '../tables.js'

const believedMs = 60_000
const mostRemembered = 10_000

interface Verdict {
  isCommon: boolean
  /** On the process's own clock. */
  until: number
}

/** By store, what was found out of words: finding out again takes longer than believing it for a minute. */
const verdicts = new WeakMap<Tables, Map<string, Verdict>>()

/** Of expressions those that more entries match than are ranked. */
export async function commonAmong(database: Database, expressions: string[]): Promise<Set<string>> {
  const known = verdicts.get(database.tables) ?? new Map<string, Verdict>()
  verdicts.set(database.tables, known)
  // All at once, before any is asked of: a search must not lose what it goes by.
  if (known.size > mostRemembered) known.clear()
  const now = performance.now()
  const unknown = expressions.filter((expression) => (known.get(expression)?.until ?? 0) < now)
  if (unknown.length > 0) {
    const common = await database.dialect.findCommon(database, unknown)
    const until = now + believedMs
    for (const expression of unknown) known.set(expression, { isCommon: common.includes(expression), until })
  }
  return new Set(expressions.filter((expression) => known.get(expression)?.isCommon))
}
