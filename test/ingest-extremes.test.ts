import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { jumble } from './secret-examples.js'
import { type TestStore, testOnBoth } from './test-store.js'
import { Corpus, lines } from './transcript-corpus.js'

const file = '0a1b2c3d-4e5f-4061-8071-2a3b4c5d6e7f.jsonl'

function written(store: TestStore, records: object[]): string {
  const corpus = new Corpus()
  store.afterwards(async () => rmSync(corpus.folder, { recursive: true }))
  return corpus.write(file, lines(records))
}

const prompt = (sessionId: string) => ({ type: 'user', uuid: 'a', sessionId, message: { role: 'user', content: 'Hi' } })

testOnBoth('an id that is too long is cut beside a character of two units, not through it', async (store) => {
  const hansard = await store.open()
  const path = written(store, [prompt(`${'a'.repeat(199)}😀${'b'.repeat(100)}`)])
  const [ingested] = (await hansard.transcripts.ingest({ paths: [path] })).transcripts
  const { uid } = ingested ?? assert.fail()
  assert.ok(uid.startsWith(`claude:${'a'.repeat(199)}`) && uid.isWellFormed())
  assert.equal((await hansard.transcripts.events(uid)).items.length, 1)
})

testOnBoth('a name that is cut was looked through before: what is left of a secret is hidden too', async (store) => {
  const hansard = await store.open()
  const secret = ['gh', 'p_', jumble(36)].join('')
  const name = `${'n'.repeat(229)} ${secret}`
  const call = { type: 'tool_use', id: name, name, input: {} }
  const path = written(store, [
    { type: 'assistant', uuid: 'a', sessionId: 's', message: { role: 'assistant', content: [call] } },
  ])
  await hansard.transcripts.ingest({ paths: [path] })
  const [event] = (await hansard.transcripts.events('claude:s')).items
  assert.match(event?.tool ?? '', /^n{229} \[redacted:github:/)
  assert.match(event?.toolCallId ?? '', /^n{229} \[redacted:github:/)
  assert.ok((event?.tool?.length ?? 0) <= 255)
})

testOnBoth('counts of tokens that nobody can have spent do not keep sums from being made', async (store) => {
  const hansard = await store.open()
  const most = Number.MAX_SAFE_INTEGER
  const usage = { input_tokens: most, output_tokens: most, cache_read_input_tokens: most }
  const answer = (index: number) => ({
    ...{ type: 'assistant', uuid: `a${index}`, sessionId: 's' },
    message: { id: `m${index}`, role: 'assistant', model: 'x', content: 'Hi', usage },
  })
  const path = written(
    store,
    Array.from({ length: 1_100 }, (_, index) => answer(index)),
  )
  const { totals } = await hansard.transcripts.ingest({ paths: [path] })
  assert.equal(totals.tokens.outputTokens, 1_100e12)
  const [used] = await hansard.transcripts.usage({ by: 'model' })
  assert.deepEqual([used?.responses, used?.outputTokens], [1_100, 1_100e12])
})
