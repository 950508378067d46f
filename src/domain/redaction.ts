import { createHash, createHmac } from 'node:crypto'
import { literalFinder } from './literal-finder.js'
import type { RedactionRule } from './redaction-rule.js'
import { redactionRules, redactionRulesVersion } from './redaction-rules.js'

export type { RedactionRule } from './redaction-rule.js'

/** Text that has been through a redactor: a port that asks for it cannot be handed anything else by mistake. */
export type RedactedText = string & { readonly redacted: unique symbol }

export interface Redaction {
  text: RedactedText
  /** How many secrets of each kind were hidden; markers that were there before are not counted. */
  counts: Record<string, number>
}

export interface Redactor {
  /** Changes whenever other secrets would be found, so that what an older one let through can be redacted again. */
  version: string
  redact(text: string): Redaction
}

export interface RedactorOptions {
  /** Keys the hashes in the markers; the same for the life of a store, and kept as safely as the store. */
  key: string | Uint8Array
  /** In place of the rules that apply by default; `[...redactionRules, ownRule]` adds to them. */
  rules?: readonly RedactionRule[]
}

interface Range {
  start: number
  end: number
  /** Absent for a marker that stands there already. */
  rule?: RedactionRule
  /** The place of the rule among the others. */
  rank: number
}

type FindSecrets = (text: string) => Range[]
type Mark = (kind: string, secret: string) => string

// Each pass leaves less text that is no marker, so that the passes end by themselves; ordinary text needs two.
const maxPasses = 8

/**
 * Hides secrets in text: each becomes `[redacted:<kind>:<4 hex digits>]`, where the digits begin an
 * HMAC-SHA-256 of the secret, so that equal secrets stay equal. Redacting twice changes nothing more; where
 * secrets overlap, all that they cover is hidden and named by the longest. Takes time linear in the text.
 *
 * Found is what has a form or a name: keys of known vendors, private keys, tokens, URLs with credentials,
 * cookies, passwords. A secret without either, or broken over lines, is not.
 *
 * @throws {TypeError} for an empty key, a malformed kind or a rule without openings
 * @example
 * const redactor = createRedactor({ key: storeKey })
 * redactor.redact('DB_PASSWORD=hunter2')   // { text: 'DB_PASSWORD=[redacted:password:5f1c]', counts: { password: 1 } }
 */
export function createRedactor({ key, rules = redactionRules }: RedactorOptions): Redactor {
  if (key.length === 0) throw new TypeError('The key of a redactor is empty')
  for (const rule of rules) checkRule(rule)
  const findSecrets = secretFinder(rules)
  const hash = (secret: string) => createHmac('sha256', key).update(secret).digest('hex').slice(0, 4)
  return { version: versionOf(rules), redact: (text) => redactText(text, findSecrets, hash) }
}

function checkRule({ kind, openings }: RedactionRule): void {
  if (!/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(kind)) throw new TypeError(`${JSON.stringify(kind)} is not a kind of secret`)
  if (!openings.length || openings.includes('')) throw new TypeError(`A rule for ${kind} has no openings`)
}

function versionOf(rules: readonly RedactionRule[]): string {
  if (rules === redactionRules) return String(redactionRulesVersion)
  const described = rules.map(({ kind, openings, pattern, isSecret }) => [
    kind,
    openings,
    `${pattern}`,
    String(isSecret),
  ])
  return `${redactionRulesVersion}-${createHash('sha256').update(JSON.stringify(described)).digest('hex').slice(0, 8)}`
}

function redactText(given: string, findSecrets: FindSecrets, hash: (secret: string) => string): Redaction {
  const counts: Record<string, number> = {}
  const hashes = new Map<string, string>()
  const mark: Mark = (kind, secret) => {
    counts[kind] = (counts[kind] ?? 0) + 1
    const known = hashes.get(secret) ?? hash(secret)
    hashes.set(secret, known)
    return `[redacted:${kind}:${known}]`
  }
  let text = given
  for (let pass = 0; pass < maxPasses; pass++) {
    const before = text
    text = redactOnce(before, findSecrets, mark)
    if (text === before) break
  }
  return { text: text as RedactedText, counts }
}

function redactOnce(text: string, findSecrets: FindSecrets, mark: Mark): string {
  const markers = markersIn(text)
  // A marker is a piece of a value like any other, lest what follows it were never found.
  const secrets = findSecrets(markers.length ? text.replace(marker, (each) => '~'.repeat(each.length)) : text)
  let redacted = ''
  let done = 0
  for (const { start, end, rule } of merged([...secrets, ...markers])) {
    if (!rule) continue
    redacted += text.slice(done, start) + mark(rule.kind, text.slice(start, end))
    done = end
  }
  return redacted + text.slice(done)
}

const marker = /\[redacted:[a-z0-9-]{1,64}:[0-9a-f]{4}\]/g

const onlyMarker = new RegExp(`^${marker.source}$`)

/** Whether a text is nothing but what is left of a secret. */
export const isMarker = (text: string): boolean => onlyMarker.test(text)

function markersIn(text: string): Range[] {
  if (!text.includes('[redacted:')) return []
  return Array.from(text.matchAll(marker), ({ 0: { length }, index }) => ({
    start: index,
    end: index + length,
    rank: -1,
  }))
}

/** Ranges apart from each other; what only a marker covers stays one. */
function merged(ranges: Range[]): Range[] {
  ranges.sort((one, other) => one.start - other.start || one.rank - other.rank)
  const groups: Range[][] = []
  let end = -1
  for (const range of ranges) {
    if (range.start < end) groups.at(-1)?.push(range)
    else groups.push([range])
    end = Math.max(end, range.end)
  }
  return groups.map(united)
}

function united(group: Range[]): Range {
  const { start } = group.reduce((one, other) => (other.start < one.start ? other : one))
  const { end } = group.reduce((one, other) => (other.end > one.end ? other : one))
  const longest = group.reduce((one, other) => (secretLength(other) > secretLength(one) ? other : one))
  const isMarker = group.some((range) => !range.rule && range.start === start && range.end === end)
  return { ...longest, start, end, rule: isMarker ? undefined : longest.rule }
}

/** A marker names nothing but itself. */
const secretLength = ({ start, end, rule }: Range) => (rule ? end - start : 0)

interface Attempt {
  rule: RedactionRule
  rank: number
  pattern: RegExp
  /** No match of the rule begins before it: a rule reads no part of a text twice. */
  from: number
}

/** One sweep over the text for the openings of all rules; each rule is tried only where one of its own stands. */
function secretFinder(rules: readonly RedactionRule[]): FindSecrets {
  const attempts = rules.map((rule, rank) => ({ rule, rank, pattern: sticky(rule.pattern), from: 0 }))
  const openings = [...new Set(rules.flatMap((rule) => rule.openings.map((each) => each.toLowerCase())))]
  // The longest first: whatever else opens at the same place is then a part of it.
  openings.sort((one, other) => other.length - one.length)
  const nextOpening = literalFinder(openings)
  const opens = ({ rule }: Attempt, found: string) => rule.openings.some((each) => found.startsWith(each.toLowerCase()))
  const attemptsAt = new Map(openings.map((found) => [found, attempts.filter((each) => opens(each, found))]))
  return (text) => {
    const found: Range[] = []
    let hit = nextOpening(text, 0)
    if (hit) for (const attempt of attempts) attempt.from = 0
    for (; hit; hit = nextOpening(text, hit.index + 1)) {
      for (const attempt of attemptsAt.get(hit[0].toLowerCase()) ?? []) found.push(...secretAt(attempt, hit))
    }
    return found
  }
}

function secretAt(attempt: Attempt, { input, index }: RegExpExecArray): Range[] {
  const { rule, rank, pattern } = attempt
  if (index < attempt.from) return []
  pattern.lastIndex = index
  const match = pattern.exec(input)
  if (!match) return []
  const secret = match.groups?.secret ?? match[0]
  if (rule.isSecret?.(secret, match) === false) return []
  attempt.from = pattern.lastIndex
  return [{ start: attempt.from - secret.length, end: attempt.from, rule, rank }]
}

const sticky = (pattern: RegExp) => new RegExp(pattern.source, `${pattern.flags.replace(/[gy]/g, '')}y`)
