import assert from 'node:assert/strict'
import { Given, Then, When } from '@cucumber/cucumber'
import type { ListMessagesOptions, ListSessionsOptions, Page, Session } from '../../src/index.js'
import { sequencesOf } from '../support/sequences.js'
import type { HansardWorld } from '../support/world.js'

async function list(world: HansardWorld, options?: ListSessionsOptions): Promise<Page<Session> | undefined> {
  const page = await world.attempt(() => world.sessions.list(options))
  world.listed = page?.items ?? []
  world.nextCursor = page?.nextCursor
  return page
}

async function read(world: HansardWorld, name: string, options: ListMessagesOptions): Promise<void> {
  const page = await world.attempt(() => world.sessions.messages(world.id(name), options))
  world.read = page?.items ?? []
}

const ids = (sessions: Session[]) => sessions.map(({ id }) => id)

function assertListed(world: HansardWorld, names: string): void {
  assert.equal(world.listed.map((session) => world.nameOf(session)).join(', '), names)
}

Given('{int} sessions created at the same instant', async function (this: HansardWorld, count: number) {
  for (let index = 0; index < count; index++) await this.sessions.create({ actorName: 'ada' })
})

Then('the sessions are listed as {string}', async function (this: HansardWorld, names: string) {
  await list(this)
  assertListed(this, names)
})

Then('the listing shows {string}', function (this: HansardWorld, names: string) {
  assertListed(this, names)
})

When('the sessions are listed with the order {string}', async function (this: HansardWorld, order: string) {
  await list(this, { order: order as 'oldest' })
})

When('the sessions are listed with the actor {string}', async function (this: HansardWorld, actorName: string) {
  await list(this, { actorName })
})

When('the sessions are listed with the status {string}', async function (this: HansardWorld, status: string) {
  await list(this, { status: status as 'closed' })
})

When('the sessions are listed with the metadata:', async function (this: HansardWorld, metadata: string) {
  await list(this, { metadata: JSON.parse(metadata) })
})

When('the sessions created since {string} are listed', async function (this: HansardWorld, name: string) {
  const { createdAt } = await this.session(name)
  await list(this, { createdAfter: createdAt })
})

When(
  'the sessions created from {string} until {string} are listed',
  async function (this: HansardWorld, createdAfter: string, createdBefore: string) {
    await list(this, { createdAfter, createdBefore })
  },
)

/** Goes on to the last page, doing `between` before each further one. */
async function pageThrough(world: HansardWorld, limit: number, between = async () => {}): Promise<void> {
  world.pages = []
  for (let cursor: string | undefined; cursor !== undefined || world.pages.length === 0; await between()) {
    const page = await world.sessions.list({ limit, cursor })
    world.pages.push(page)
    cursor = page.nextCursor ?? undefined
    if (cursor === undefined) return
  }
}

When('the sessions are paged through by {int}', function (this: HansardWorld, limit: number) {
  return pageThrough(this, limit)
})

When(
  'the sessions are paged through by {int} while new ones are created',
  function (this: HansardWorld, limit: number) {
    return pageThrough(this, limit, async () => {
      this.clock.moveMinutes(1)
      await this.sessions.create({ actorName: 'bob' })
    })
  },
)

When('the sessions are paged through by {int} and back again', async function (this: HansardWorld, limit: number) {
  await pageThrough(this, limit)
  for (let cursor = this.pages.at(-1)?.previousCursor; cursor; cursor = this.pagesBack[0]?.previousCursor) {
    this.pagesBack.unshift(await this.sessions.list({ limit, cursor }))
  }
})

Then(
  '{int} sessions were seen on {int} pages, each once',
  function (this: HansardWorld, sessions: number, pages: number) {
    const seen = this.pages.flatMap(({ items }) => ids(items))
    assert.equal(this.pages.length, pages)
    assert.equal(seen.length, sessions)
    assert.equal(new Set(seen).size, sessions)
  },
)

Then('the pages seen on the way back were those seen on the way there', function (this: HansardWorld) {
  assert.deepEqual(
    this.pagesBack.map(({ items }) => ids(items)),
    this.pages.slice(0, -1).map(({ items }) => ids(items)),
  )
})

Given('a page of {int} session(s) has been read', async function (this: HansardWorld, limit: number) {
  await list(this, { limit })
})

When('the next page is read', async function (this: HansardWorld) {
  await list(this, { cursor: this.nextCursor ?? '' })
})

When('the next page is read with the actor {string}', async function (this: HansardWorld, actorName: string) {
  await list(this, { cursor: this.nextCursor ?? '', actorName })
})

When('the page at {string} is read', async function (this: HansardWorld, cursor: string) {
  await list(this, { cursor })
})

When('{string} is paged through by {int}', async function (this: HansardWorld, name: string, limit: number) {
  this.messagePages = []
  for (let after: number | null = 0; after !== null; ) {
    const page: Page<{ sequence: number }, number> = await this.sessions.messages(this.id(name), { after, limit })
    this.messagePages.push(page.items.map(({ sequence }) => sequence))
    after = page.nextCursor
  }
})

Then('the pages held messages {string}', function (this: HansardWorld, pages: string) {
  assert.deepEqual(this.messagePages, pages.split(', ').map(sequencesOf))
})

When('the messages of {string} are read after {int}', function (this: HansardWorld, name: string, after: number) {
  return read(this, name, { after })
})

When(
  'the messages of {string} are read after {int}, at most {int}',
  function (this: HansardWorld, name: string, after: number, limit: number) {
    return read(this, name, { after, limit })
  },
)

When('the messages of {string} are read before {int}', function (this: HansardWorld, name: string, before: number) {
  return read(this, name, { before })
})

When(
  'the messages of {string} are read before {int}, at most {int}',
  function (this: HansardWorld, name: string, before: number, limit: number) {
    return read(this, name, { before, limit })
  },
)

When(
  'the messages of {string} are read after {int} and before {int}',
  function (this: HansardWorld, name: string, after: number, before: number) {
    return read(this, name, { after, before })
  },
)

When(
  'the messages of {string} are read from the end, {int} of them',
  function (this: HansardWorld, name: string, latest: number) {
    return read(this, name, { latest })
  },
)

Then('messages {string} were read', function (this: HansardWorld, numbers: string) {
  assert.deepEqual(
    this.read.map(({ sequence }) => sequence),
    sequencesOf(numbers),
  )
})
