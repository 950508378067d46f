import { ValidateBy, type ValidationOptions } from 'class-validator'

/** Text that both databases give back as it was: well-formed, without U+0000, within its length. */
export function IsText(maxLength: number, options: { empty?: boolean } & ValidationOptions = {}): PropertyDecorator {
  const isText = (value: unknown) =>
    typeof value === 'string' &&
    (options.empty || value.length > 0) &&
    value.length <= maxLength &&
    value.isWellFormed() &&
    !value.includes('\u0000')
  const message = `must be ${options.empty ? '' : 'non-empty '}text of at most ${maxLength} characters, without U+0000 or lone surrogates`
  return ValidateBy({ name: 'isText', validator: { validate: isText, defaultMessage: () => message } })
}

export function IsInstant(): PropertyDecorator {
  const isInstant = (value: unknown) =>
    value instanceof Date
      ? !Number.isNaN(value.getTime())
      : typeof value === 'string' && isoInstant.test(value) && !Number.isNaN(Date.parse(value))
  const message = 'must be a valid Date or an ISO 8601 instant with its offset'
  return ValidateBy({ name: 'isInstant', validator: { validate: isInstant, defaultMessage: () => message } })
}

const isoInstant = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/

export function IsTokenCount(): PropertyDecorator {
  const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0
  const message = 'must be a whole number of tokens, 0 or more'
  return ValidateBy({ name: 'isTokenCount', validator: { validate: isCount, defaultMessage: () => message } })
}

export function IsCostUsd(): PropertyDecorator {
  const isCost = (value: unknown) =>
    typeof value === 'number' && Number.isFinite(value) && value >= 0 && value < 1_000_000
  const message = 'must be US dollars, 0 or more and less than a million'
  return ValidateBy({ name: 'isCostUsd', validator: { validate: isCost, defaultMessage: () => message } })
}

/** Any JSON value, null included; what is not JSON is found when it is written as text. */
export function IsPresent(): PropertyDecorator {
  const isPresent = (value: unknown) => value !== undefined
  const message = 'must be a JSON value; null is one'
  return ValidateBy({ name: 'isPresent', validator: { validate: isPresent, defaultMessage: () => message } })
}
