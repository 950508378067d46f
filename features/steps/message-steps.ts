import assert from 'node:assert/strict'
import { type DataTable, Given, Then, When } from '@cucumber/cucumber'
import type { AppendMessageInput, AppendOptions, MessageRole, SessionMessage } from '../../src/index.js'
import { sequencesOf } from '../support/sequences.js'
import type { HansardWorld } from '../support/world.js'

const said = (content: AppendMessageInput['content'], rest: Partial<AppendMessageInput> = {}): AppendMessageInput => ({
  role: 'user',
  content,
  ...rest,
})
const many = (count: number) => Array.from({ length: count }, (_, index) => said(`message ${index + 1}`))

async function append(
  world: HansardWorld,
  name: string,
  message: AppendMessageInput,
  options?: AppendOptions,
): Promise<void> {
  const appended = await world.attempt(() => world.sessions.appendMessage(world.id(name), message, options))
  if (appended) world.read = [appended]
}

function appendTurn(world: HansardWorld, name: string, turn: AppendMessageInput[]): Promise<unknown> {
  return world.attempt(() => world.sessions.appendMessages(world.id(name), turn))
}

async function allMessages(world: HansardWorld, name: string): Promise<SessionMessage[]> {
  return (await world.sessions.messages(world.id(name), { limit: 1000 })).items
}

Given('{string} holds {int} messages/message', async function (this: HansardWorld, name: string, count: number) {
  await this.sessions.appendMessages(this.id(name), many(count))
})

Given('{string} was given {int} more messages', async function (this: HansardWorld, name: string, count: number) {
  await this.sessions.appendMessages(this.id(name), many(count))
})

When('{string} is/was appended to {string}', function (this: HansardWorld, text: string, name: string) {
  return append(this, name, said(text))
})

When(
  '{string} is/was appended to {string} with the key {string}',
  function (this: HansardWorld, text: string, name: string, idempotencyKey: string) {
    return append(this, name, said(text), { idempotencyKey })
  },
)

When(
  '{string} is appended to {string} {int} times at once with the key {string}',
  async function (this: HansardWorld, text: string, name: string, times: number, idempotencyKey: string) {
    const once = () => this.sessions.appendMessage(this.id(name), said(text), { idempotencyKey })
    await Promise.all(Array.from({ length: times }, once))
  },
)

When(
  '{string} is appended to {string}, expecting {int} messages so far',
  function (this: HansardWorld, text: string, name: string, expectedSequence: number) {
    return append(this, name, said(text), { expectedSequence })
  },
)

When('{string}, said an hour ago, is appended to {string}', function (this: HansardWorld, text: string, name: string) {
  return append(this, name, said(text, { createdAt: new Date(this.clock.now().getTime() - 3_600_000) }))
})

When(
  '{int} messages are appended to {string} at once',
  async function (this: HansardWorld, count: number, name: string) {
    await Promise.all(many(count).map((message) => this.sessions.appendMessage(this.id(name), message)))
  },
)

When(
  '{int} openings of the store append {int} messages each to {string} at once',
  async function (this: HansardWorld, openings: number, count: number, name: string) {
    const stores = await Promise.all(Array.from({ length: openings }, () => this.openAnother()))
    const services = stores.map((store) => store.sessions(this.namespace))
    await Promise.all(
      services.flatMap((sessions) => many(count).map((message) => sessions.appendMessage(this.id(name), message))),
    )
  },
)

When(
  'another opening of the store appends {string} to {string}',
  async function (this: HansardWorld, text: string, name: string) {
    const other = await this.openAnother()
    await other.sessions(this.namespace).appendMessage(this.id(name), said(text))
  },
)

When(
  '{int} writers append to {string} at once, each expecting {int} message so far',
  async function (this: HansardWorld, writers: number, name: string, expectedSequence: number) {
    const write = (message: AppendMessageInput) =>
      this.sessions.appendMessage(this.id(name), message, { expectedSequence })
    this.outcomes = await Promise.allSettled(many(writers).map(write))
  },
)

Then(
  '{int} of them succeeded and {int} failed with {word}',
  function (this: HansardWorld, succeeded: number, failed: number, code: string) {
    const codes = this.outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason.code] : []))
    assert.equal(this.outcomes.length - codes.length, succeeded)
    assert.deepEqual(codes, Array(failed).fill(code))
  },
)

When('a turn is appended to {string}:', async function (this: HansardWorld, name: string, table: DataTable) {
  await appendTurn(
    this,
    name,
    table.raw().map(([role, content = '']) => ({ role: role as MessageRole, content })),
  )
})

When(
  'a short message and one of {int} bytes are appended to {string}',
  async function (this: HansardWorld, bytes: number, name: string) {
    // The quotes of the JSON text count as well.
    await appendTurn(this, name, [said('short'), said('x'.repeat(bytes - 2))])
  },
)

When('this content is appended to {string}:', function (this: HansardWorld, name: string, json: string) {
  return append(this, name, said(JSON.parse(json)))
})

const noJson: Record<string, () => unknown> = {
  'not a number': () => ({ list: [1, Number.NaN] }),
  'a date': () => ({ list: [1, new Date(0)] }),
  'a hole': () => ({ list: Object.assign(Array(2), { 0: 1 }) }),
  itself: () => {
    const list: unknown[] = [1]
    return { list: Object.assign(list, { 1: list }) }
  },
}

When(/^content with (.+) in it is appended to "(.+)"$/, function (this: HansardWorld, kind: string, name: string) {
  return appendTurn(this, name, [said(noJson[kind]?.() as never)])
})

When(
  'the answer of tool call {string} is appended to {string}, of {int} tokens and with metadata',
  function (this: HansardWorld, toolCallId: string, name: string, tokenCount: number) {
    return append(
      this,
      name,
      said({ rows: 3 }, { role: 'tool', toolCallId, tokenCount, metadata: { tool: 'query', b: 1, a: 2 } }),
    )
  },
)

Then(
  'message {int} of {string} answers tool call {string}, of {int} tokens and with metadata',
  async function (this: HansardWorld, sequence: number, name: string, toolCallId: string, tokenCount: number) {
    const message = (await allMessages(this, name)).find((each) => each.sequence === sequence)
    assert.deepEqual([message?.role, message?.toolCallId, message?.tokenCount], ['tool', toolCallId, tokenCount])
    assert.equal(JSON.stringify(message?.metadata), '{"tool":"query","b":1,"a":2}')
  },
)

Then('the append gave message {int}', function (this: HansardWorld, sequence: number) {
  assert.deepEqual(
    this.read.map((message) => message.sequence),
    [sequence],
  )
})

Then(
  'the content of message {int} of {string} is, to the letter:',
  async function (this: HansardWorld, sequence: number, name: string, json: string) {
    const message = (await allMessages(this, name)).find((each) => each.sequence === sequence)
    assert.equal(JSON.stringify(message?.content), JSON.stringify(JSON.parse(json)))
  },
)

Then('{string} reads:', async function (this: HansardWorld, name: string, table: DataTable) {
  const messages = await allMessages(this, name)
  assert.deepEqual(
    messages.map(({ sequence, role, content }) => [String(sequence), role, content]),
    table.raw(),
  )
})

Then('{string} has no messages', async function (this: HansardWorld, name: string) {
  assert.deepEqual(await allMessages(this, name), [])
  assert.equal((await this.session(name)).messageCount, 0)
})

Then('there is/are {int} message(s) in {string}', async function (this: HansardWorld, count: number, name: string) {
  assert.equal((await allMessages(this, name)).length, count)
  assert.equal((await this.session(name)).messageCount, count)
})

Then('{string} is numbered {string}', async function (this: HansardWorld, name: string, numbers: string) {
  assert.deepEqual(
    (await allMessages(this, name)).map(({ sequence }) => sequence),
    sequencesOf(numbers),
  )
})

Then(
  'message {int} of {string} was said an hour before message {int}',
  async function (this: HansardWorld, one: number, name: string, other: number) {
    const messages = await allMessages(this, name)
    const times = [one, other].map((sequence) => messages[sequence - 1]?.createdAt.getTime() ?? 0)
    assert.equal((times[1] ?? 0) - (times[0] ?? 0), 3_600_000)
  },
)

Then('the messages of {string} do not exist', async function (this: HansardWorld, name: string) {
  await this.attempt(() => this.sessions.messages(this.id(name)))
  this.claimFailure('SESSION_NOT_FOUND')
})

Then(
  'in the first namespace there are still {int} messages in {string}',
  async function (this: HansardWorld, count: number, name: string) {
    this.namespace = 'default'
    assert.equal((await allMessages(this, name)).length, count)
  },
)

When(
  '{string} is/was cut after message {int}',
  async function (this: HansardWorld, name: string, afterSequence: number) {
    this.removed = (await this.attempt(() => this.sessions.truncate(this.id(name), { afterSequence })))?.removed
  },
)

Then('{int} messages were taken back', function (this: HansardWorld, count: number) {
  assert.equal(this.removed, count)
})
