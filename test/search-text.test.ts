import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { fold, indexedTokens, maxTextLength, placedTokens, tokens } from '../src/domain/search/search-text.js'
import { anyText } from './json-arbitraries.js'
import { processorMs } from './processor-time.js'
import { searchDocuments } from './search-corpus.js'

const documents = searchDocuments(1, 400)
const unicodeText = fc.string({
  unit: fc.oneof(
    fc.constantFrom('か', '\u3099', 'ﾞ', '\u1100', '\u1161', '\u0e33', 'ß', 'Σ', ' '),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  ),
})
const anyDocument = fc.oneof(anyText, unicodeText, fc.constantFrom(...documents))

describe('folding', () => {
  for (const [what, one, other] of [
    ['case', 'HeLLo', 'hello'],
    ['accents', 'Crème brûlée', 'creme brulee'],
    ['accents of Cyrillic and Greek', 'Ёлка Αθήνα', 'елка αθηνα'],
    ['ß and its two capitals', 'Straße STRAẞE', 'strasse STRASSE'],
    ['the final sigma', 'ΟΔΟΣ οδός', 'οδοσ οδος'],
    ['the dotted and the dotless I', 'İstanbul ılık', 'istanbul ILIK'],
    ['ligatures, widths and styles', 'ﬁle Ａ１ 𝐛𝐨𝐥𝐝 Ⅷ', 'file a1 bold viii'],
    ['composed and decomposed kana', 'が ｶﾞ パ', 'か\u3099 ガ ハ\u309a'],
    ['composed and decomposed Hangul', '각 한', '\u1100\u1161\u11a8 \u1112\u1161\u11ab'],
    ['what is not drawn', 'co\u00adop na\u200cme \u2764\ufe0f 1\ufe0f\u20e3', 'coop name ❤ 1'],
    ['a lone surrogate and U+FFFD', 'a\ud800b', 'a\ufffdb'],
  ] as const) {
    test(`unites ${what}`, () => assert.equal(fold(one), fold(other)))
  }

  for (const [what, one, other] of [
    ['kana with and without a voice mark', 'か', 'が'],
    ['Thai with and without a tone', 'ที', 'ที่'],
    ['Hebrew with and without points', 'שלום', 'שָׁלוֹם'],
  ] as const) {
    test(`keeps apart ${what}`, () => assert.notEqual(fold(one), fold(other)))
  }

  test('changes nothing the second time, in any character', () => {
    for (let code = 0; code < 0x110000; code++) {
      const folded = fold(String.fromCodePoint(code))
      assert.equal(fold(folded), folded, `U+${code.toString(16)}`)
    }
  })

  test('leaves the tokens of a text as they are', () => {
    fc.assert(fc.property(anyDocument, (text) => assert.deepEqual(tokens(fold(text)), tokens(text))))
    for (const text of documents) assert.deepEqual(tokens(tokens(text).join(' ')), tokens(text))
  })
})

describe('tokens', () => {
  for (const [text, expected] of [
    ['', []],
    [' \u0000 +++ "', []],
    ['BUG-490 a:b don’t C++', ['bug', '490', 'a', 'b', 'don', 't', 'c']],
    ['src/domain/errors.ts', ['src', 'domain', 'errors', 'ts']],
    ['foo_bar fooBar', ['foo', 'bar', 'foobar']],
    ['東京都abc', ['東', '京', '都', 'abc']],
    ['𠮷野家', ['𠮷', '野', '家']],
    ['コーヒー', ['コ', 'ー', 'ヒ', 'ー']],
    ['か\u3099き', ['が', 'き']],
    ['검색 엔진', ['검', '색', '엔', '진']],
    ['ที่นี่', ['ที่', 'นี่']],
    ['ລາວ', ['ລ', 'າ', 'ວ']],
    ['ខ្មែ', ['ខ្', 'មែ']],
    ['မြန်', ['မြ', 'န်']],
    ['हिन्दी', ['हिन्दी']],
    ['مرحبا ١٢٣', ['مرحبا', '١٢٣']],
    ['v1.2 ½', ['v1', '2', '1', '2']],
    ['🚀ship', ['ship']],
    ['x\udc00y', ['x', 'y']],
  ] as const) {
    test(`of ${JSON.stringify(text)}`, () =>
      assert.deepEqual(
        tokens(text),
        [...expected].map((each) => each.normalize('NFC')),
      ))
  }

  test('are cut at 200 UTF-16 units, never inside a pair', () => {
    assert.deepEqual(tokens(`${'a'.repeat(500)} b`), ['a'.repeat(200), 'b'])
    assert.deepEqual(tokens(`a${'𐐨'.repeat(150)}`), [`a${'𐐨'.repeat(99)}`])
  })

  test('do not depend on where a long text is parted', () => {
    for (let shift = 0; shift < 40; shift++) {
      const text = `${'x'.repeat(4080 + shift)} é コｶﾞ\u1100\u1161\u11a8か\u3099 คำ𠮷 word`
      const [, ...rest] = tokens(text)
      assert.deepEqual(rest, ['e', 'コ', 'ガ', '각', 'が', ...tokens('คำ'), '𠮷', 'word'])
    }
  })
})

test('no character divides words in a text of ASCII and itself otherwise than beside letters of other scripts', () => {
  for (let code = 0x80; code < 0x10000; code++) {
    const [alone, beside] = [`left${String.fromCharCode(code)}right`, ' ж']
    assert.deepEqual(tokens(alone), tokens(alone + beside).slice(0, -1), `U+${code.toString(16)}`)
  }
})

describe('indexed tokens', () => {
  test('are those of the text, in a usual document', () => {
    for (const text of documents) assert.deepEqual(indexedTokens(text), tokens(text))
  })

  test('end with the 16,000th', () => {
    const text = Array.from({ length: 16_001 }, (_, index) => `w${index}`).join(' ')
    assert.equal(indexedTokens(text).length, 16_000)
    assert.equal(indexedTokens(text).at(-1), 'w15999')
  })

  test('end before 500,000 bytes are exceeded', () => {
    const ascii = Array.from({ length: 6000 }, (_, index) => String(index).padStart(100, '0'))
    assert.equal(indexedTokens(ascii.join(' ')).length, 5000)
    const cyrillic = Array.from({ length: 6000 }, (_, index) => String(index).padStart(100, 'я'))
    const bytes = Buffer.byteLength(indexedTokens(cyrillic.join(' ')).join(''))
    assert.ok(bytes <= 500_000 && bytes > 499_800)
  })

  test('have a gap from the 257th occurrence on, and every other token in its place', () => {
    const indexed = indexedTokens(`${'again '.repeat(300)}end`)
    assert.equal(indexed.filter((each) => each === 'again').length, 256)
    assert.deepEqual(indexed.slice(255, 258), ['again', '', ''])
    assert.equal(indexed[300], 'end')
  })

  test('of a text of 64 MiB cost as much as those of its beginning', () => {
    const texts = ['The quick brown fox. ', ' ', 'a', '数据库', 'é', '\ud800', '\u0301'].map((part) =>
      Buffer.from(part.repeat(Math.ceil(2 ** 26 / part.length)), 'utf16le').toString('utf16le'),
    )
    const whole = processorMs(() => {
      for (const text of texts) indexedTokens(text)
    })
    for (const text of texts) assert.deepEqual(indexedTokens(text), indexedTokens(text.slice(0, maxTextLength)))
    assert.ok(whole < 5000, `${whole} ms`)
  })
})

describe('placed tokens', () => {
  test('are the tokens', () => {
    fc.assert(
      fc.property(anyDocument, (text) =>
        assert.deepEqual(
          [...placedTokens(text)].map((each) => each.token),
          tokens(text),
        ),
      ),
      { numRuns: 500 },
    )
    for (const text of documents)
      assert.deepEqual(
        [...placedTokens(text)].map((each) => each.token),
        tokens(text),
      )
  })

  test('stand where the original text has them', () => {
    const text = 'Crème—ﬁle か\u3099 ½ 🚀 co\u00adop É'
    assert.deepEqual(
      [...placedTokens(text)].map(({ token, start, end }) => [token, text.slice(start, end)]),
      [
        ['creme', 'Crème'],
        ['file', 'ﬁle'],
        ['が', 'か\u3099'],
        ['1', '½'],
        ['2', '½'],
        ['coop', 'co\u00adop'],
        ['e', 'É'],
      ],
    )
  })

  test('have places that fold to them', () => {
    for (const text of documents) {
      for (const { token, start, end } of placedTokens(text)) {
        assert.ok(fold(text.slice(start, end)).includes(token), `${token} in ${text.slice(start, end)}`)
      }
    }
  })
})
