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

const headOf = (line: string, width: number) => line.slice(0, headEnd(line, 0, width))

/** Where the columns from there on are full. */
function headEnd(line: string, from: number, width: number): number {
  let taken = 0
  let end = from
  while (end < line.length) {
    const character = String.fromCodePoint(line.codePointAt(end) ?? 0)
    taken += characterWidth(character)
    if (taken > width) break
    end += character.length
  }
  return end
}

/** Lines that are too long are broken between words, and go on as deep as they began. */
export function wrapped(text: string, width: number): string[] {
  return wrappedStart(text, width, Number.POSITIVE_INFINITY).lines
}

/** The first lines of it, or one more where that is all; and how many of the text's own are not whole among them. */
export function wrappedStart(text: string, width: number, most: number): { lines: string[]; left: number } {
  const own = text.split('\n')
  const lines: string[] = []
  let whole = 0
  for (const line of own) {
    for (const part of wrappedLine(line.trimEnd(), width)) {
      lines.push(part)
      if (lines.length > most + 1) return { lines: lines.slice(0, most), left: own.length - whole }
    }
    if (lines.length <= most) whole++
  }
  return { lines, left: 0 }
}

function* wrappedLine(line: string, width: number): Generator<string> {
  const [indent = ''] = /^\s*(?:[-*•] |\d+[.)] |> )?/.exec(line) ?? []
  const hanging = ' '.repeat(Math.min(indent.length, Math.floor(width / 2)))
  let lead = ''
  let from = 0
  let firstBreak = hanging.length
  for (;;) {
    const full = headEnd(line, from, width - lead.length)
    if (full === line.length) break
    const space = line[full] === ' ' ? full : from + line.slice(from, full).lastIndexOf(' ')
    // One that is wider than the whole stands alone.
    const end = space > firstBreak ? space : full > from ? full : headEnd(line, from, 2)
    yield (lead + line.slice(from, end)).trimEnd()
    from = line.length - line.slice(end).trimStart().length
    firstBreak = from
    lead = hanging
  }
  yield lead + line.slice(from)
}
