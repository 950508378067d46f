import assert from 'node:assert/strict'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { claudeRecords, jsonLines } from '../features/support/agent-sessions.js'
import { type Answer, TestService } from './http-service.js'
import { type TestStore, testOn } from './test-store.js'
import { Corpus } from './transcript-corpus.js'

const page = readFileSync(join(__dirname, '..', 'docs', 'http.md'), 'utf8')
const ulid = /\b01[0-9A-HJKMNP-TV-Z]{24}\b/g
const instant = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g

testOn('sqlite', 'the requests of docs/http.md give the answers that it shows', async (store) => {
  const service = await TestService.start(store)
  const ids = new Map<string, string>()
  const actual = (text: string) => text.replace(ulid, (id) => ids.get(id) ?? id)
  const blocks = [...page.matchAll(/^```http\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block)
  assert.ok(blocks.length >= 4)
  for (const block of blocks) {
    const [asked = '', shown = ''] = block.split(/^(?=HTTP\/1\.1 )/m)
    const request = parsed(actual(asked))
    const [method = '', path = ''] = request.first.split(' ')
    if (path.startsWith('/v1/transcripts')) await ingestOne(service, store)
    const answer = await service.raw({ method, path, headers: request.headers, body: request.body })
    learn(ids, parsed(shown).body.match(ulid) ?? [], answer.text.match(ulid) ?? [])
    assertShown(answer, actual(shown))
  }
})

/** What the page shows of transcripts: one in which a module was missing, and was then there. */
async function ingestOne({ hansard }: TestService, store: TestStore): Promise<void> {
  const corpus = new Corpus()
  store.afterwards(async () => rmSync(corpus.folder, { recursive: true }))
  const session = {
    ...{ id: 'login', project: 'shop', startedAt: new Date() },
    lines: [
      ['asks', 'Add a login page'],
      ['runs', 'node login.js'],
      ['fails', "Error: Cannot find module '/srv/shop/login.js'"],
      ['runs', 'node login.js'],
      ['returns', 'listening'],
    ] as const,
  }
  const path = corpus.write('login.jsonl', jsonLines(claudeRecords(session)))
  await hansard.transcripts.ingest({ paths: [path] })
}

/** Which id of the run stands for which of the page. */
function learn(ids: Map<string, string>, shown: string[], given: string[]): void {
  for (const [index, id] of shown.entries()) if (!ids.has(id)) ids.set(id, given[index] ?? '')
}

function assertShown(answer: Answer, text: string): void {
  const shown = parsed(text)
  assert.equal(answer.status, Number(shown.first.split(' ')[1]), answer.text)
  for (const [name, value] of Object.entries(shown.headers)) assert.equal(answer.headers[name.toLowerCase()], value)
  const plain = (body: string) => JSON.parse(body.replace(instant, 'then')) as unknown
  assert.deepEqual(plain(answer.text), plain(shown.body))
}

function parsed(text: string): { first: string; headers: Record<string, string>; body: string } {
  const [head = '', ...rest] = text.split('\n\n')
  const [first = '', ...lines] = head.split('\n')
  const headers = Object.fromEntries(lines.filter(Boolean).map((line) => line.split(/: (.*)/s).slice(0, 2)))
  return { first, headers: headers as Record<string, string>, body: rest.join('\n\n').trim() }
}
