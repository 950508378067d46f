import assert from 'node:assert/strict'
import { type DataTable, Given, Then, When } from '@cucumber/cucumber'
import { allPages, beside, eventOf, indexSize, placesOf } from '../support/searches.js'
import type { HansardWorld } from '../support/world.js'

Given('these events were recorded:', async function (this: HansardWorld, table: DataTable) {
  await beside(this, ({ activity }) => activity.recordAll(table.hashes().map(eventOf)))
})

When('the event at {string} is deleted', async function (this: HansardWorld, path: string) {
  await beside(this, async ({ activity }) => {
    const { items } = await activity.recent()
    const event = items.find((each) => each.path === path)
    assert.ok(event)
    await activity.delete(event.id)
  })
})

When('events older than a day are purged', async function (this: HansardWorld) {
  await beside(this, ({ activity }) => activity.purge({ olderThanMs: 24 * 60 * 60_000 }))
})

When('the search for {string} is read in pages of {int}', async function (this: HansardWorld, query, limit) {
  this.foundPages = await allPages(this, query as string, { limit: limit as number })
})

Then('the pages held {string} hits', function (this: HansardWorld, sizes: string) {
  assert.equal(this.foundPages.map(({ items }) => items.length).join(', '), sizes)
})

Then(
  'the pages together are what one page of {int} for {string} is',
  async function (this: HansardWorld, limit, query) {
    const whole = await this.searching.search(query as string, { limit: limit as number })
    const together = placesOf(this, { items: this.foundPages.flatMap(({ items }) => items) })
    assert.deepEqual(together, placesOf(this, whole))
    assert.equal(new Set(together).size, together.length)
  },
)

When('the first {int} hits for {string} are read', async function (this: HansardWorld, limit: number, query: string) {
  this.found = await this.searching.search(query, { limit })
  this.foundPages = [this.found]
})

When('the next {int} hits for {string} are read', async function (this: HansardWorld, limit: number, query: string) {
  const cursor = this.found?.nextCursor ?? undefined
  this.found = await this.attempt(() => this.searching.search(query, { limit, cursor }))
  if (this.found) this.foundPages.push(this.found)
})

Then('both pages together are {string}', function (this: HansardWorld, found: string) {
  const together = placesOf(this, { items: this.foundPages.flatMap(({ items }) => items) })
  assert.equal(together.sort().join(', '), found)
  assert.equal(this.found?.nextCursor, null)
})

Then('the index holds {int} entry/entries', async function (this: HansardWorld, count: number) {
  for (const size of await indexSize(this)) assert.equal(size, count)
})

When('the store is opened without searching {string}', function (this: HansardWorld, kind: string) {
  return this.openStore({ search: { [kind]: false } })
})
