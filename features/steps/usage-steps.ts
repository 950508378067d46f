import assert from 'node:assert/strict'
import { type DataTable, Then, When } from '@cucumber/cucumber'
import type { TokenUsageInput, UsageOptions } from '../../src/index.js'
import type { HansardWorld } from '../support/world.js'

function add(world: HansardWorld, name: string, delta: TokenUsageInput, options?: UsageOptions): Promise<unknown> {
  return world.attempt(() => world.sessions.updateTokenUsage(world.id(name), delta, options))
}

When('usage is added to {string}:', async function (this: HansardWorld, name: string, table: DataTable) {
  for (const row of table.hashes()) await add(this, name, figures(row))
})

const figures = (row: Record<string, string>) =>
  Object.fromEntries(Object.entries(row).map(([key, value]) => [key, Number(value)]))

When(
  /^(-?[\d.]+|NaN) input tokens (?:are|were) added to "([^"]+)"$/,
  function (this: HansardWorld, tokens: string, name: string) {
    return add(this, name, { inputTokens: Number(tokens) })
  },
)

When(
  '{int} input tokens are/were added to {string} with the key {string}',
  function (this: HansardWorld, inputTokens: number, name: string, idempotencyKey: string) {
    return add(this, name, { inputTokens }, { idempotencyKey })
  },
)

When(
  '{int} input tokens are added to {string} {int} times at once',
  async function (this: HansardWorld, inputTokens: number, name: string, times: number) {
    const once = () => this.sessions.updateTokenUsage(this.id(name), { inputTokens })
    await Promise.all(Array.from({ length: times }, once))
  },
)

When(
  '{int} input tokens of {string} were added to {string}',
  function (this: HansardWorld, inputTokens: number, model: string, name: string) {
    return add(this, name, { inputTokens }, { model })
  },
)

When(
  'the usage of {string} is/was set to {int} input tokens',
  async function (this: HansardWorld, name: string, inputTokens: number) {
    await this.attempt(() => this.sessions.setTokenUsage(this.id(name), { inputTokens }))
  },
)

When(
  '{string} spent {int} input and {int} output tokens',
  function (this: HansardWorld, name: string, inputTokens: number, outputTokens: number) {
    return add(this, name, { inputTokens, outputTokens })
  },
)

When(
  'a message that cost {int} output tokens is appended to {string}',
  async function (this: HansardWorld, outputTokens: number, name: string) {
    await this.sessions.appendMessage(this.id(name), { role: 'assistant', content: 'Hello', usage: { outputTokens } })
  },
)

Then('the usage of {string} is:', async function (this: HansardWorld, name: string, table: DataTable) {
  assert.deepEqual({ ...(await this.session(name)).tokenUsage }, figures(table.hashes()[0] ?? {}))
})

Then('{string} has used {int} input tokens', async function (this: HansardWorld, name: string, tokens: number) {
  assert.equal((await this.session(name)).tokenUsage.inputTokens, tokens)
})

Then('{string} has used {int} output tokens', async function (this: HansardWorld, name: string, tokens: number) {
  assert.equal((await this.session(name)).tokenUsage.outputTokens, tokens)
})

Then(
  'the ledger of {string} has {int} entry/entries',
  async function (this: HansardWorld, name: string, count: number) {
    assert.equal((await this.sessions.verify(this.id(name))).usageEntries, count)
  },
)

Then('the input tokens by model are:', async function (this: HansardWorld, table: DataTable) {
  const { byModel } = await this.sessions.usage()
  assert.deepEqual(
    byModel.map(({ model, inputTokens }) => [model, String(inputTokens)]),
    table.raw(),
  )
})

Then('the input tokens by day are:', async function (this: HansardWorld, table: DataTable) {
  const { byDay } = await this.sessions.usage()
  assert.deepEqual(
    byDay.map(({ day, inputTokens }) => [day, String(inputTokens)]),
    table.raw(),
  )
})

Then('the input tokens of {string} by day are:', async function (this: HansardWorld, name: string, table: DataTable) {
  const { byDay } = await this.sessions.usage(this.id(name))
  assert.deepEqual(
    byDay.map(({ day, inputTokens }) => [day, String(inputTokens)]),
    table.raw(),
  )
})
