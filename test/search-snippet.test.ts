import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isHansardError } from '../src/domain/errors.js'
import { parseSearchQuery, type SearchQuery, wantedPhrases } from '../src/domain/search/search-query.js'
import { type Snippet, snippetsOf } from '../src/domain/search/search-snippet.js'
import { tokens } from '../src/domain/search/search-text.js'
import { processorMs } from './processor-time.js'
import { searchDocuments, searchQueries } from './search-corpus.js'
import { matches } from './search-oracle.js'

const filler = 'Lorem ipsum dolor sit amet consectetur. '.repeat(40)
const found = (text: string, query: string, length?: number) => snippetsOf(parseSearchQuery(query)!, { length })(text)
/** The snippet with [what is highlighted] in brackets. */
function marked({ snippet: text, highlights }: Snippet): string {
  return highlights
    .toReversed()
    .reduce((all, [start, end]) => `${all.slice(0, start)}[${all.slice(start, end)}]${all.slice(end)}`, text)
}

describe('a snippet', () => {
  for (const [what, text, query, expected] of [
    ['of a short text is the text', 'It was rolled back.', 'rolled', 'It was [rolled] back.'],
    [
      'marks a phrase as one',
      'It was rolled back, see BUG-490.',
      '"rolled back" BUG-490',
      'It was [rolled back], see [BUG-490].',
    ],
    ['marks neighbouring words apart', 'rolled back', 'back rolled', '[rolled] [back]'],
    ['marks overlapping phrases as one', 'one two three', '"one two" "two three"', '[one two three]'],
    ['marks the whole word of a prefix', 'Deployment of deploys', 'deploy*', '[Deployment] of [deploys]'],
    ['marks what was folded', 'Crème brûlée, ﬁle', 'creme FILE', '[Crème] brûlée, [ﬁle]'],
    ['marks characters of Chinese as one', '我们需要数据库。', '数据库', '我们需要[数据库]。'],
    ['marks a decomposed kana with its mark', 'かか\u3099か', 'が', 'か[か\u3099]か'],
    ['has single blanks', '  a \n\t b\u3000c  ', 'b', 'a [b] c'],
    ['does not mark what is excluded', 'a b', 'a -c -b', '[a] b'],
    ['marks nothing where nothing is found', 'a b', 'c', 'a b'],
    ['marks no phrase that is torn', 'rolled far back', '"rolled back"', 'rolled far back'],
    ['of nothing is nothing', '', 'a', ''],
  ] as const) {
    test(what, () => assert.equal(marked(found(text, query)), expected))
  }

  test('shows the place where most of the wanted stands together', () => {
    const text = `alpha ${filler} alpha and beta and gamma ${filler} beta gamma`
    const shown = found(text, 'alpha beta gamma')
    assert.match(marked(shown), /^….*\[alpha\] and \[beta\] and \[gamma\].*…$/)
    assert.ok(shown.snippet.length <= 200 && shown.snippet.length > 150)
  })

  test('shows the first of equal places', () => {
    assert.match(marked(found(`first alpha ${filler} second alpha`, 'alpha', 60)), /^first \[alpha\] Lorem.*…$/)
  })

  test('is cut between words, at its end only if it is the beginning', () => {
    assert.equal(found(filler, 'nothing', 60).snippet, 'Lorem ipsum dolor sit amet consectetur. Lorem ipsum dolor…')
    const shown = found(`${filler} alpha ${filler}`, 'alpha', 80).snippet
    const words = new Set(`${filler} alpha`.split(' '))
    for (const word of shown.slice(1, -1).split(' ')) assert.ok(words.has(word), `${word} in ${shown}`)
    assert.match(found(`${filler} alpha`, 'alpha', 60).snippet, /^….* alpha$/)
  })

  test('is cut inside a word that leaves no room, never inside a pair', () => {
    assert.equal(found('a'.repeat(500), 'b', 50).snippet, `${'a'.repeat(48)}…`)
    for (let shift = 0; shift < 4; shift++) {
      for (const length of [49, 50]) {
        const shown = found(`${'x'.repeat(shift)}${'🚀'.repeat(80)} alpha ${'🚀'.repeat(80)}`, 'alpha', length)
        assert.ok(shown.snippet.isWellFormed() && shown.snippet.length <= length)
        assert.equal(shown.snippet.slice(...shown.highlights[0]!), 'alpha')
      }
    }
  })

  test('looks at the first 16,000 tokens', () => {
    assert.equal(found(`${'a '.repeat(15_999)}end`, 'end').highlights.length, 1)
    assert.equal(found(`${'a '.repeat(16_000)}end`, 'end').highlights.length, 0)
  })

  test('of a text of 64 MiB costs no more than its beginning', () => {
    const taken = processorMs(() => {
      for (const part of ['lorem ipsum ', ' ', 'a', 'é', '数', '\ud800'])
        found(part.repeat(2 ** 26 / part.length), 'ipsum')
    })
    assert.ok(taken < 20_000, `${taken} ms`)
  })
})

function queryOf(text: string): SearchQuery | undefined {
  try {
    return parseSearchQuery(text)
  } catch (error) {
    assert.ok(isHansardError(error, 'SEARCH_QUERY_INVALID'))
    return undefined
  }
}

/** In order, apart, and something wanted in each, unless the snippet had no room for it. */
function checkHighlights({ snippet: shown, highlights }: Snippet, query: SearchQuery, isRoomy: boolean): void {
  const wanted = wantedPhrases(query)
  let last = -1
  for (const [start, end] of highlights) {
    assert.ok(start > last && end > start && end <= shown.length)
    last = end
    const highlighted = tokens(shown.slice(start, end))
    const isWanted = wanted.some((phrase) => matches(phrase, highlighted))
    assert.ok(isWanted || !isRoomy, `${highlighted.join(' ')} of ${JSON.stringify(query)}`)
  }
}

test('what is highlighted is wanted, whatever the text and the query', () => {
  const documents = searchDocuments(4, 30)
  for (const query of searchQueries(5, documents, 400).map(queryOf)) {
    if (!query) continue
    for (const text of documents) {
      for (const length of [30, 200]) {
        const shown = snippetsOf(query, { length })(text)
        assert.ok(shown.snippet.length <= length)
        checkHighlights(shown, query, length === 200)
      }
    }
  }
})

test('a text that matches shows a highlight', () => {
  const documents = searchDocuments(6, 60)
  for (const query of searchQueries(7, documents, 300).map(queryOf)) {
    if (!query) continue
    for (const text of documents) {
      if (matches(query, tokens(text))) assert.ok(snippetsOf(query)(text).highlights.length > 0)
    }
  }
})
