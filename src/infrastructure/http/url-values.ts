import { InvalidInputError } from '../../domain/errors.js'

const isoInstant = /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d))?$/

/** A date, which begins in UTC, or an instant; without its offset that would be another one on each server. */
export function instant(path: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined
  const date = new Date(text)
  const [, day = ''] = isoInstant.exec(text) ?? []
  // 30 February would roll over into March.
  const isDay = !Number.isNaN(Date.parse(day)) && new Date(day).toISOString().startsWith(day)
  if (isDay && !Number.isNaN(date.getTime())) return date
  throw new InvalidInputError([
    { path, message: 'is not an ISO 8601 instant with its offset, such as 2026-01-31T09:00:00Z' },
  ])
}
