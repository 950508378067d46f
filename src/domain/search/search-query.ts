import { InvalidInputError } from '../errors.js'
import { tokens } from './search-text.js'
import { stopWords } from './stop-words.js'

/** Tokens that stand one after the other; a word is a phrase of one. */
export interface SearchPhrase {
  type: 'phrase'
  tokens: string[]
  /** The last token is the beginning of a word. */
  isPrefix: boolean
}

/** What is looked for. Equal queries have equal trees: nested and doubled parts are gone. */
export type SearchQuery =
  | SearchPhrase
  /** Two parts or more. */
  | { type: 'and' | 'or'; parts: SearchQuery[] }
  | { type: 'not'; wanted: SearchQuery; unwanted: SearchQuery }

export const maxQueryLength = 1000
export const maxQueryTerms = 64
export const maxQueryDepth = 20

/**
 * Reads a query: words (all of them), `"phrases"`, OR, AND, NOT or `-`, `prefix*` and parentheses. NOT binds
 * strongest and OR weakest; operators are capitals. What separates words in a text does so in a term, so that
 * `BUG-490`, `don't` and 東京 are phrases. A minus excludes at the beginning of a term only, and not before
 * another minus (`--json` is a word). Quotes and parentheses left open end with the query, operators without
 * anything to work on are ignored, and words if there is nothing else; a part without any word is ignored.
 *
 * @returns undefined if there is text and no word in it, such as `+++`: nothing can match
 * @throws {InvalidInputError} SEARCH_QUERY_INVALID: not a string, blank, longer than 1,000 UTF-16 units, of more
 *   than 64 terms, parentheses deeper than 20, or matching all that lacks something, such as `-foo`
 * @example
 * parseSearchQuery('deploy* ("rolled back" OR failed) -staging')
 */
export function parseSearchQuery(text: string): SearchQuery | undefined {
  if (typeof text !== 'string') throw refusal('is not a string; write the words to look for')
  if (text.trim() === '') throw refusal('is blank; write at least one word to look for')
  if (text.length > maxQueryLength) {
    throw refusal(`has ${text.length} characters; at most ${maxQueryLength} are taken, so name the main words only`)
  }
  const read = new QueryReader(lexemesOf(text)).alternatives()
  if (!read?.isExcluded) return read?.query
  throw refusal(
    'would match everything that lacks some words; name a word to look for beside (not OR) what to leave out',
  )
}

/**
 * The query to fall back to when nothing matches the strict one: any of its wanted words and phrases, stop words
 * left out, and still without what was excluded.
 *
 * @returns undefined if that leaves nothing, or the strict query itself
 */
export function looseQuery(query: SearchQuery): SearchQuery | undefined {
  const telling = wantedPhrases(query).filter((phrase) => phrase.isPrefix || !stopWords.has(phrase.tokens.join(' ')))
  if (telling.length === 0) return undefined
  const loose = without(combined('or', telling), exclusions(query))
  return keyOf(loose) === keyOf(query) ? undefined : loose
}

/** A loose query without some of its phrases; undefined if nothing else is wanted. */
export function lessPhrases(query: SearchQuery, unwanted: SearchPhrase[]): SearchQuery | undefined {
  if (query.type === 'phrase') return unwanted.includes(query) ? undefined : query
  if (query.type === 'not') {
    const wanted = lessPhrases(query.wanted, unwanted)
    return wanted && { ...query, wanted }
  }
  const parts = query.parts.map((part) => lessPhrases(part, unwanted)).filter((part) => part !== undefined)
  return parts.length > 1 ? { ...query, parts } : parts[0]
}

/** Every word and phrase that a match may have, in the order of the query. */
export function wantedPhrases(query: SearchQuery): SearchPhrase[] {
  if (query.type === 'phrase') return [query]
  return query.type === 'not' ? wantedPhrases(query.wanted) : query.parts.flatMap(wantedPhrases)
}

function exclusions(query: SearchQuery): SearchQuery[] {
  if (query.type === 'phrase') return []
  return query.type === 'not' ? [...exclusions(query.wanted), query.unwanted] : query.parts.flatMap(exclusions)
}

type Lexeme = { type: 'OR' | 'AND' | 'NOT' | '-' | '(' | ')' } | SearchPhrase

const lexeme =
  /(?<minus>(?<=^|[\s(])-(?=[^\s>-]))|(?<paren>[()])|["“”„](?<quoted>[^"“”„]*)(?:["“”„](?<star>\*)?|$)|(?<word>[^\s()"“”„]+)/g
const prefix = /[\p{L}\p{M}\p{N}]\*+$/u
const operators = ['OR', 'AND', 'NOT'] as const

function lexemesOf(text: string): Lexeme[] {
  const found = [...text.matchAll(lexeme)].map(({ groups = {} }, index, all) => {
    const followsMinus = all[index - 1]?.groups?.minus !== undefined
    return lexemeOf(groups, followsMinus)
  })
  const terms = found.filter((each) => each.type === 'phrase' && each.tokens.length > 0)
  if (terms.length > maxQueryTerms) {
    throw refusal(
      `has ${terms.length} words and phrases; at most ${maxQueryTerms} are taken, so name the main ones only`,
    )
  }
  return balanced(terms.length > 0 ? found : found.map(asWord))
}

function lexemeOf(groups: Record<string, string | undefined>, followsMinus: boolean): Lexeme {
  const { minus, paren, quoted, star, word = '' } = groups
  if (minus) return { type: '-' }
  if (paren) return { type: paren as '(' | ')' }
  if (quoted !== undefined) return { type: 'phrase', tokens: tokens(quoted), isPrefix: star !== undefined }
  const operator = followsMinus ? undefined : operators.find((each) => each === word)
  return operator
    ? { type: operator }
    : { type: 'phrase', tokens: tokens(word), isPrefix: word.endsWith('*') && prefix.test(word) }
}

/** An operator as the word that it is. */
function asWord(each: Lexeme): Lexeme {
  const operator = operators.find((type) => type === each.type)
  return operator ? { type: 'phrase', tokens: tokens(operator), isPrefix: false } : each
}

/** Without the closing parentheses that close nothing. */
function balanced(lexemes: Lexeme[]): Lexeme[] {
  let depth = 0
  return lexemes.filter(({ type }) => {
    const isSurplus = type === ')' && depth === 0
    if (type === '(') depth++
    if (type === ')' && !isSurplus) depth--
    if (depth <= maxQueryDepth) return !isSurplus
    throw refusal(`has parentheses deeper than ${maxQueryDepth}; put a text with parentheses into "quotes"`)
  })
}

/** A part as it was read. Two excluded parts may still make a wanted one: everything is kept until the end. */
interface ReadPart {
  query: SearchQuery
  isExcluded: boolean
}

class QueryReader {
  private at = 0

  constructor(private readonly lexemes: Lexeme[]) {}

  alternatives(): ReadPart | undefined {
    const parts = [this.conjunction()]
    while (this.lexemes[this.at]?.type === 'OR') {
      this.at++
      parts.push(this.conjunction())
    }
    return anyOf(parts.filter((part) => part !== undefined))
  }

  private conjunction(): ReadPart | undefined {
    const parts: ReadPart[] = []
    while (!this.isAtEnd()) {
      const part = this.part()
      if (part) parts.push(part)
    }
    return allOf(parts)
  }

  private part(): ReadPart | undefined {
    const next = this.lexemes[this.at++]
    switch (next?.type) {
      case 'phrase':
        return next.tokens.length > 0 ? { query: next, isExcluded: false } : undefined
      case '(':
        return this.group()
      case 'NOT':
      case '-':
        return this.isAtEnd() ? undefined : negated(this.part())
      default:
        return undefined
    }
  }

  private group(): ReadPart | undefined {
    const inner = this.alternatives()
    this.at++
    return inner
  }

  private isAtEnd(): boolean {
    const type = this.lexemes[this.at]?.type
    return type === undefined || type === 'OR' || type === ')'
  }
}

const negated = (part: ReadPart | undefined) => part && { ...part, isExcluded: !part.isExcluded }
const queriesOf = (parts: ReadPart[], isExcluded: boolean) =>
  parts.filter((part) => part.isExcluded === isExcluded).map((part) => part.query)

function allOf(parts: ReadPart[]): ReadPart | undefined {
  const [wanted, unwanted] = [queriesOf(parts, false), queriesOf(parts, true)]
  if (wanted.length > 0) return { query: without(combined('and', wanted), unwanted), isExcluded: false }
  return unwanted.length > 0 ? { query: combined('or', unwanted), isExcluded: true } : undefined
}

/** `a OR NOT b` is all but `b NOT a`, which can be said where something else is wanted. */
function anyOf(parts: ReadPart[]): ReadPart | undefined {
  const [wanted, unwanted] = [queriesOf(parts, false), queriesOf(parts, true)]
  if (unwanted.length > 0) return { query: without(combined('and', unwanted), wanted), isExcluded: true }
  return wanted.length > 0 ? { query: combined('or', wanted), isExcluded: false } : undefined
}

function without(wanted: SearchQuery, unwanted: SearchQuery[]): SearchQuery {
  if (unwanted.length === 0) return wanted
  if (wanted.type === 'not') return without(wanted.wanted, [wanted.unwanted, ...unwanted])
  return { type: 'not', wanted, unwanted: combined('or', unwanted) }
}

/** One flat list of distinct parts; what a part of an AND excludes, the whole excludes. */
function combined(type: 'and' | 'or', parts: SearchQuery[]): SearchQuery {
  const unwanted: SearchQuery[] = []
  const wanted = parts.map((part) => {
    if (type === 'or' || part.type !== 'not') return part
    unwanted.push(part.unwanted)
    return part.wanted
  })
  const flat = wanted.flatMap((part) => (part.type === type ? part.parts : [part]))
  const [first, ...others] = new Map(flat.map((part) => [keyOf(part), part])).values()
  if (!first) throw new TypeError('nothing to combine')
  return without(others.length > 0 ? { type, parts: [first, ...others] } : first, unwanted)
}

const keyOf = (query: SearchQuery) => JSON.stringify(query)

function refusal(message: string): InvalidInputError {
  return new InvalidInputError([{ path: 'query', message }], 'SEARCH_QUERY_INVALID')
}
