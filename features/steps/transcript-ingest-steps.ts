import assert from 'node:assert/strict'
import { type DataTable, Given, Then, When } from '@cucumber/cucumber'
import { secretToken } from '../support/secret-token.js'
import { agentsOf, allEvents, allRows, allUids, ingest, toldOfAll } from '../support/transcripts.js'
import type { HansardWorld } from '../support/world.js'

When('the transcripts are/were ingested', async function (this: HansardWorld) {
  if (this.ingested) this.toldBefore = await toldOfAll(this)
  await ingest(this)
})

When('the transcripts of {string} are ingested', function (this: HansardWorld, flavor: string) {
  return ingest(this, { flavors: [flavor] })
})

When('the transcripts are/were ingested as they are', function (this: HansardWorld) {
  return ingest(this, { redact: false })
})

async function ingestOneByOne(world: HansardWorld, paths: string[]): Promise<void> {
  for (const path of paths) await ingest(world, { paths: [path] })
}

When('the files are ingested one by one from the last to the first', function (this: HansardWorld) {
  return ingestOneByOne(this, agentsOf(this).files.toReversed())
})

When(
  'the files are ingested one by one, and in another namespace from the last to the first',
  async function (this: HansardWorld) {
    const { files } = agentsOf(this)
    await ingestOneByOne(this, files)
    this.toldBefore = await toldOfAll(this)
    this.namespace = 'backwards'
    await ingestOneByOne(this, files.toReversed())
  },
)

Then('both namespaces tell the same {int} transcripts', async function (this: HansardWorld, count: number) {
  const told = await toldOfAll(this)
  assert.equal(told.length, count)
  assert.deepEqual(told, this.toldBefore)
})

Then('the transcripts are told as before', async function (this: HansardWorld) {
  assert.ok(this.toldBefore?.length)
  assert.deepEqual(await toldOfAll(this), this.toldBefore)
})

Then(
  'the ingest found {int} source(s): {int} read, {int} unchanged',
  function (this: HansardWorld, found: number, read: number, unchanged: number) {
    assert.deepEqual(this.ingested?.sources, { found, read, unchanged, refused: [], failed: [] })
  },
)

Then('there are the transcripts {string}', async function (this: HansardWorld, uids: string) {
  assert.equal((await allUids(this)).join(', '), uids)
})

Then('{string} has the figures:', async function (this: HansardWorld, uid: string, table: DataTable) {
  const { figures } = await this.transcripts.get(uid)
  const { userPrompts, toolCalls, toolResults, toolErrors, tokens } = figures
  const { inputTokens, cacheReadTokens, outputTokens } = tokens
  assert.deepEqual(
    [userPrompts, toolCalls, toolResults, toolErrors, inputTokens, cacheReadTokens, outputTokens].map(String),
    table.rows()[0],
  )
})

Then(
  '{string} has {int} events, {int} records and {int} malformed line(s)',
  async function (this: HansardWorld, uid: string, count: number, records: number, malformed: number) {
    const { figures, lastSeq } = await this.transcripts.get(uid)
    assert.deepEqual([lastSeq, figures.records, figures.malformedLines], [count, records, malformed])
    const events = await allEvents(this, uid)
    assert.deepEqual(
      events.map(({ seq }) => seq),
      events.map((_, index) => index + 1),
    )
    assert.equal(events.length, count)
  },
)

Then(
  '{string} has {int} oversized line of {int} MiB',
  async function (this: HansardWorld, uid: string, count: number, size: number) {
    const { oversizedLines, oversizedBytes } = (await this.transcripts.get(uid)).figures
    assert.deepEqual([oversizedLines, oversizedBytes], [count, size * 1024 * 1024])
  },
)

Then('{string} has {int} record of unknown type', async function (this: HansardWorld, uid: string, count: number) {
  assert.equal((await this.transcripts.get(uid)).figures.unknownTypes, count)
})

Then('{string} is of generation {int}', async function (this: HansardWorld, uid: string, generation: number) {
  assert.equal((await this.transcripts.get(uid)).generation, generation)
})

Then('{string} is told by {int} file(s)', async function (this: HansardWorld, uid: string, count: number) {
  assert.equal((await this.transcripts.get(uid)).sources.length, count)
})

Given('a GitHub token', async function (this: HansardWorld) {
  assert.ok(!(await allRows(this)).includes(secretToken.toLowerCase()))
})

Then('no row of the store holds the token', async function (this: HansardWorld) {
  const rows = await allRows(this)
  assert.ok(rows.includes('claude:login'))
  const token = secretToken.toLowerCase()
  for (const part of [token.slice(0, 12), token.slice(4)]) assert.ok(!rows.includes(part))
})

Then(
  'event {int} of {string} reads {string}',
  async function (this: HansardWorld, seq: number, uid: string, beginning: string) {
    const event = (await allEvents(this, uid))[seq - 1]
    assert.ok(event?.body?.startsWith(beginning) && event.summary.startsWith(beginning), event?.body ?? 'none')
  },
)

Then(
  '{string} hid {int} secrets of the kind {string}',
  async function (this: HansardWorld, uid: string, count: number, kind: string) {
    assert.deepEqual((await this.transcripts.get(uid)).redactions, { [kind]: count })
  },
)

Then('{int} events of {string} hold the same mark', async function (this: HansardWorld, count: number, uid: string) {
  const texts = (await allEvents(this, uid)).map(({ body }) => body ?? '')
  const marks = texts.flatMap((text) => text.match(/\[redacted:[a-z-]+:[0-9a-f]{4}\]/g) ?? [])
  assert.equal(marks.length, count)
  assert.equal(new Set(marks).size, 1)
})
