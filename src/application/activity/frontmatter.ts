/** A source, or a piece of it, that gives no event; the message says why. */
export class UnreadablePiece extends Error {}

export interface Frontmatter {
  /** The values of its flat `key: value` lines. Lists, maps and blocks are left out. */
  fields: Map<string, string>
  /** What follows it. */
  body: string
}

const keyOf = /^([A-Za-z_][\w-]*):(?=\s|$)/

/** @throws {UnreadablePiece} */
export function parseFrontmatter(text: string): Frontmatter {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  if (lines[0]?.trimEnd() !== '---') throw new UnreadablePiece('has no frontmatter: its first line is not ---')
  const end = lines.findIndex((line, index) => index > 0 && line.trimEnd() === '---')
  if (end < 0) throw new UnreadablePiece('has frontmatter that no --- ends')
  const fields = new Map<string, string>()
  for (const { key, value, place } of entriesOf(lines.slice(1, end))) {
    if (fields.has(key)) throw new UnreadablePiece(`line ${place}: ${key} is there twice`)
    const plain = plainValue(value, place)
    if (plain !== undefined) fields.set(key, plain)
  }
  return { fields, body: lines.slice(end + 1).join('\n') }
}

interface Entry {
  key: string
  value: string
  /** Its line in the file. */
  place: number
}

/** Each key with its value; an indented line goes on with the value before it. */
function entriesOf(lines: string[]): Entry[] {
  const entries: Entry[] = []
  for (const [index, line] of lines.entries()) {
    const place = index + 2
    const last = entries.at(-1)
    const isAside = line.trim() === '' || line.startsWith('#') || line.startsWith('- ') || line === '-'
    if (isAside) continue
    const goesOn = /^\s/.test(line) && last !== undefined
    if (!goesOn) entries.push(entryOf(line, place))
    // Below a key without a value stands a list or a map.
    else if (last.value !== '') last.value += ` ${line.trim()}`
  }
  return entries
}

function entryOf(line: string, place: number): Entry {
  const [head = '', key] = keyOf.exec(line) ?? []
  if (key === undefined) throw new UnreadablePiece(`line ${place}: is not key: value`)
  return { key, value: line.slice(head.length).trim(), place }
}

function plainValue(value: string, place: number): string | undefined {
  const quote = value[0]
  if (quote === '"' || quote === "'") return unquoted(value, quote, place)
  const bare = withoutComment(value)
  assertClosed(bare, place)
  if (bare === '' || /^([[{|>&*!]|-\s)/.test(bare)) return undefined
  return bare === '~' || bare === 'null' ? undefined : bare
}

function withoutComment(value: string): string {
  const at = value.search(/\s#/)
  return at < 0 ? value : value.slice(0, at).trimEnd()
}

const closing: Readonly<Record<string, string>> = { '[': ']', '{': '}' }

/** Half a list is no value that may be left out: something was meant to stand there. */
function assertClosed(value: string, place: number): void {
  const [first = ''] = value
  const isStray = Object.values(closing).includes(first)
  if (isStray || !value.endsWith(closing[first] ?? '')) {
    throw new UnreadablePiece(`line ${place}: has a list or map that is not closed`)
  }
}

function unquoted(value: string, quote: string, place: number): string | undefined {
  const pattern = quote === '"' ? /^("(?:[^"\\]|\\.)*")\s*(?:#.*)?$/s : /^('(?:[^']|'')*')\s*(?:#.*)?$/s
  const whole = pattern.exec(value)?.[1]
  if (whole === undefined) throw new UnreadablePiece(`line ${place}: has a quote that is not closed`)
  const inside = whole.slice(1, -1)
  const plain = quote === '"' ? unescaped(whole, place) : inside.replaceAll("''", "'")
  return plain === '' ? undefined : plain
}

function unescaped(quoted: string, place: number): string {
  try {
    return JSON.parse(quoted) as string
  } catch {
    throw new UnreadablePiece(`line ${place}: has an escape that is none`)
  }
}
