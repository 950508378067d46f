import { keyHash } from '../../domain/native-ids.js'
import type { TextGate } from './redacting.js'

export const maxIdLength = 255

/** An id of the agent's, as it is stored. */
export function storedId(gate: TextGate, nativeId: string): string {
  const id = gate.name(nativeId)
  return id.length <= maxIdLength ? id : `${cut(id, 200)}…${keyOf(nativeId)}`
}

/** Well-formed, as databases give back what they were given. */
export const cut = (text: string, most: number) => text.slice(0, most).toWellFormed()

/** The keys of one record are those of its neighbours too: its parent's, its message's. */
const recentKeys = new Map<string, string>()
const maxRecent = 2_000
/** A longer one would be kept whole for its hash. */
const maxRememberedLength = 1_000

export function keyOf(text: string): string {
  if (text.length > maxRememberedLength) return keyHash(text)
  const known = recentKeys.get(text)
  if (known !== undefined) return known
  const key = keyHash(text)
  if (recentKeys.size >= maxRecent) recentKeys.clear()
  recentKeys.set(text, key)
  return key
}

export const keyOrNull = (text: string | undefined) => (text === undefined ? null : keyOf(text))

/** The files of a folder in the order of their names, as a number that both databases compare alike. */
export const fileRank = (name: string | undefined) => Buffer.from((name ?? '').padEnd(6, '\0')).readUIntBE(0, 6)
