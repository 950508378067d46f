import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { storedFrame } from '../zstd-frame.js'

/** From 0 up to 1, the same sequence for the same seed. */
export type Random = () => number

export function seeded(seed: number): Random {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export const upTo = (random: Random, limit: number) => Math.floor(random() * limit)
const pick = <Each>(random: Random, of: readonly Each[]): Each => of[upTo(random, of.length)] as Each
const hex = (random: Random, digits: number) =>
  Array.from({ length: digits }, () => upTo(random, 16).toString(16)).join('')
const uuid = (random: Random) => [8, 4, 4, 4, 12].map((digits) => hex(random, digits)).join('-')
const at = (index: number) => new Date(Date.UTC(2026, 0, 1) + index * 1000).toISOString()

/** A line, and the words of it that must be found again. */
interface TellingLine {
  text: string
  word: string
  /** How the record names itself: of two that bear one name the later one counts. */
  name?: string
}

type WriteLines = (random: Random, id: string, count: number) => TellingLine[]

const texts = ['plain', 'with “quotes” and é', 'line\nbreaks\tand \\ signs', '日本語 😀', '{"json": [1, 2]}']
const worded = (random: Random) => {
  const word = `w${hex(random, 12)}`
  return { word, text: `${word} ${pick(random, texts).repeat(1 + upTo(random, 20))}` }
}

const claudeLines: WriteLines = (random, sessionId, count) => {
  let parentUuid: string | null = null
  return Array.from({ length: count }, (_, index) => {
    const { word, text } = worded(random)
    const [type, message] = pick(random, [
      ['user', { role: 'user', content: text }],
      ['user', { role: 'user', content: [{ type: 'tool_result', tool_use_id: `t${index}`, content: text }] }],
      [
        'assistant',
        { id: `m${index}`, role: 'assistant', content: [{ type: 'text', text }], usage: { output_tokens: 3 } },
      ],
    ] as const)
    const own = uuid(random)
    const record = { type, uuid: own, parentUuid, sessionId, timestamp: at(index), message }
    parentUuid = own
    return { word, text: JSON.stringify(record), name: `"uuid":"${own}"` }
  })
}

const codexItem = (random: Random, index: number, text: string): object =>
  pick(random, [
    { type: 'message', role: 'user', content: [{ type: 'input_text', text }] },
    { type: 'message', role: 'assistant', content: [{ type: 'output_text', text }] },
    { type: 'function_call_output', call_id: `c${index}`, output: text },
    { type: 'function_call', name: 'shell', call_id: `c${index}`, arguments: JSON.stringify({ command: [text] }) },
  ])

const codexLines: WriteLines = (random, id, count) =>
  Array.from({ length: count }, (_, index) => {
    const { word, text } = worded(random)
    const meta = { id, cwd: '/home/ann' }
    const payload = index === 0 ? meta : codexItem(random, index, text)
    const record = { timestamp: at(index), type: index === 0 ? 'session_meta' : 'response_item', payload }
    return { word: index === 0 ? '' : word, text: JSON.stringify(record) }
  })

/** As the agent wrote them before September 2025. */
const bareLines: WriteLines = (random, id, count) =>
  Array.from({ length: count }, (_, index) => {
    const { word, text } = worded(random)
    if (index === 0) return { word: '', text: JSON.stringify({ id, timestamp: at(0), instructions: null }) }
    return { word, text: JSON.stringify(codexItem(random, index, text)) }
  })

const grokLines: WriteLines = (random, _, count) =>
  Array.from({ length: count }, () => {
    const { word, text } = worded(random)
    const record = pick(random, [
      { type: 'user', content: [{ type: 'text', text }] },
      { type: 'assistant', content: text },
    ])
    return { word, text: JSON.stringify(record) }
  })

interface Kind {
  write: WriteLines
  name(id: string): string
  pack?(content: Buffer): Buffer
}

const rollout = (id: string) => `codex/rollout-2026-01-01T00-00-00-${id}.jsonl`
const kinds: readonly Kind[] = [
  { write: claudeLines, name: (id) => `claude/${id}.jsonl` },
  { write: codexLines, name: rollout },
  { write: bareLines, name: rollout },
  { write: codexLines, name: (id) => `${rollout(id)}.zst`, pack: storedFrame },
  { write: grokLines, name: (id) => `grok/${id}/chat_history.jsonl` },
]

type Mutate = (random: Random, content: Buffer, other: Buffer) => Buffer

/** Somewhere in it, or just behind it. */
const place = (random: Random, content: Buffer) => upTo(random, content.length + 1)
const put = (content: Buffer, at: number, piece: Buffer) =>
  Buffer.concat([content.subarray(0, at), piece, content.subarray(at)])
const linesOf = (content: Buffer) => content.toString('latin1').split('\n')
const joined = (lines: string[]) => Buffer.from(lines.join('\n'), 'latin1')

/** A stretch of one file, of any length. */
function stretch(random: Random, content: Buffer): Buffer {
  const start = place(random, content)
  return content.subarray(start, start + upTo(random, content.length - start + 1))
}

const fragments = [
  '\0',
  '\0'.repeat(700),
  '\ufeff',
  '\\ud83d',
  '"\\udc00"',
  '\r',
  '\u2028',
  '{',
  '}',
  '"',
  '[[[[',
  '\n',
  '\n\n',
  '{"type":',
]
const bytes = [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xf0, 0x9f, 0x98], [0xc0, 0x80]]

const mutations: readonly Mutate[] = [
  (random, content) => {
    const flipped = Buffer.from(content)
    for (let count = 1 + upTo(random, 8); count > 0; count--) {
      const where = upTo(random, flipped.length)
      flipped[where] = (flipped[where] ?? 0) ^ (1 << upTo(random, 8))
    }
    return flipped
  },
  (random, content) => content.subarray(0, place(random, content)),
  (random, content) => content.subarray(place(random, content)),
  (random, content) => put(content, place(random, content), Buffer.from(pick(random, fragments))),
  (random, content) => put(content, place(random, content), Buffer.from(pick(random, bytes))),
  (random, content, other) => put(content, place(random, content), stretch(random, other)),
  (random, content) => put(content, place(random, content), stretch(random, content)),
  (random, content) => {
    const start = place(random, content)
    return Buffer.concat([content.subarray(0, start), content.subarray(start + upTo(random, 400))])
  },
  (random, content) => {
    const lines = linesOf(content)
    const line = pick(random, lines)
    lines.splice(upTo(random, lines.length + 1), 0, line)
    return joined(lines)
  },
  (random, content) => {
    const lines = linesOf(content)
    const [line = ''] = lines.splice(upTo(random, lines.length), 1)
    lines.splice(upTo(random, lines.length + 1), 0, line)
    return joined(lines)
  },
  (random, content) => {
    const filled = Buffer.from(content)
    const start = place(random, content)
    return filled.fill(0, start, Math.min(filled.length, start + upTo(random, 2000)))
  },
]

/** A file that something befell, and the words of its lines that are as they were. */
export interface MutatedFile {
  path: string
  words: string[]
}

/** Writes the `index`th file below the folder; the same for the same seed. */
export function writeMutated(folder: string, seed: number, index: number): MutatedFile {
  const random = seeded(seed * 1_000_003 + index)
  const kind = kinds[index % kinds.length] as Kind
  const id = uuid(random)
  const telling = kind.write(random, id, 4 + upTo(random, 20))
  const other = pick(random, kinds).write(random, uuid(random), 6)
  const spliced = Buffer.from(other.map(({ text }) => `${text}\n`).join(''))
  let content = Buffer.from(telling.map(({ text }) => `${text}\n`).join(''))
  for (let count = 1 + upTo(random, 3); count > 0; count--) {
    if (content.length > 0) content = Buffer.from(pick(random, mutations)(random, content, spliced))
  }
  const whole = new Set(linesOf(content))
  const asWritten = telling.filter(({ text, name }) => {
    const line = Buffer.from(text).toString('latin1')
    return whole.has(line) && ![...whole].some((each) => each !== line && name && each.includes(name))
  })
  const words = asWritten.map(({ word }) => word).filter(Boolean)
  return { path: written(join(folder, kind.name(id)), kind.pack?.(content) ?? content), words }
}

/** Files that are not lines of text, with bytes changed anywhere: nothing of them need be left. */
export function writeMangled(folder: string, seed: number, index: number): string {
  const random = seeded(seed * 1_000_003 + index)
  const kind = pick(random, mangled)
  const content = pick(random, mutations)(random, kind.content(folder, random), randomBytes(64))
  return written(join(folder, kind.name(index, random)), content)
}

const mangled = [
  {
    name: (_: number, random: Random) => `${rollout(uuid(random))}.zst`,
    content: (_: string, random: Random) => storedFrame(randomText(random)),
  },
  { name: (index: number) => `grok${index}/grok.db`, content: (folder: string) => databaseBytes(folder, grokTables) },
  {
    name: (index: number) => `opencode${index}/opencode.db`,
    content: (folder: string) => databaseBytes(folder, opencodeTables),
  },
]

const randomText = (random: Random) =>
  Buffer.from(
    codexLines(random, uuid(random), 9)
      .map(({ text }) => `${text}\n`)
      .join(''),
  )

const grokTables = `create table sessions (id text primary key, created_at text); create table messages (session_id text, seq integer, role text, message_json text, created_at text);
  insert into sessions values ('s', '2026-01-01'); insert into messages values ('s', 1, 'user', '{"role":"user","content":"hello"}', '2026-01-01');`
const dated = 'time_created integer, time_updated integer'
const opencodeTables = `create table session (id text primary key, parent_id text, directory text, title text, version text, ${dated});
  create table message (id text primary key, session_id text, ${dated}, data text);
  create table part (id text primary key, message_id text, session_id text, ${dated}, data text);
  insert into session values ('s', null, '/w', 'hello', '1.18.0', 1, 1);
  insert into message values ('m', 's', 1, 1, '{"role":"user"}'), ('n', 's', 2, 2, '{"role":"assistant","time":{"created":2}}');
  insert into part values ('p', 'm', 's', 1, 1, '{"type":"text","text":"hello"}'), ('q', 'n', 's', 2, 2, '{"type":"text","text":"world"}');`
const seeds = new Map<string, Buffer>()

function databaseBytes(folder: string, tables: string): Buffer {
  const known = seeds.get(tables)
  if (known) return known
  const made = new Sqlite(written(join(folder, `seed-${seeds.size}.sqlite`), Buffer.alloc(0)))
  made.exec(tables)
  const bytes = made.serialize()
  made.close()
  seeds.set(tables, bytes)
  return bytes
}

function written(path: string, content: Buffer): string {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
  return path
}
