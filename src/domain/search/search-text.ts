/** A document is indexed by this many tokens at most, gaps included: Postgres knows no position beyond 16,383. */
export const maxIndexedTokens = 16_000
/** UTF-8 bytes of the tokens of one document: a tsvector of 1 MB is refused, and the append with it. */
export const maxIndexedBytes = 500_000
/** Occurrences of one token that a document is indexed with: Postgres keeps 256 positions of a word. */
export const maxOccurrences = 256
/** UTF-16 units of a token; what a longer run has beyond them is not searched. */
export const maxTokenLength = 200
/** UTF-16 units of a text that are looked at, however few tokens they hold. */
export const maxTextLength = 1_000_000

/** A token with the part of the original text that it was made of: UTF-16 offsets, the end exclusive. */
export interface PlacedToken {
  token: string
  start: number
  end: number
}

// The scripts that are written without blanks between words, and Hangul, whose particles cling to them.
const alone =
  '[[\\p{L}\\p{N}]&&[\\p{scx=Han}\\p{scx=Hira}\\p{scx=Kana}\\p{scx=Hang}\\p{scx=Thai}\\p{scx=Laoo}\\p{scx=Khmr}\\p{scx=Mymr}]]'
// What may melt into the character before it when folded: marks, what vanishes, the letters of a Hangul
// syllable, and the letters that decompose into a mark.
const joining =
  '[\\p{M}\\p{DI}\\u0E33\\u0EB3\\uFF9E\\uFF9F\\u1100-\\u11FF\\u3131-\\u318E\\uA960-\\uA97F\\uD7B0-\\uD7FF\\uFFA0-\\uFFDC\\u{16D67}]'

const token = new RegExp(`${alone}\\p{M}*|[[\\p{L}\\p{N}]--${alone}][[\\p{L}\\p{N}\\p{M}]--${alone}]*`, 'gv')
const asciiToken = /[a-z0-9]+/g
const dropped = /[\u0300-\u036f\p{Me}\p{DI}]/gu
/** Pieces whose foldings, put together, are the folding of the whole. */
const piece = new RegExp(`[\\x00-\\x7f]+(?!${joining})|[\\s\\S]${joining}*`, 'gv')
/** Where a text may be parted without changing its tokens: before an ASCII separator, or a character that stands alone. */
const parting = new RegExp(`[\\x00-\\x2f:-@\\x5b-\\x60\\x7b-\\x7f]|[${alone}--${joining}]`, 'gv')
export const onlyAscii = /^\p{ASCII}*$/u

const chunkLength = 4096

/**
 * The form in which documents and queries meet: case, accents and compatibility variants are gone.
 *
 * Decomposed by NFKD (`ﬁ` is `fi`, `Ａ` is `a`, `ｶﾞ` is `ガ`), without U+0300–036F (`é` is `e`, `й` is `и`),
 * enclosing marks and what is not drawn at all (soft hyphens, joiners, variation selectors), without case as
 * Unicode's full case folding has it (`ß` is `ss`, `ς` is `σ`, and `I`, `İ` and `ı` are all `i`), composed again
 * by NFC, so that `が` is one character, which `か` is not, and so is each Hangul syllable. The marks of other
 * scripts stay. A lone surrogate becomes U+FFFD, which separates words. Folding twice changes nothing.
 */
export function fold(text: string): string {
  const bare = text.toWellFormed().normalize('NFKD').replace(dropped, '')
  // Through upper case, for what only that unites (ß and ss), from lower case, since ẞ is upper case already.
  return bare.toLowerCase().toUpperCase().toLowerCase().replaceAll('ς', 'σ').normalize('NFC')
}

/**
 * The folded words of a text in their order: runs of letters and digits with their marks, everything
 * else separating them; a character of Han, Kana, Hangul, Thai, Lao, Khmer or Myanmar is a token of its own.
 * At most the first 1,000,000 UTF-16 units of the text are looked at.
 *
 * @example
 * tokens('Crème brûlée, BUG-490: 東京')   // ['creme', 'brulee', 'bug', '490', '東', '京']
 */
export function tokens(text: string): string[] {
  return firstTokens(text, Infinity)
}

/**
 * The tokens that a document is found by: at most the first 16,000, and 500,000 UTF-8 bytes of them. The
 * 257th and later ones of the same token are '', which keeps the positions of the others. What follows
 * beyond these bounds costs nothing.
 */
export function indexedTokens(text: string): string[] {
  return withGaps(withinBytes(firstTokens(text, maxIndexedTokens)))
}

/** The tokens of a text, as `tokens` gives them, one by one with their places; stop reading to stop the work. */
export function* placedTokens(text: string): Generator<PlacedToken> {
  let offset = 0
  for (const chunk of chunksOf(text)) {
    yield* onlyAscii.test(chunk) ? placedInAscii(chunk, offset) : placedInChunk(chunk, offset)
    offset += chunk.length
  }
}

function firstTokens(text: string, limit: number): string[] {
  const found: string[] = []
  for (const chunk of chunksOf(text)) {
    for (const each of tokensOfChunk(chunk)) {
      if (found.length === limit) return found
      found.push(withinLength(each))
    }
  }
  return found
}

function tokensOfChunk(chunk: string): string[] {
  const matches = onlyAscii.test(chunk) ? chunk.toLowerCase().match(asciiToken) : fold(chunk).match(token)
  return matches ?? []
}

/** A text in parts of some thousand characters that can be folded one by one. */
function* chunksOf(text: string): Generator<string> {
  const end = Math.min(text.length, maxTextLength)
  for (let at = 0; at < end; ) {
    const next = at + chunkLength < end ? partingFrom(text, at + chunkLength, end) : end
    yield text.slice(at, next)
    at = next
  }
}

function partingFrom(text: string, from: number, end: number): number {
  // A run without any parting is searched no further than the end of what is looked at.
  const window = text.slice(from, Math.min(end, from + chunkLength))
  parting.lastIndex = 0
  const found = parting.exec(window)
  if (found) return from + found.index
  return from + window.length < end ? partingFrom(text, from + window.length, end) : end
}

interface FoldedText {
  folded: string
  /** Of each UTF-16 unit of `folded`, where its origin begins and ends. */
  starts: number[]
  ends: number[]
}

/** By hand: each result of a search is read so, and most texts are ASCII. */
function placedInAscii(chunk: string, offset: number): PlacedToken[] {
  const folded = chunk.toLowerCase()
  const placed: PlacedToken[] = []
  let start = -1
  for (let at = 0; at <= folded.length; at++) {
    const isInside = at < folded.length && isLetterOrDigit(folded.charCodeAt(at))
    if (isInside && start < 0) start = at
    if (isInside || start < 0) continue
    const found = withinLength(folded.slice(start, at))
    placed.push({ token: found, start: offset + start, end: offset + start + found.length })
    start = -1
  }
  return placed
}

/** Of folded ASCII. */
export const isLetterOrDigit = (code: number) => (code > 96 && code < 123) || (code > 47 && code < 58)

function* placedInChunk(chunk: string, offset: number): Generator<PlacedToken> {
  const { folded, starts, ends } = foldedInPlace(chunk)
  for (const match of folded.matchAll(token)) {
    const found = withinLength(match[0])
    const last = match.index + found.length - 1
    yield { token: found, start: offset + (starts[match.index] ?? 0), end: offset + (ends[last] ?? 0) }
  }
}

function foldedInPlace(text: string): FoldedText {
  let folded = ''
  const starts: number[] = []
  const ends: number[] = []
  const known = new Map<string, string>()
  for (const { 0: original, index } of text.matchAll(piece)) {
    const isAscii = onlyAscii.test(original)
    const part = isAscii ? original.toLowerCase() : (known.get(original) ?? fold(original))
    if (!isAscii) known.set(original, part)
    for (let unit = 0; unit < part.length; unit++) {
      starts.push(isAscii ? index + unit : index)
      ends.push(isAscii ? index + unit + 1 : index + original.length)
    }
    folded += part
  }
  return { folded, starts, ends }
}

function withinLength(run: string): string {
  if (run.length <= maxTokenLength) return run
  const head = run.slice(0, maxTokenLength)
  return head.isWellFormed() ? head : head.slice(0, -1)
}

function withinBytes(found: string[]): string[] {
  let bytes = 0
  // A UTF-16 unit is at most three bytes: few texts need the count.
  for (const each of found) bytes += each.length * 3
  if (bytes <= maxIndexedBytes) return found
  bytes = 0
  const end = found.findIndex((each) => (bytes += Buffer.byteLength(each)) > maxIndexedBytes)
  return end < 0 ? found : found.slice(0, end)
}

function withGaps(found: string[]): string[] {
  if (found.length <= maxOccurrences) return found
  const counts = new Map<string, number>()
  return found.map((each) => {
    const count = (counts.get(each) ?? 0) + 1
    counts.set(each, count)
    return count > maxOccurrences ? '' : each
  })
}
