import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { isHansardError } from '../src/domain/errors.js'
import { looseQuery, parseSearchQuery, type SearchQuery } from '../src/domain/search/search-query.js'
import { indexedTokens, tokens } from '../src/domain/search/search-text.js'
import { anyText } from './json-arbitraries.js'
import { searchDocuments, searchQueries } from './search-corpus.js'
import { matches } from './search-oracle.js'

/** A query as one line: `_` joins a phrase, `∖` is NOT, everything else is in parentheses. */
function lineOf(query: SearchQuery | undefined): string {
  if (!query) return 'nothing'
  if (query.type === 'phrase') return query.tokens.join('_') + (query.isPrefix ? '*' : '')
  if (query.type === 'not') return `(${lineOf(query.wanted)} ∖ ${lineOf(query.unwanted)})`
  return `(${query.parts.map(lineOf).join(query.type === 'and' ? ' & ' : ' | ')})`
}

const reads = (table: Record<string, string>) => {
  for (const [text, expected] of Object.entries(table)) {
    test(`${JSON.stringify(text)} is ${expected}`, () => assert.equal(lineOf(parseSearchQuery(text)), expected))
  }
}

describe('words and phrases', () =>
  reads({
    foo: 'foo',
    'foo bar': '(foo & bar)',
    '"foo bar"': 'foo_bar',
    '“foo bar” „x y“': '(foo_bar & x_y)',
    'Crème BRÛLÉE': '(creme & brulee)',
    'BUG-490': 'bug_490',
    'a:b': 'a_b',
    "don't": 'don_t',
    'C++': 'c',
    東京: '東_京',
    'foo/bar.ts': 'foo_bar_ts',
    'title:"x y"': '(title & x_y)',
    'NEAR(a b)': '(near & a & b)',
    'a\u3000b': '(a & b)',
    'a\u0000b \ud800': 'a_b',
  }))

describe('operators', () =>
  reads({
    'a AND b': '(a & b)',
    'a OR b': '(a | b)',
    'a or b': '(a & or & b)',
    'a b OR c d': '((a & b) | (c & d))',
    'a (b OR c) d': '(a & (b | c) & d)',
    'a NOT b c': '((a & c) ∖ b)',
    'a NOT b OR c': '((a ∖ b) | c)',
    'a -b -"c d" -(e OR f)': '(a ∖ (b | c_d | e | f))',
    '-b a': '(a ∖ b)',
    'a-b': 'a_b',
    '--json': 'json',
    'a -> b - c': '(a & b & c)',
    'a NOT -b': '(a & b)',
    'c (a OR -b)': '(c ∖ (b ∖ a))',
    'c (-a OR -b)': '(c ∖ (a & b))',
  }))

describe('prefixes', () =>
  reads({
    'foo*': 'foo*',
    'foo**': 'foo*',
    '日本*': '日_本*',
    'a-b*': 'a_b*',
    '"foo ba"*': 'foo_ba*',
    'foo*bar': 'foo_bar',
    'foo *': 'foo',
    'C++*': 'c',
    'OR*': 'or*',
    '"foo*"': 'foo',
  }))

describe('what is open, dangling or empty', () =>
  reads({
    '"foo bar': 'foo_bar',
    '((foo': 'foo',
    'foo)) OR bar': '(foo | bar)',
    'foo AND': 'foo',
    'OR foo': 'foo',
    'a AND OR b': '(a | b)',
    'foo NOT': 'foo',
    'foo (NOT)': 'foo',
    'NOT OR foo': 'foo',
    OR: 'or',
    NOT: 'not',
    'AND OR': '(and & or)',
    'a -OR': '(a ∖ or)',
    'C++ AND ***': 'c',
    'a OR ()': 'a',
    'a -"" -(***)': 'a',
    '"': 'nothing',
    '*': 'nothing',
    '+++': 'nothing',
    '-"': 'nothing',
    '()': 'nothing',
  }))

describe('equal queries are equal', () =>
  reads({
    'a (b (c d))': '(a & b & c & d)',
    'a OR (b OR (c))': '(a | b | c)',
    'a A á (a)': 'a',
    'a OR a': 'a',
    '"a b" a-b': 'a_b',
    'a a*': '(a & a*)',
    '(a -b) (c -d)': '((a & c) ∖ (b | d))',
    '(a -b) -c -b': '(a ∖ (b | c))',
    '-(-a)': 'a',
  }))

describe('a refused query says why', () => {
  const refused: [string, unknown, RegExp][] = [
    ['that is empty', '', /blank/],
    ['of white space', ' \n\u3000', /blank/],
    ['that is no string', undefined, /not a string/],
    ['that is a number', 5, /not a string/],
    ['of an exclusion', '-foo', /lacks/],
    ['of exclusions', 'NOT foo -(a b)', /lacks/],
    ['with an exclusion as alternative', 'a OR -b', /beside \(not OR\)/],
    ['of 1,001 characters', 'a'.repeat(1001), /1001 characters; at most 1000/],
    ['of 65 terms', 'a '.repeat(65), /65 words and phrases; at most 64/],
    ['21 parentheses deep', `${'('.repeat(21)}a`, /deeper than 20/],
  ]
  for (const [what, query, message] of refused) {
    test(what, () => {
      assert.throws(
        () => parseSearchQuery(query as string),
        (error) =>
          isHansardError(error, 'SEARCH_QUERY_INVALID') &&
          error.problems.every(({ path }) => path === 'query') &&
          message.test(error.message),
      )
    })
  }

  test('and one at the bounds is taken', () => {
    assert.equal(lineOf(parseSearchQuery('a'.repeat(1000))), 'a'.repeat(200))
    assert.equal(lineOf(parseSearchQuery('a '.repeat(64))), 'a')
    assert.equal(lineOf(parseSearchQuery(`${'('.repeat(20)}a`)), 'a')
    assert.equal(lineOf(parseSearchQuery('(a) '.repeat(64))), 'a')
  })
})

describe('the loose query', () => {
  const table: Record<string, string> = {
    'What is the capital of France?': '(capital | france)',
    "where did deploys go and what's the rollback": '(deploys | go | rollback)',
    'Was ist die Hauptstadt für uns': 'hauptstadt',
    'où est la gare': 'gare',
    '¿Dónde está el servidor?': 'servidor',
    '"rolled back" deploy -staging': '((rolled_back | deploy) ∖ staging)',
    'the* cat': '(the* | cat)',
    'a (b -c) b': '(b ∖ c)',
    '"to be or not to be" hamlet': '(to_be_or_not_to_be | hamlet)',
    'what is the': 'nothing',
    foo: 'nothing',
    'foo OR bar': 'nothing',
    'foo -bar': 'nothing',
    "don't": 'nothing',
  }
  for (const [text, expected] of Object.entries(table)) {
    test(`of ${JSON.stringify(text)} is ${expected}`, () =>
      assert.equal(lineOf(looseQuery(parseSearchQuery(text)!)), expected))
  }
})

const documents = searchDocuments(2, 200).map((text) => ({ text, indexed: indexedTokens(text) }))
const queries = searchQueries(
  3,
  documents.map(({ text }) => text),
  3000,
)

/** The query of a text, or undefined where it was refused as it may be. */
function readOrRefused(text: string): SearchQuery | undefined {
  try {
    return parseSearchQuery(text)
  } catch (error) {
    assert.ok(isHansardError(error, 'SEARCH_QUERY_INVALID'), `${JSON.stringify(text)}: ${String(error)}`)
    return undefined
  }
}

test('nothing that is written throws anything but SEARCH_QUERY_INVALID', () => {
  const syntax = fc.string({
    unit: fc.constantFrom('a', 'b', ' ', ' ', '"', '(', ')', '-', '*', ' OR ', ' AND ', ' NOT ', 'OR', '\u0000'),
  })
  fc.assert(
    fc.property(fc.oneof(anyText, syntax), (text) => void readOrRefused(text)),
    { numRuns: 2000 },
  )
  for (const text of queries) readOrRefused(text)
})

test('a query is flat, without doubles, and of words', () => {
  const check = (query: SearchQuery): void => {
    if (query.type === 'phrase') return assert.ok(query.tokens.length > 0 && !query.tokens.includes(''))
    if (query.type === 'not') return [query.wanted, query.unwanted].forEach(check)
    assert.ok(query.parts.length >= 2 && query.parts.every((part) => part.type !== query.type))
    assert.equal(new Set(query.parts.map((part) => JSON.stringify(part))).size, query.parts.length)
    query.parts.forEach(check)
  }
  for (const text of queries) {
    const query = readOrRefused(text)
    if (!query) continue
    check(query)
    const loose = looseQuery(query)
    if (loose) check(loose)
  }
})

test('every word of a document finds it, whole, as a beginning, and as its neighbours', () => {
  for (const { text, indexed } of documents) {
    for (const word of text.split(/[\s()"“”„]+/)) {
      if (tokens(word).length === 0) continue
      const name = `${JSON.stringify(word)} in ${JSON.stringify(text)}`
      assert.ok(matches(parseSearchQuery(`"${word}"`)!, indexed), name)
      if (!word.startsWith('-')) assert.ok(matches(parseSearchQuery(`${word}*`)!, indexed), name)
    }
    const phrase = text.replaceAll(/["“”„]/g, ' ').slice(0, 900)
    const cut = tokens(phrase).slice(0, -1)
    if (cut.length > 0) assert.ok(matches(parseSearchQuery(`"${cut.join(' ')}"`)!, indexed))
  }
})

interface Formula {
  text: string
  isTrue(words: Set<string>): boolean
}

const formulas = fc.letrec<{ formula: Formula }>((tie) => ({
  formula: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom('p', 'q', 'r').map((word): Formula => ({ text: word, isTrue: (words) => words.has(word) })),
    tie('formula').map((one): Formula => ({ text: `NOT (${one.text})`, isTrue: (words) => !one.isTrue(words) })),
    fc.tuple(tie('formula'), tie('formula')).map(
      ([one, other]): Formula => ({
        text: `(${one.text}) (${other.text})`,
        isTrue: (words) => one.isTrue(words) && other.isTrue(words),
      }),
    ),
    fc.tuple(tie('formula'), tie('formula')).map(
      ([one, other]): Formula => ({
        text: `(${one.text}) OR (${other.text})`,
        isTrue: (words) => one.isTrue(words) || other.isTrue(words),
      }),
    ),
  ),
})).formula

test('a query means what logic says, and is refused where an empty document would match', () => {
  const subsets = ['', 'p', 'q', 'r', 'p q', 'p r', 'q r', 'p q r']
  fc.assert(
    fc.property(formulas, ({ text, isTrue }) => {
      fc.pre(text.length <= 1000)
      const query = readOrRefused(text)
      assert.equal(query === undefined, isTrue(new Set()))
      if (!query) return
      for (const words of subsets) {
        assert.equal(matches(query, tokens(words)), isTrue(new Set(tokens(words))), `${text} on ${words}`)
      }
    }),
    { numRuns: 1000 },
  )
})

test('what the strict query finds, the loose one finds too, unless it was all stop words', () => {
  for (const text of queries) {
    const query = readOrRefused(text)
    const loose = query && looseQuery(query)
    if (!query || !loose || query.type !== 'and') continue
    const found = documents.filter(({ indexed }) => matches(query, indexed))
    for (const { indexed } of found)
      assert.ok(query.parts.some((part) => part.type !== 'phrase') || matches(loose, indexed))
  }
})

test('a gap matches nothing', () => {
  assert.equal(matches({ type: 'phrase', tokens: ['a', 'b'], isPrefix: true }, ['a', '', 'b']), false)
  assert.equal(matches({ type: 'phrase', tokens: ['a', 'b'], isPrefix: true }, ['a', 'bc']), true)
})
