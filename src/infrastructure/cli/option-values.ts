import { InvalidArgumentError } from 'commander'
import type { JsonObject, JsonValue } from '../../domain/canonical-json.js'

export function integer(text: string): number {
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(Number(text))) {
    throw new InvalidArgumentError('Write a whole number, such as 10.')
  }
  return Number(text)
}

export function positive(text: string): number {
  const number = integer(text)
  if (number === 0) throw new InvalidArgumentError('Write a whole number from 1.')
  return number
}

/** Gathers a repeatable text. */
export function text(given: string, gathered: string[] = []): string[] {
  return [...gathered, given]
}

/** Gathers a repeatable name of a host. */
export function hostName(text: string, gathered: string[] = []): string[] {
  if (text.trim() === '') throw new InvalidArgumentError('Write a host name, such as hansard.example.')
  return [...gathered, text]
}

export function json(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue
  } catch (error) {
    throw new InvalidArgumentError(`It is not JSON: ${(error as Error).message}.`)
  }
}

/** In a box, because the argument parser takes a bare null for no value. */
export function boxedJson(text: string): { value: JsonValue } {
  return { value: json(text) }
}

export function jsonObject(text: string): JsonObject {
  const value = json(text)
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw new InvalidArgumentError('Write a JSON object, such as \'{"channel":"web"}\'.')
  }
  return value
}

const isoForm = /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?(Z|[+-]\d\d:?\d\d)?$/

/** Of an option that takes an `isoInstant`. */
export const instantHelp = 'this ISO 8601 date or instant, UTC where it names no offset'

/** A date or an instant; UTC where no offset says otherwise, so that every machine reads it alike. */
export function isoInstant(text: string): Date {
  const [, day = '', time = 'T00:00', offset = 'Z'] = isoForm.exec(text) ?? []
  const date = new Date(day + time + offset)
  // Dates that do not exist, such as 30 February, would roll over into the next month.
  const isDay = !Number.isNaN(Date.parse(day)) && new Date(day).toISOString().startsWith(day)
  if (isDay && !Number.isNaN(date.getTime())) return date
  throw new InvalidArgumentError('Write an ISO 8601 date or instant, such as 2026-01-31 or 2026-01-31T09:00:00Z.')
}

/** Gathers a repeatable `key=JSON`. */
export function metadataEntry(text: string, gathered: [string, JsonValue][] = []): [string, JsonValue][] {
  const [, key, value] = /^([^=]+)=(.*)$/s.exec(text) ?? []
  if (key === undefined || value === undefined) {
    throw new InvalidArgumentError('Write key=JSON, such as channel=\'"web"\' or priority=2.')
  }
  return [...gathered, [key, json(value)]]
}
