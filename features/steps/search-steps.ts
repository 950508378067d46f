import assert from 'node:assert/strict'
import { type DataTable, Given, Then, When } from '@cucumber/cucumber'
import type { SearchOptions } from '../../src/index.js'
import { foundFor, optionsOf, placesOf } from '../support/searches.js'
import type { HansardWorld } from '../support/world.js'

async function search(world: HansardWorld, query: string, options?: SearchOptions): Promise<void> {
  world.found = await world.attempt(() => world.searching.search(query, options))
}

When('one searches for {string}', function (this: HansardWorld, query: string) {
  return search(this, query)
})

When('one searches for {string} with', function (this: HansardWorld, query: string, table: DataTable) {
  return search(this, query, optionsOf(this, table.rowsHash()))
})

When('one searches for:', function (this: HansardWorld, query: string) {
  return search(this, query)
})

When('one searches for {int} words', function (this: HansardWorld, count: number) {
  return search(this, Array.from({ length: count }, (_, index) => `w${index}`).join(' '))
})

When('one searches for a word of {int} letters', function (this: HansardWorld, length: number) {
  return search(this, 'w'.repeat(length))
})

When('one searches for a word in {int} parentheses', function (this: HansardWorld, depth: number) {
  return search(this, `${'('.repeat(depth)}word${')'.repeat(depth)}`)
})

Then('these searches find:', async function (this: HansardWorld, table: DataTable) {
  for (const [query = '', found = ''] of table.raw()) assert.equal(await foundFor(this, query), found, query)
})

Then('searching for {string} finds {string}', async function (this: HansardWorld, query: string, found: string) {
  assert.equal(await foundFor(this, query), found)
})

Then(
  'searching for {string} with {word} {string} finds {string}',
  async function (this: HansardWorld, query: string, option: string, value: string, found: string) {
    assert.equal(await foundFor(this, query, optionsOf(this, { [option]: value })), found)
  },
)

Then('it finds {string}', function (this: HansardWorld, found: string) {
  assert.ok(this.found)
  assert.equal(placesOf(this, this.found).sort().join(', '), found)
})

Then('it finds {string}, in this order', function (this: HansardWorld, found: string) {
  assert.ok(this.found)
  assert.equal(placesOf(this, this.found).join(', '), found)
})

Then('it finds nothing', function (this: HansardWorld) {
  assert.deepEqual(this.found?.items, [])
})

Then('every word was found', function (this: HansardWorld) {
  assert.equal(this.found?.relaxed, false)
})

Then('only some of the words were found', function (this: HansardWorld) {
  assert.equal(this.found?.relaxed, true)
})

Then('the first snippet is {string}', function (this: HansardWorld, text: string) {
  const [item] = this.found?.items ?? []
  const { snippet = '', highlights = [] } = item ?? {}
  const marked = highlights.reduceRight(
    (marks, [start, end]) => `${marks.slice(0, start)}[${marks.slice(start, end)}]${marks.slice(end)}`,
    snippet,
  )
  assert.equal(marked, text)
})

Then('no snippet is longer than {int} characters', function (this: HansardWorld, length: number) {
  assert.ok(this.found?.items.length)
  for (const { snippet } of this.found.items) assert.ok(snippet.length <= length, snippet)
})

Then('what was found is a message of {string} by {string}, said now', function (this: HansardWorld, name, actor) {
  const [item] = this.found?.items ?? []
  assert.deepEqual(
    [item?.kind, item?.sessionId, item?.actorName, item?.time],
    ['message', this.id(name as string), actor, this.clock.now()],
  )
})

Then(
  'it is message {int} of {string} that was found',
  async function (this: HansardWorld, sequence: number, name: string) {
    const { items } = await this.sessions.messages(this.id(name), { after: sequence - 1, limit: 1 })
    assert.equal(this.found?.items[0]?.ref, items[0]?.id)
  },
)

Given(
  '{string} was said {int} times in {string}',
  async function (this: HansardWorld, text: string, count: number, name: string) {
    const messages = Array.from({ length: count }, () => ({ role: 'user' as const, content: text }))
    await this.sessions.appendMessages(this.id(name), messages)
  },
)

Given(
  'a message of {int} sentences about {string} and one about {string} was appended to {string}',
  async function (this: HansardWorld, count: number, rest: string, topic: string, name: string) {
    const content = `${`Much was said of ${rest}. `.repeat(count)}And of ${topic}.`
    await this.sessions.appendMessage(this.id(name), { role: 'user', content })
  },
)
