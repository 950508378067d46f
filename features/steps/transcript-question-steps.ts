import assert from 'node:assert/strict'
import { type DataTable, Given, Then, When } from '@cucumber/cucumber'
import type { ErrorsOptions, TranscriptUsageOptions, UsageGrouping } from '../../src/index.js'
import { allEvents } from '../support/transcripts.js'
import type { HansardWorld } from '../support/world.js'

const dayOf = (instant: Date | null) => instant?.toISOString().slice(0, 10)

Then('the errors are:', async function (this: HansardWorld, table: DataTable) {
  const errors = await this.transcripts.errors()
  const rows = errors.map((error) => [
    ...[error.sample, String(error.count), String(error.transcripts), error.tools.join(', ')],
    ...[dayOf(error.firstAt), dayOf(error.lastAt), error.passedIn.join(', ')],
  ])
  assert.deepEqual(rows, table.rows())
})

Then('the errors with {string} came {string} times', async function (this: HansardWorld, filter: string, counts) {
  const errors = await this.transcripts.errors(JSON.parse(filter) as ErrorsOptions)
  assert.equal(errors.map(({ count }) => count).join(', '), counts)
})

Then('{string} was got past in {string}', async function (this: HansardWorld, template: string, uids: string) {
  const error = (await this.transcripts.errors()).find((each) => each.template === template)
  assert.equal(error?.passedIn.join(', '), uids)
})

async function assertUsage(world: HansardWorld, options: TranscriptUsageOptions, rows: string[][]): Promise<void> {
  const usages = await world.transcripts.usage(options)
  assert.deepEqual(
    usages.map(({ group, responses, inputTokens, cacheReadTokens, outputTokens }) =>
      [group, responses, inputTokens, cacheReadTokens, outputTokens].map(String),
    ),
    rows,
  )
}

Then('the usage by {word} is:', function (this: HansardWorld, by: UsageGrouping, table: DataTable) {
  return assertUsage(this, { by }, table.rows())
})

Then(
  'the usage by {word} {word} {string} is:',
  function (this: HansardWorld, by: UsageGrouping, bound: 'since' | 'until', instant: string, table: DataTable) {
    return assertUsage(this, { by, [bound]: instant }, table.rows())
  },
)

Then('there is no usage by {word}', function (this: HansardWorld, by: UsageGrouping) {
  return assertUsage(this, { by }, [])
})

When('the usage by {string} is asked for', async function (this: HansardWorld, by: UsageGrouping) {
  await this.attempt(() => this.transcripts.usage({ by }))
})

Then('the output tokens are:', async function (this: HansardWorld, table: DataTable) {
  const { items } = await this.transcripts.list({ limit: 1000 })
  const rows = items.map(({ uid, tokens }) => [uid, String(tokens.outputTokens)])
  assert.deepEqual(
    rows.sort(([one = ''], [other = '']) => (one < other ? -1 : 1)),
    table.raw(),
  )
})

Given('the folder {string} is of the domain {string}', function (this: HansardWorld, folder: string, domain: string) {
  return this.openStore({ transcripts: { domains: { [folder]: domain } } })
})

Given(
  'a million tokens of {string} cost {float} dollars read, {float} from the cache and {float} written',
  function (this: HansardWorld, model: string, inputTokens: number, cacheReadTokens: number, outputTokens: number) {
    const prices = { [model]: { inputTokens, cacheReadTokens, cacheWriteTokens: 0, outputTokens } }
    return this.openStore({ transcripts: { prices } })
  },
)

Then('the estimates by model are:', async function (this: HansardWorld, table: DataTable) {
  const usages = await this.transcripts.usage({ by: 'model' })
  const rows = usages.map(({ group, estimatedCostUsd, unpricedResponses }) => [
    ...[group, estimatedCostUsd, unpricedResponses].map(String),
  ])
  assert.deepEqual(rows, table.rows())
})

Then('{string} has cost {float} dollars', async function (this: HansardWorld, uid: string, dollars: number) {
  assert.equal((await this.transcripts.get(uid)).estimatedCostUsd, dollars)
})

Then('{string} was copied from {string}', async function (this: HansardWorld, uid: string, from: string) {
  assert.deepEqual((await this.transcripts.get(uid)).copiedFromUids, [from])
})

Then('{string} was read from {int} sources', async function (this: HansardWorld, uid: string, count: number) {
  assert.equal((await this.transcripts.get(uid)).sources.length, count)
})

Then('the output tokens of the events of {string} are {string}', async function (this: HansardWorld, uid, counts) {
  const tokens = (await allEvents(this, uid as string)).flatMap((event) => event.tokens ?? [])
  assert.equal(tokens.map(({ outputTokens }) => outputTokens).join(', '), counts)
})

Then(
  '{string} is {word}: {int} in seven days, {int} in the seven before',
  async function (this: HansardWorld, template: string, trend: string, recent: number, earlier: number) {
    const found = (await this.transcripts.errors()).find((error) => error.template === template)
    assert.deepEqual([found?.trend, found?.recentCount, found?.earlierCount], [trend, recent, earlier])
  },
)
