import { maxJsonDepth } from '../../domain/canonical-json.js'
import { isObject } from './json-line.js'

/** As every database takes it: well-formed, without U+0000. Anything but a string is empty. */
export function plainText(value: unknown): string {
  if (typeof value !== 'string') return ''
  return (value.includes('\0') ? value.replaceAll('\0', '') : value).toWellFormed()
}

/** A text that may be absent; an empty one counts as absent. */
export function optionalText(value: unknown): string | undefined {
  return plainText(value) || undefined
}

/** A value as text: strings as they are, anything else as JSON. */
export function textOf(value: unknown): string {
  if (value === undefined || value === null) return ''
  if (typeof value === 'string') return plainText(value)
  return isTooDeep(value) ? '[nested too deep]' : plainText(JSON.stringify(value))
}

/** Level by level, so that no depth takes the stack. */
function isTooDeep(value: unknown): boolean {
  let level: unknown[] = [value]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > maxJsonDepth) return true
    level = level.flatMap((each) => (typeof each === 'object' && each !== null ? Object.values(each) : []))
  }
  return false
}

/** The texts in a message's content: a string, or blocks of which some hold text. Images are named, not kept. */
export function contentText(content: unknown): string {
  if (typeof content === 'string') return plainText(content)
  const blocks = Array.isArray(content) ? content : [content]
  return blocks.map(blockText).filter(Boolean).join('\n')
}

function blockText(block: unknown): string {
  if (typeof block === 'string') return plainText(block)
  if (!isObject(block)) return ''
  if (typeof block.text === 'string') return plainText(block.text)
  const type = plainText(block.type)
  if (/image|document|audio/.test(type)) return `[${type}]`
  return Array.isArray(block.content) || typeof block.content === 'string' ? shallowText(block.content) : ''
}

function shallowText(content: unknown): string {
  if (typeof content === 'string') return plainText(content)
  const texts = Array.isArray(content) ? content.map((block) => (isObject(block) ? plainText(block.text) : '')) : []
  return texts.filter(Boolean).join('\n')
}

const latest = Date.UTC(9999, 11, 31)
/** As all agents write it, and as it is given back; of days that every month has. */
const commonForm =
  /^(?:19[7-9]\d|2\d{3})-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/
const isoForm = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d([.,]\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?$/

/** ISO 8601 from ISO 8601 (of UTC, where it names no zone), unix seconds or unix milliseconds; undefined for anything else. */
export function isoTime(value: unknown): string | undefined {
  if (typeof value === 'string' && commonForm.test(value)) return value
  const ms = typeof value === 'string' ? fromIso(value) : typeof value === 'number' ? fromUnix(value) : Number.NaN
  return ms >= 0 && ms <= latest ? new Date(ms).toISOString() : undefined
}

function fromIso(text: string): number {
  const match = isoForm.exec(text)
  return match ? Date.parse(match[3] ? text : `${text}Z`) : Number.NaN
}

/** Seconds until the year 5138, then milliseconds: no log holds such seconds. */
const fromUnix = (value: number) => (value < 1e11 ? value * 1000 : value)

/** More is no count of tokens: so that sums over millions of responses stay within what databases add up. */
const mostTokens = 1e12

/** A finite integer, not negative, as a number or in digits; anything else is 0. */
export function tokenCount(value: unknown): number {
  const count = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value
  return typeof count === 'number' && Number.isInteger(count) && count >= 0 ? Math.min(count, mostTokens) : 0
}
