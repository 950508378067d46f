import { ValidateBy, type ValidationOptions } from 'class-validator'
import { maxSequence } from '../domain/sessions/session.js'
import { isDayText, isInstantText, isStorableText } from '../domain/stored-values.js'

/** Text that both databases give back as it was; not empty, unless it may be. */
export function IsText(maxLength: number, options: { empty?: boolean } & ValidationOptions = {}): PropertyDecorator {
  const isText = (value: unknown) => (options.empty || value !== '') && isStorableText(value, maxLength)
  const message = `must be ${options.empty ? '' : 'non-empty '}text of at most ${maxLength} characters, without U+0000 or lone surrogates`
  return ValidateBy({ name: 'isText', validator: { validate: isText, defaultMessage: () => message } }, options)
}

const isInstant = (value: unknown) => (value instanceof Date ? !Number.isNaN(value.getTime()) : isInstantText(value))

export function IsInstant(): PropertyDecorator {
  const message = 'must be a valid Date or an ISO 8601 instant with its offset'
  return ValidateBy({ name: 'isInstant', validator: { validate: isInstant, defaultMessage: () => message } })
}

/** Where a part of the time begins or ends: an instant, or a day, which begins in UTC wherever that is asked. */
export function IsBound(): PropertyDecorator {
  const isBound = (value: unknown) => isInstant(value) || isDayText(value)
  const message = 'must be a valid Date, an ISO 8601 instant with its offset or a date, such as 2026-01-31'
  return ValidateBy({ name: 'isBound', validator: { validate: isBound, defaultMessage: () => message } })
}

/** The instant of what `IsBound` lets through. */
export const instantOr = (given: Date | string | undefined): Date | undefined =>
  given === undefined ? undefined : new Date(given)

/** An instant as archives have it: as text. */
export function IsInstantText(): PropertyDecorator {
  const message = 'must be an ISO 8601 instant with its offset'
  return ValidateBy({ name: 'isInstantText', validator: { validate: isInstantText, defaultMessage: () => message } })
}

/** A whole number that the integer columns of both databases hold: a sequence, a number of rows. */
export function IsSequence(min: 0 | 1 = 0): PropertyDecorator {
  const isSequence = (value: unknown) =>
    Number.isInteger(value) && (value as number) >= min && (value as number) <= maxSequence
  const message = `must be a whole number from ${min} to ${maxSequence}`
  return ValidateBy({ name: 'isSequence', validator: { validate: isSequence, defaultMessage: () => message } })
}

export function IsUlid(): PropertyDecorator {
  const isUlid = (value: unknown) => typeof value === 'string' && /^[0-9A-HJKMNP-TV-Z]{26}$/.test(value)
  return ValidateBy({ name: 'isUlid', validator: { validate: isUlid, defaultMessage: () => 'must be a ULID' } })
}

/** Keys stand in an index, whose rows Postgres bounds; `maxKeyBytes` leaves room for a namespace of any script. */
export function HasMetadataKeys(): PropertyDecorator {
  const tooLong = (value: unknown) =>
    Object.keys(value ?? {}).find(
      (key) => key.length > maxKeyLength || Buffer.byteLength(JSON.stringify(key)) > maxKeyBytes,
    )
  const defaultMessage = ({ value }: { value?: unknown } = {}) =>
    `has a key of more than ${maxKeyLength} characters or ${maxKeyBytes} bytes, which begins ${JSON.stringify(tooLong(value)?.slice(0, 40))}`
  return ValidateBy({
    name: 'hasMetadataKeys',
    validator: { validate: (value) => tooLong(value) === undefined, defaultMessage },
  })
}

export const maxKeyLength = 512
const maxKeyBytes = 1_500

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

/** Found when the call is made, and not by its first report. */
export function IsCallback(): PropertyDecorator {
  const isCallback = (value: unknown) => typeof value === 'function'
  return ValidateBy({
    name: 'isCallback',
    validator: { validate: isCallback, defaultMessage: () => 'must be a function' },
  })
}

/** What is none would end nothing, or fail where the call is under way. */
export function IsSignal(): PropertyDecorator {
  const isSignal = (value: unknown) => value instanceof AbortSignal
  return ValidateBy({
    name: 'isSignal',
    validator: { validate: isSignal, defaultMessage: () => 'must be an AbortSignal' },
  })
}
