/** Text that both databases give back as it was: well-formed, without U+0000, within its length. */
export function isStorableText(value: unknown, maxLength: number): value is string {
  return typeof value === 'string' && value.length <= maxLength && value.isWellFormed() && !value.includes('\u0000')
}

/** An ISO 8601 instant with its offset. */
export function isInstantText(value: unknown): value is string {
  if (typeof value !== 'string' || !isoInstant.test(value) || Number.isNaN(Date.parse(value))) return false
  return isDayText(value.slice(0, value.indexOf('T')))
}

/** A day that there is, as ISO 8601: 30 February would roll over into March. */
export function isDayText(value: unknown): value is string {
  if (typeof value !== 'string' || !isoDay.test(value)) return false
  const begin = new Date(`${value}T00:00:00Z`)
  return !Number.isNaN(begin.getTime()) && begin.toISOString().startsWith(value)
}

const isoDay = /^(\d{4}|[+-]\d{6})-\d\d-\d\d$/
const isoInstant = /^(\d{4}|[+-]\d{6})-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/
