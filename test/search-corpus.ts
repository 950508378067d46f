/** Numbers that look random and are the same for the same seed: a failure comes back. */
export class Dice {
  constructor(private state: number) {}

  below(limit: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit)
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T
  }

  times<T>(count: number, make: () => T): T[] {
    return Array.from({ length: count }, make)
  }
}

const words = {
  latin:
    "deploy rollback database Crème brûlée Zürich naïve Straße STRASSE ﬁle Ångström İstanbul ılık don’t don't C++ the of is",
  cyrillic: 'Привет мир ещё Ёлка й база данных Київ',
  greek: 'Αθήνα ΟΔΟΣ οδός λόγος ψ',
  han: '東京 东京都 数据库 消息 我们需要 𠮷野家 々',
  kana: 'コーヒー ｺｰﾋｰ データベース が か\u3099 か ありがとう ー',
  hangul: '데이터베이스 검색 안녕하세요 \u1100\u1161\u11a8 ㅋㅋ',
  thai: 'ที่นี่ ภาษาไทย คำ ๑๒๓ ພາສາລາວ ភាសាខ្មែរ မြန်မာ',
  arabic: 'مرحبا قاعدة بيانات السَّلام ﷺ ١٢٣',
  hebrew: 'שלום שָׁלוֹם עולם',
  devanagari: 'हिन्दी डेटाबेस नमस्ते क्षेत्र',
  emoji: '🚀 👩‍👩‍👧 ❤️ 1️⃣ 🇫🇷',
  code: 'const x=foo_bar(baz); fooBar() a:b x->y !== {} /* */ // --json `npm` <b>',
  paths: 'src/domain/errors.ts C:\\Users\\me https://example.org/a?b=c&d=é ~/.env',
  ids: 'BUG-490 01ARZ3NDEKTSV4RRFFQ69G5FAV v1.2.3 550e8400-e29b-41d4-a716 #12 2026-11-21T19:25:00Z 1e5 ½ Ⅷ ²',
  hostile:
    '\u0000 a\u0000b \ud800 x\udc00y NEAR( title: :* & | ! <-> \' " "" \\ -- ; % _ ( ) * ^ + {} \u200b co\u00adop \u0301 \ufeff OR AND NOT',
}
const scripts = Object.values(words).map((line) => line.split(' '))

const separators = [' ', ' ', ' ', '  ', '\n', ', ', '. ', '\t', '\u3000', '']

/** Documents of every script, often of several, and of what breaks parsers; the same for the same seed. */
export function searchDocuments(seed: number, count: number): string[] {
  const dice = new Dice(seed)
  return dice.times(count, () => {
    const preferred = dice.times(1 + dice.below(3), () => dice.pick(scripts))
    const parts = dice.times(dice.below(40), () => {
      const script = dice.below(5) === 0 ? dice.pick(scripts) : dice.pick(preferred)
      return dice.pick(script) + dice.pick(separators)
    })
    return parts.join('')
  })
}

const hostileQueries = [
  ...words.hostile.split(' '),
  ...[
    'foo AND',
    'OR',
    'NOT',
    'NEAR(a b, 2)',
    'title:foo',
    '{a b}: c',
    'foo & | bar',
    '"open',
    '((a',
    'b))',
    '"a" "',
    '^foo',
  ],
  ...[
    "'; drop table x; --",
    'a <-> b',
    "'a':*",
    'a:A',
    '-"',
    '- a',
    '--',
    '*',
    'a**',
    '""*',
    'AND OR NOT',
    '-(a OR',
    'a\u0000:*b',
  ],
]

/** Queries of words of the documents in every form of the grammar, and of what no grammar expects. */
export function searchQueries(seed: number, documents: string[], count: number): string[] {
  const dice = new Dice(seed)
  return dice.times(count, () => (dice.below(8) === 0 ? dice.pick(hostileQueries) : queryOf(dice, documents, 3)))
}

function queryOf(dice: Dice, documents: string[], depth: number): string {
  const inner = () => queryOf(dice, documents, depth - 1)
  const forms = [
    () => term(dice, documents),
    () => term(dice, documents),
    () => `${inner()} ${inner()}`,
    () => `${inner()} AND ${inner()}`,
    () => `${inner()} OR ${inner()}`,
    () => `${inner()} NOT ${term(dice, documents)}`,
    () => `${inner()} -${term(dice, documents)}`,
    () => `(${inner()})`,
    () => `${inner()} -(${inner()})`,
    () => `${inner()} ${dice.pick(hostileQueries)}`,
  ]
  return depth === 0 ? term(dice, documents) : dice.pick(forms)()
}

/** A word, a phrase, a beginning or any piece of a document. */
function term(dice: Dice, documents: string[]): string {
  const source = dice.pick(documents)
  const parts = source.split(/[\s"]+/).filter(Boolean)
  const at = dice.below(parts.length)
  const word = parts[at] ?? 'nothing'
  const piece = source.slice(dice.below(source.length)).slice(0, 1 + dice.below(12))
  return dice.pick([
    () => word,
    () => word,
    () => `"${parts.slice(at, at + 1 + dice.below(3)).join(' ')}"`,
    () => `${word.slice(0, 1 + dice.below(word.length))}*`,
    () => piece,
    () => word.toUpperCase(),
  ])()
}
