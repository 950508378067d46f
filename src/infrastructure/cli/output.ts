import type { Writable } from 'node:stream'
import { styleText } from 'node:util'
import Table from 'cli-table3'

/** A stream that may be a terminal. */
export type Terminal = Writable & { isTTY?: boolean; columns?: number }

export type Emphasis = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'

/** Fewer leave no room beside what is indented. */
const minColumns = 20

/** Data on stdout, narration on stderr; with `json`, one document on stdout and no narration. */
export class Output {
  constructor(
    readonly stdout: Terminal,
    readonly stderr: Terminal,
    readonly json: boolean,
    private readonly coloured: boolean,
  ) {}

  /** Columns of the terminal, of a narrower one as many as are written to all the same; undefined where none tells. */
  get width(): number | undefined {
    // A terminal that nobody has given a size to says that it has none at all.
    const { isTTY, columns } = this.stdout
    return isTTY && columns ? Math.max(columns, minColumns) : undefined
  }

  /** The result of a command: its document for programs, its text for people. */
  result(document: unknown, text: () => string): Promise<void> {
    return this.write(`${this.json ? JSON.stringify(document) : text()}\n`)
  }

  /** Settles when the text is handed over, so that a slow reader holds the writer back. */
  write(text: string): Promise<void> {
    return handOver(this.stdout, text).catch((error: Error) => unwritable('stdout', error))
  }

  async narrate(text: string): Promise<void> {
    if (!this.json) await handOver(this.stderr, `${text}\n`)
  }

  emphasise(emphasis: Emphasis, text: string): string {
    // Whether our stream takes colours is decided here; the process's own may be another.
    return this.coloured && this.stdout.isTTY ? styleText(emphasis, text, { validateStream: false }) : text
  }

  /** For what must be told apart where there is no bold text either. */
  highlight(text: string): string {
    const bold = this.emphasise('bold', text)
    return bold === text ? `«${text}»` : bold
  }
}

export function handOver(stream: Writable, text: string): Promise<void> {
  return new Promise((resolve, reject) => stream.write(text, (error) => (error ? reject(error) : resolve())))
}

/** The same failure, saying what could not be written. */
export function unwritable(name: string, error: NodeJS.ErrnoException): never {
  const { code, syscall } = error
  throw Object.assign(new Error(`${name} could not be written: ${error.message}`, { cause: error }), { code, syscall })
}

export interface Column<Row> {
  head: string
  align?: 'left' | 'right'
  cell: (row: Row) => string | number
}

/** `compact` leaves out the lines between rows, for tables of many. */
export function table<Row>(columns: Column<Row>[], rows: Row[], { compact = false } = {}): string {
  const drawn = new Table({
    head: columns.map((column) => column.head),
    colAligns: columns.map((column) => column.align ?? 'left'),
    style: { head: [], border: [], compact },
  })
  for (const row of rows) drawn.push(columns.map((column) => printable(String(column.cell(row)))))
  return drawn.toString()
}

/**
 * Stored text is not trusted to move a terminal's cursor, nor to turn about what stands beside it: control
 * characters, those of writing direction and other breaks of lines are shown, not sent.
 */
export function printable(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(/[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069\u2028\u2029]/gu, escaped)
}

function escaped(character: string): string {
  const digits = character.charCodeAt(0).toString(16)
  return digits.length <= 2 ? `\\x${digits.padStart(2, '0')}` : `\\u${digits}`
}

export function shortened(text: string, length: number): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length <= length ? line : `${line.slice(0, length - 1).replace(/[\uD800-\uDBFF]$/, '')}…`
}

export function count(value: number, noun?: string): string {
  const figure = value.toLocaleString('en-US')
  return noun ? `${figure} ${noun}${value === 1 ? '' : 's'}` : figure
}

/** In the unit that leaves few digits, as `1.4 MiB`. */
export function byteSize(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), units.length - 1)
  return `${(bytes / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`
}

export function dollars(value: number): string {
  return value.toLocaleString('en-US', { style: 'currency', currency: 'USD', maximumFractionDigits: 9 })
}

/** Of what is only estimated, where more digits would promise too much. */
export const estimated = (value: number) => dollars(Number(value.toFixed(4)))

export function instant(date: Date): string {
  return date
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z/, 'Z')
}
