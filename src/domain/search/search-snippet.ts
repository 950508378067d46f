import { type SearchPhrase, type SearchQuery, wantedPhrases } from './search-query.js'
import {
  isLetterOrDigit,
  maxIndexedTokens,
  maxTextLength,
  onlyAscii,
  type PlacedToken,
  placedTokens,
} from './search-text.js'

export interface Snippet {
  snippet: string
  /** What was found: UTF-16 offsets into `snippet`, the end exclusive, in their order and apart from each other. */
  highlights: [start: number, end: number][]
}

interface Span {
  start: number
  end: number
}

interface Match extends Span {
  /** Which of the wanted phrases it is. */
  phrase: number
}

const unevenSpace = /[^\S \uFEFF]| {2}/

/** A longer word may be cut: whole, it would leave no room for what stands around it. */
const maxWholeWord = 50
/** How far a cut looks for a blank before it makes do with the edge of a word. */
const blankReach = 20

/**
 * Excerpts of texts around the place where most of the wanted words and phrases of `query` stand together,
 * white space as single blanks, with … where one was cut. Without a match, the beginning. Looks at the first
 * 16,000 tokens of a text.
 *
 * @param options.length UTF-16 units of a snippet at most, 200 by default
 * @example
 * const snippet = snippetsOf(query)
 * snippet('It was rolled back.')   // { snippet: 'It was rolled back.', highlights: [[7, 18]] }
 */
export function snippetsOf(query: SearchQuery, options: { length?: number } = {}): (text: string) => Snippet {
  const { length = 200 } = options
  const phrases = wantedPhrases(query)
  const plainWords = phrases.every(isPlainPhrase) ? phrases.map(plainWordsOf) : undefined
  return (text) => {
    const flat = flattened(text)
    const placed = lazily(() => firstPlaced(flat))
    const matches = plainWords && isPlain(flat) ? plainMatches(flat, plainWords) : matchesIn(placed(), phrases)
    const isWhole = flat.length <= length
    // Two are kept for the … at both ends.
    const [start, end] = isWhole ? [0, flat.length] : excerpt(flat, placed, matches, Math.max(1, length - 2))
    const opening = start > 0 ? '…' : ''
    return {
      snippet: opening + flat.slice(start, end) + (end < flat.length ? '…' : ''),
      highlights: highlightsIn(matches, start, end, opening.length),
    }
  }
}

/** White space as the tokens know it: U+FEFF vanishes inside a word. */
function flattened(text: string): string {
  const read = text.slice(0, maxTextLength)
  return (unevenSpace.test(read) ? read.replace(/[^\S\uFEFF]+/g, ' ') : read).trim()
}

/** The places of all words are seldom needed: most texts are plain, and most cuts find a blank. */
function lazily<T>(make: () => T): () => T {
  let made: T | undefined
  return () => (made ??= make())
}

const plainLength = 8_000
const plainWord = /^[a-z0-9]{1,199}$/

/** Short and ASCII alone: there an expression finds what the tokens would, and sooner. */
const isPlain = (text: string) => text.length <= plainLength && onlyAscii.test(text)

const isPlainPhrase = ({ tokens }: SearchPhrase) => tokens.every((token) => plainWord.test(token))

interface PlainWords {
  /** Made once for many texts. It begins with a letter, which the engine is quick to find. */
  expression: RegExp
  firstLength: number
}

const plainWordsOf = ({ tokens, isPrefix }: SearchPhrase): PlainWords => ({
  expression: new RegExp(`${tokens.join('[^a-z0-9]+')}${isPrefix ? '[a-z0-9]*' : ''}(?![a-z0-9])`, 'g'),
  firstLength: tokens[0]?.length ?? 0,
})

/** As `matchesIn`, of a plain text. */
function plainMatches(text: string, words: PlainWords[]): Match[] {
  const folded = text.toLowerCase()
  const matches: Match[] = []
  for (const [phrase, { expression, firstLength }] of words.entries()) {
    expression.lastIndex = 0
    for (let match = expression.exec(folded); match; match = expression.exec(folded)) {
      const start = match.index
      if (!isLetterOrDigit(folded.charCodeAt(start - 1))) matches.push({ phrase, start, end: expression.lastIndex })
      // A phrase may begin inside of itself.
      expression.lastIndex = start + firstLength
    }
  }
  return matches.sort((a, b) => a.start - b.start || a.phrase - b.phrase)
}

function firstPlaced(text: string): PlacedToken[] {
  const placed: PlacedToken[] = []
  for (const each of placedTokens(text)) {
    if (placed.push(each) === maxIndexedTokens) break
  }
  return placed
}

/** In the order of their beginnings. */
function matchesIn(placed: PlacedToken[], phrases: SearchPhrase[]): Match[] {
  const matches: Match[] = []
  // By index: most of a search's own time goes by here.
  for (let at = 0; at < placed.length; at++) {
    for (let phrase = 0; phrase < phrases.length; phrase++) {
      const wanted = phrases[phrase] as SearchPhrase
      const last = placed[at + wanted.tokens.length - 1]
      if (last && standsAt(wanted, placed, at)) matches.push({ phrase, start: placed[at]?.start ?? 0, end: last.end })
    }
  }
  return matches
}

function standsAt({ tokens, isPrefix }: SearchPhrase, placed: PlacedToken[], at: number): boolean {
  const lastIndex = tokens.length - 1
  for (let index = 0; index <= lastIndex; index++) {
    const wanted = tokens[index] as string
    const found = placed[at + index]?.token
    const isFound = isPrefix && index === lastIndex ? found?.startsWith(wanted) : found === wanted
    if (!isFound) return false
  }
  return true
}

/** The span no longer than `room` with most distinct phrases, then most matches, then the first one. */
function bestSpan(matches: Match[], room: number): Span | undefined {
  const counts = new Map<number, number>()
  let best: (Span & { rank: number }) | undefined
  let left = 0
  for (const [right, { phrase, end }] of matches.entries()) {
    count(counts, phrase, 1)
    for (let first = matches[left]; first && left < right && end - first.start > room; first = matches[++left]) {
      count(counts, first.phrase, -1)
    }
    const rank = counts.size * (matches.length + 1) + (right - left)
    if (!best || rank > best.rank) best = { start: matches[left]?.start ?? 0, end, rank }
  }
  return best
}

function count(counts: Map<number, number>, phrase: number, change: 1 | -1): void {
  const total = (counts.get(phrase) ?? 0) + change
  if (total > 0) counts.set(phrase, total)
  else counts.delete(phrase)
}

/** The part of the text that is shown: the best span in its middle, if anything was found. */
function excerpt(text: string, placed: () => PlacedToken[], matches: Match[], room: number): [number, number] {
  const span = bestSpan(matches, room) ?? { start: 0, end: 0 }
  const before = Math.max(0, Math.floor((room - (span.end - span.start)) / 2))
  const wished = Math.max(0, Math.min(span.start - before, text.length - room))
  const start = wished === 0 ? 0 : edge(text, placed, wished, 1, span.start)
  if (start + room >= text.length) return trimmed(text, start, text.length)
  const isWhole = span.end <= start + room
  return trimmed(text, start, edge(text, placed, start + room, -1, isWhole ? span.end : start + 1))
}

/** The nearest place from `at` in `direction` where the text may be cut, never beyond `limit`. */
function edge(text: string, placed: () => PlacedToken[], at: number, direction: 1 | -1, limit: number): number {
  const isWithin = (place: number) => (limit - place) * direction >= 0
  for (let place = at, step = 0; step < blankReach && isWithin(place); place += direction, step++) {
    if (text[place] === ' ') return place
  }
  const word = placed().find(({ start, end }) => start < at && at < end)
  const place = word && word.end - word.start <= maxWholeWord ? (direction > 0 ? word.end : word.start) : at
  return betweenCharacters(text, isWithin(place) ? place : at, direction)
}

function betweenCharacters(text: string, at: number, direction: 1 | -1): number {
  const splits = !text.slice(at - 1, at).isWellFormed() && text.slice(at - 1, at + 1).isWellFormed()
  return splits ? at + direction : at
}

function trimmed(text: string, start: number, end: number): [number, number] {
  const shown = text.slice(start, end)
  return [start + shown.length - shown.trimStart().length, end - (shown.length - shown.trimEnd().length)]
}

/** The matches that are seen whole, or the beginning of one too long for that; where they touch or overlap, as one. */
function highlightsIn(matches: Match[], start: number, end: number, shift: number): Snippet['highlights'] {
  const begun = matches.filter((match) => match.start >= start && match.start < end)
  const whole = begun.filter((match) => match.end <= end)
  const highlights: Snippet['highlights'] = []
  for (const match of whole.length > 0 ? whole : begun) {
    const [from, to] = [match.start - start + shift, Math.min(match.end, end) - start + shift]
    const previous = highlights.at(-1)
    if (previous && from <= previous[1]) previous[1] = Math.max(previous[1], to)
    else highlights.push([from, to])
  }
  return highlights
}
