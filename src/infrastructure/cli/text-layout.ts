import { stripVTControlCharacters } from 'node:util'
import { printable } from './output.js'

const tabWidth = 4
const noWidth = /[\p{Mn}\p{Me}\p{Cf}]/u
// What East Asian fonts and emoji take two columns for.
const doubleWidth =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]/u

/** What an agent's tools printed, as a terminal may show it: colours left out, other control characters shown. */
export function plain(text: string): string {
  return printable(stripVTControlCharacters(text)).replaceAll('\t', ' '.repeat(tabWidth))
}

/** The columns of a terminal that a line takes. */
export function textWidth(line: string): number {
  let width = 0
  for (const character of line) width += characterWidth(character)
  return width
}

function characterWidth(character: string): number {
  if (character < '\u0300') return 1
  if (noWidth.test(character)) return 0
  return doubleWidth.test(character) ? 2 : 1
}

/** The beginning of a line, with an ellipsis where some of it is left out. */
export function fitted(line: string, width: number): string {
  if (line.length * 2 <= width || textWidth(line) <= width) return line
  return `${headOf(line, width - 1)}…`
}

/** The same, of its end: for paths, whose ends tell more. */
export function fittedAtEnd(line: string, width: number): string {
  if (textWidth(line) <= width) return line
  const reversed = [...line].reverse().join('')
  return `…${[...headOf(reversed, width - 1)].reverse().join('')}`
}

function headOf(line: string, width: number): string {
  let taken = 0
  let end = 0
  for (const character of line) {
    taken += characterWidth(character)
    if (taken > width) break
    end += character.length
  }
  return line.slice(0, end)
}

/** Lines that are too long are broken between words, and go on as deep as they began. */
export function wrapped(text: string, width: number): string[] {
  return text.split('\n').flatMap((line) => wrappedLine(line.trimEnd(), width))
}

function wrappedLine(line: string, width: number): string[] {
  const lines: string[] = []
  const [indent = ''] = /^\s*(?:[-*•] |\d+[.)] |> )?/.exec(line) ?? []
  const hanging = ' '.repeat(Math.min(indent.length, Math.floor(width / 2)))
  let rest = line
  while (textWidth(rest) > width) {
    const head = headOf(rest, width)
    const space = rest[head.length] === ' ' ? head.length : head.lastIndexOf(' ')
    const end = space > hanging.length ? space : Math.max(head.length, 1)
    lines.push(rest.slice(0, end).trimEnd())
    rest = hanging + rest.slice(end).trimStart()
  }
  return [...lines, rest]
}
