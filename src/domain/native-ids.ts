import { hash } from 'node:crypto'
import { sha256 } from './canonical-json.js'

const maxIdLength = 255
const worldwideIdLength = 20

/** A part of a native id, in which a colon ends nothing. */
export const idPart = (text: string): string => text.replace(/[%:]/g, encodeURIComponent)

/** The native id itself, or, where its column does not hold it, its hash. */
export const shortId = (id: string, maxLength: number = maxIdLength): string =>
  id.length <= maxLength ? id : sha256(id)

/**
 * Forks and resumed sessions copy what came before under a session id of their own: a call that bears
 * an id made by its provider is the same call in all of them. A short id means nothing outside its session.
 */
export const callIdentity = (flavor: string, sessionId: string, id: string): string =>
  id.length >= worldwideIdLength ? `${flavor}:${idPart(id)}` : `${flavor}:${idPart(sessionId)}:${idPart(id)}`

/** 64 bits: no two of a transcript's keys are likely to meet. */
export const keyHash = (text: string): string => hash('sha1', text).slice(0, 16)

/** Of a record that has no id of its own: its text and where that begins, since a file may repeat a text. */
export const recordKeyAt = (text: string, byteOffset: number): string => `${keyHash(text)}@${byteOffset}`

/** Of a call that has no id: its record, and which of the blocks of it. */
export const unnamedCallKey = (recordKey: string, block: number): string => `${recordKey}/call-${block}`

/** What has no id is known, in its session, by the hash of its key. */
export const unnamedCallIdentity = (flavor: string, sessionId: string, hashedKey: string): string =>
  callIdentity(flavor, sessionId, `${sessionId} ${hashedKey}`)
