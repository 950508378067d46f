import { InvalidInputError } from '../../domain/errors.js'

/** A date or an instant, which in a URL is text. */
export function instant(path: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined
  const date = new Date(text)
  const [day = ''] = /^\d{4}-\d\d-\d\d/.exec(text) ?? []
  // 30 February would roll over into March.
  const isDay = !Number.isNaN(Date.parse(day)) && new Date(day).toISOString().startsWith(day)
  if (isDay && !Number.isNaN(date.getTime())) return date
  throw new InvalidInputError([{ path, message: 'is not an ISO 8601 instant such as 2026-01-31T09:00:00Z' }])
}
