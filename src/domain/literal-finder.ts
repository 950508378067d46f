/** The first of the literals that stands at `from` or later. */
export type FindLiteral = (text: string, from: number) => RegExpExecArray | null

const codeBits = 6
const trigrams = 1 << (3 * codeBits)

/**
 * Finds literals, in any case; of those at one place the first one given. A look at each character with the two
 * before it passes over text without any at several times the speed of a regular expression of them all.
 */
export function literalFinder(literals: readonly string[]): FindLiteral {
  const any = literals.map((each) => each.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|')
  // A literal too short for three characters is looked for as it is.
  if (literals.some((each) => !/^\p{ASCII}{3,}$/u.test(each))) return patternFinder(new RegExp(any, 'gi'))
  const codes = codesOf(literals)
  const begins = new Uint8Array(trigrams)
  for (const literal of literals) begins[trigramAt(literal, codes)] = 1
  const here = new RegExp(any, 'iy')
  return (text, from) => {
    let trigram = 0
    for (let at = from; at < text.length; at++) {
      trigram = ((trigram << codeBits) | (codes[text.charCodeAt(at) & 127] ?? 0)) & (trigrams - 1)
      if (begins[trigram] === 0 || at < from + 2) continue
      here.lastIndex = at - 2
      const found = here.exec(text)
      if (found) return found
    }
    return null
  }
}

function patternFinder(pattern: RegExp): FindLiteral {
  return (text, from) => {
    pattern.lastIndex = from
    return pattern.exec(text)
  }
}

/** Of each ASCII character a number, the same for both cases; 0 of those that stand in no literal. */
function codesOf(literals: readonly string[]): Uint8Array {
  const codes = new Uint8Array(128)
  const characters = [...new Set(literals.join('').toLowerCase())]
  for (const [index, character] of characters.entries()) {
    const code = 1 + (index % ((1 << codeBits) - 1))
    codes[character.charCodeAt(0)] = code
    codes[character.toUpperCase().charCodeAt(0)] = code
  }
  return codes
}

function trigramAt(literal: string, codes: Uint8Array): number {
  let trigram = 0
  for (let at = 0; at < 3; at++) trigram = (trigram << codeBits) | (codes[literal.charCodeAt(at)] ?? 0)
  return trigram
}
