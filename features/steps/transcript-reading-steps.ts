import assert from 'node:assert/strict'
import { type DataTable, Then, When } from '@cucumber/cucumber'
import type { ListTranscriptsOptions, TranscriptEvent, TranscriptEventKind } from '../../src/index.js'
import type { HansardWorld } from '../support/world.js'

const kindsOf = (list: string) => list.split(', ') as TranscriptEventKind[]

Then('the transcripts with {string} are {string}', async function (this: HansardWorld, filter: string, uids: string) {
  const { items } = await this.transcripts.list(JSON.parse(filter) as ListTranscriptsOptions)
  assert.equal(items.map(({ uid }) => uid).join(', '), uids)
})

When('the transcripts with {string} are asked for', async function (this: HansardWorld, filter: string) {
  await this.attempt(() => this.transcripts.list(JSON.parse(filter) as ListTranscriptsOptions))
})

async function pageThrough(world: HansardWorld, limit: number, more: ListTranscriptsOptions = {}): Promise<void> {
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const going = cursor === undefined ? {} : { cursor, ...more }
    const page = await world.attempt(() => world.transcripts.list({ limit, ...going }))
    world.listedUids.push(...(page?.items ?? []).map(({ uid }) => uid))
    cursor = page?.nextCursor ?? null
  }
}

When('the transcripts are paged through by {int}', function (this: HansardWorld, limit: number) {
  return pageThrough(this, limit)
})

When('the transcripts are paged through by {int}, going on with one project', function (this: HansardWorld, limit) {
  return pageThrough(this, limit as number, { project: 'shop' })
})

Then('the pages of transcripts showed {string}', function (this: HansardWorld, uids: string) {
  assert.equal(this.listedUids.join(', '), uids)
})

When('{string} is asked for', async function (this: HansardWorld, uid: string) {
  await this.attempt(() => this.transcripts.get(uid))
})

Then('{string} is of {string} and began at {string}', async function (this: HansardWorld, uid, project, instant) {
  const found = await this.transcripts.get(uid as string)
  assert.deepEqual(
    [found.uid, found.project, found.cwd, found.startedAt],
    [uid, project, `/srv/${project}`, new Date(instant as string)],
  )
})

/** Of calls the arguments stand in the text; of those of the scenarios the one that a reader looks for. */
function textOf({ body }: TranscriptEvent): string {
  const value: unknown = body?.startsWith('{') ? JSON.parse(body) : body
  if (typeof value !== 'object' || value === null) return String(value)
  const { command, file_path } = value as { command?: string; file_path?: string }
  return command ?? file_path ?? String(body)
}

Then(
  'the events of {string} after {int} are:',
  async function (this: HansardWorld, uid: string, after: number, table: DataTable) {
    const { items } = await this.transcripts.events(uid, { after, withBodies: true })
    assert.deepEqual(
      items.map((event) => ({ seq: String(event.seq), kind: event.kind, text: textOf(event) })),
      table.hashes(),
    )
  },
)

When('the events of {string} are paged through by {int}', async function (this: HansardWorld, uid: string, limit) {
  for (let after: number | null = 0; after !== null; ) {
    const page: { items: TranscriptEvent[]; nextCursor: number | null } = await this.transcripts.events(uid, {
      ...{ after, limit: limit as number },
    })
    this.eventPages.push(`${page.items[0]?.seq}-${page.items.at(-1)?.seq}`)
    after = page.nextCursor
  }
})

Then('the pages held events {string}', function (this: HansardWorld, pages: string) {
  assert.equal(this.eventPages.join(', '), pages)
})

Then(
  'the events of {string} of the kinds {string} are {int} and {int}',
  async function (this: HansardWorld, uid: string, kinds: string, one: number, other: number) {
    const { items } = await this.transcripts.events(uid, { kinds: kindsOf(kinds) })
    assert.deepEqual(
      items.map(({ seq, body }) => [seq, body]),
      [
        [one, null],
        [other, null],
      ],
    )
  },
)

When('the events of {string} of the kinds {string} are asked for', async function (this: HansardWorld, uid, kinds) {
  await this.attempt(() => this.transcripts.events(uid as string, { kinds: kindsOf(kinds as string) }))
})

Then(
  'event {int} of {string} has a summary of {int} letters and a text of {int}',
  async function (this: HansardWorld, seq: number, uid: string, summary: number, text: number) {
    const [event] = (await this.transcripts.events(uid, { after: seq - 1, limit: 1, withBodies: true })).items
    assert.deepEqual([event?.summary.length, event?.body?.length], [summary, text])
    assert.match(event?.bodyRef ?? '', /^sha256:[0-9a-f]{64}$/)
  },
)

Then('the digest of {string} has:', async function (this: HansardWorld, uid: string, json: string) {
  const expected = JSON.parse(json) as Record<string, unknown>
  const digest = Object.entries((await this.transcripts.digest(uid)) ?? {}).filter(([name]) => name in expected)
  assert.deepEqual(Object.fromEntries(digest), expected)
})

Then(
  'the digest of {string} cost {int} input and {int} output tokens',
  async function (this: HansardWorld, uid: string, input: number, output: number) {
    const { cost } = (await this.transcripts.digest(uid)) ?? {}
    assert.deepEqual([cost?.inputTokens, cost?.outputTokens], [input, output])
  },
)

Then('the last answer of {string} is {string}', async function (this: HansardWorld, uid: string, answer: string) {
  assert.equal((await this.transcripts.digest(uid))?.lastAnswer, answer)
})

When('the digest of {string} is asked for', async function (this: HansardWorld, uid: string) {
  await this.attempt(() => this.transcripts.digest(uid))
})
