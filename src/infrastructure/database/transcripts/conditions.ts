import type { Condition } from '../keyset.js'

/** For each column that a value is given for. */
export function equal(wanted: Readonly<Record<string, string | number | undefined>>): Condition[] {
  const given = Object.entries(wanted).filter(([, value]) => value !== undefined)
  return given.map(([column, value]) => [`${column} = ?`, value])
}

export function within(column: string, since: Date | undefined, until: Date | undefined): Condition[] {
  const conditions: Condition[] = []
  if (since) conditions.push([`${column} >= ?`, since.getTime()])
  if (until) conditions.push([`${column} < ?`, until.getTime()])
  return conditions
}
