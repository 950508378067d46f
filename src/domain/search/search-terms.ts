import { hash } from 'node:crypto'

/** What a search can be narrowed to beside its words. */
export const scopes = ['kind', 'sessionId', 'actorName', 'projectId'] as const
export type Scope = (typeof scopes)[number]

/** Remembered, since every message and every search of a namespace asks for it. */
const codes = new Map<string, string>()

/**
 * What every indexed word of a namespace begins with, so that each namespace has words of its own: no
 * other one's are read, counted or weighed. Two namespaces may share a code; what is found is compared
 * with the namespace itself.
 */
export function namespaceCode(namespace: string): string {
  const known = codes.get(namespace)
  if (known) return known
  const code = BigInt(`0x${digest(namespace)}`)
    .toString(36)
    .slice(-6)
  if (codes.size < 10_000) codes.set(namespace, code)
  return code
}

/** The index's own word for one value of a scope; letters and digits alone. */
export function scopeToken(scope: Scope, value: string): string {
  const known = digests.get(value)
  if (known) return scope[0] + known
  const told = digest(value).slice(0, 16)
  if (digests.size >= maxDigests) digests.clear()
  digests.set(value, told)
  return scope[0] + told
}

/** Of the values asked for last: the entries of one session come one after another. */
const digests = new Map<string, string>()
const maxDigests = 1_000

const digest = (text: string) => hash('sha256', text)
