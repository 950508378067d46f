import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { claudeLines } from '../src/infrastructure/readers/claude/claude-records.js'
import { codexLines } from '../src/infrastructure/readers/codex/codex-records.js'
import type { LineFlavor } from '../src/infrastructure/readers/line-records.js'
import { eventsOf, readBytes } from './reader-files.js'
import { tally } from './transcript-tally.js'

/** A piece of a file: its bytes, how many malformed lines it is, and the words that must be found again. */
interface Piece {
  bytes: Buffer
  malformed: number
  words: string[]
}

interface Writer {
  flavor: () => LineFlavor<unknown>
  line(word: string): string
}

const writers: Record<string, Writer> = {
  claude: {
    flavor: () => claudeLines('s') as LineFlavor<unknown>,
    line: (word) =>
      JSON.stringify({
        type: 'user',
        uuid: word,
        parentUuid: null,
        sessionId: 's',
        message: { role: 'user', content: [{ type: 'text', text: word }] },
      }),
  },
  codex: {
    flavor: () => codexLines('s') as LineFlavor<unknown>,
    line: (word) =>
      JSON.stringify({
        timestamp: '2026-01-02T03:04:05.000Z',
        type: 'response_item',
        payload: { type: 'message', role: 'user', content: [{ type: 'input_text', text: word }] },
      }),
  },
}

/** Each gives a piece from two good lines, their words, and a number to cut or fill by. */
const damages: ((good: [string, string], words: [string, string], size: number) => Piece)[] = [
  ([a], [word]) => ({ bytes: Buffer.from(`${a}\n`), malformed: 0, words: [word] }),
  ([a], [word]) => ({ bytes: Buffer.from(`${a}\r\n`), malformed: 0, words: [word] }),
  () => ({ bytes: Buffer.from('  \n\n'), malformed: 0, words: [] }),
  ([a], _, size) => ({ bytes: Buffer.from(`${a.slice(0, 1 + (size % (a.length - 1)))}\n`), malformed: 1, words: [] }),
  ([a, b], words) => ({ bytes: Buffer.from(`${a}${b}\n`), malformed: 1, words }),
  ([a, b], [, word], size) => ({
    bytes: Buffer.from(`${a.slice(0, 1 + (size % (a.length - 1)))}${b}\n`),
    malformed: 1,
    words: [word],
  }),
  ([a, b], [word], size) => ({
    bytes: Buffer.from(`${a}${b.slice(0, 1 + (size % (b.length - 1)))}\n`),
    malformed: 1,
    words: [word],
  }),
  ([a], [word], size) => ({
    bytes: Buffer.from(`${'\0'.repeat(1 + (size % 5000))}${a}\n`),
    malformed: 1,
    words: [word],
  }),
  ([a], [word]) => {
    const bytes = Buffer.from(`${a}\n`)
    bytes[bytes.lastIndexOf(word) + word.length - 1] = 0xff
    return { bytes, malformed: 1, words: [word.slice(0, -1)] }
  },
  ([a], [word]) => ({ bytes: Buffer.from(`${a.replace(word, `${word}\\ud83d`)}\n`), malformed: 0, words: [word] }),
  ([a], [word], size) => ({
    bytes: Buffer.from(`${a.slice(0, -1)},"deep":${'['.repeat(size + 1)}${']'.repeat(size + 1)}}\n`),
    malformed: 0,
    words: [word],
  }),
  (_good, _words, size) => ({ bytes: Buffer.from(`x${'{"'.repeat(size % 500)}\n`), malformed: 1, words: [] }),
  () => ({ bytes: Buffer.from('[1, {"type":"user"}]\n'), malformed: 1, words: [] }),
  () => ({ bytes: Buffer.from('\0\0\0\n'), malformed: 1, words: [] }),
]

const damaged = (writer: Writer) =>
  fc.array(fc.tuple(fc.nat(damages.length - 1), fc.nat(20_000)), { maxLength: 12 }).map((choices) =>
    choices.map(([which, size], index) => {
      const words: [string, string] = [`first${index}word`, `other${index}word`]
      const good = words.map((word) => writer.line(word)) as [string, string]
      return damages[which]?.(good, words, size) as Piece
    }),
  )

for (const [name, writer] of Object.entries(writers)) {
  test(`${name}: whatever befell a file, no whole record is lost and each bad line is counted`, async () => {
    await fc.assert(
      fc.asyncProperty(damaged(writer), async (pieces) => {
        const content = Buffer.concat(pieces.map(({ bytes }) => bytes))
        const { records, cursor, pendingLines } = await readBytes(content, writer.flavor())
        const bodies = eventsOf(records).map(({ body }) => body)
        for (const word of pieces.flatMap(({ words }) => words)) {
          assert.ok(
            bodies.some((body) => body.includes(word)),
            `${word} is lost`,
          )
        }
        assert.equal(
          tally(records).malformedLines,
          pieces.reduce((sum, { malformed }) => sum + malformed, 0),
        )
        assert.deepEqual([cursor.byteOffset, pendingLines], [content.length, 0])
      }),
      { numRuns: 150 },
    )
  })

  test(`${name}: cut at every byte and gone on with, a file gives what it gives at once`, async () => {
    const [a, b] = [writer.line('alpha'), writer.line('beta')]
    const damage = damages.map((make, n) => make([a, b], ['alpha', 'beta'], 3 + n).bytes)
    const content = Buffer.concat([Buffer.from('\uFEFF'), ...damage, Buffer.from(a)])
    const whole = await readBytes(content, writer.flavor())
    for (let at = 0; at <= content.length; at++) {
      const before = await readBytes(content.subarray(0, at), writer.flavor())
      const after = await readBytes(content, writer.flavor(), { cursor: before.cursor })
      const joined = [...before.records, ...after.records]
      assert.deepEqual(tally(joined), tally(whole.records), `cut at ${at}`)
      assert.deepEqual(textsByKey(joined), textsByKey(whole.records), `cut at ${at}`)
      assert.deepEqual({ ...after.cursor, state: null }, { ...whole.cursor, state: null }, `cut at ${at}`)
    }
  })
}

function textsByKey(records: Parameters<typeof eventsOf>[0]): [string, string][] {
  const texts = new Map(eventsOf(records).map(({ key, body }) => [key, body]))
  return [...texts].sort(([a], [b]) => (a < b ? -1 : 1))
}

test('a line of nothing but beginnings is given up in time', async () => {
  const content = Buffer.from(`${'{"type":"user",'.repeat(100_000)}\n`)
  const started = performance.now()
  const { records } = await readBytes(content, claudeLines('s'))
  assert.equal(tally(records).malformedLines, 1)
  assert.ok(performance.now() - started < 10_000)
})
