import assert from 'node:assert/strict'
import { type DataTable, Given, Then, When } from '@cucumber/cucumber'
import type { CreateSessionInput, SessionStatus } from '../../src/index.js'
import { fullSession, makeFullSession } from '../support/full-session.js'
import type { HansardWorld } from '../support/world.js'

const noTokens = {
  inputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
  estimatedCostUsd: 0,
}

async function create(world: HansardWorld, name: string, input: Partial<CreateSessionInput> = {}): Promise<void> {
  world.remember(name, await world.attempt(() => world.sessions.create({ actorName: 'ada', ...input })))
}

Given('a session {string}', function (this: HansardWorld, name: string) {
  return create(this, name)
})

Given('a session {string} known as {string}', function (this: HansardWorld, name: string, externalId: string) {
  return create(this, name, { externalId })
})

Given('a session {string} with all that a session can have', async function (this: HansardWorld, name: string) {
  this.remember(name, await makeFullSession(this.sessions))
})

Given('these sessions, a minute apart:', async function (this: HansardWorld, table: DataTable) {
  for (const { name = '', actor: actorName = '', metadata = '{}' } of table.hashes()) {
    await create(this, name, { actorName, metadata: JSON.parse(metadata) })
    this.clock.moveMinutes(1)
  }
})

When('the session {string} is created for {string}', function (this: HansardWorld, name: string, actorName: string) {
  return create(this, name, { actorName })
})

When(
  'the session {string} is/was created for {string} with the key {string}',
  function (this: HansardWorld, name: string, actorName: string, idempotencyKey: string) {
    return create(this, name, { actorName, idempotencyKey })
  },
)

When(
  'the session {string} is created, known as {string}',
  function (this: HansardWorld, name: string, externalId: string) {
    return create(this, name, { externalId })
  },
)

When(
  'the session {string} is created with an external id of {int} characters',
  function (this: HansardWorld, name: string, length: number) {
    return create(this, name, { externalId: 'x'.repeat(length) })
  },
)

When(
  'the session {string} is created with the metadata:',
  function (this: HansardWorld, name: string, metadata: string) {
    return create(this, name, { metadata: JSON.parse(metadata) })
  },
)

When(
  '{int} callers ask at once for the session known as {string}',
  async function (this: HansardWorld, callers: number, externalId: string) {
    const ask = () => this.sessions.getOrCreate({ actorName: 'ada', externalId })
    this.listed = await Promise.all(Array.from({ length: callers }, ask))
  },
)

Then('all of them got the same session', function (this: HansardWorld) {
  assert.equal(new Set(this.listed.map(({ id }) => id)).size, 1)
})

When('{string} is/was closed', async function (this: HansardWorld, name: string) {
  await this.attempt(() => this.sessions.update(this.id(name), { status: 'closed' }))
})

Given('{string} was archived', async function (this: HansardWorld, name: string) {
  await this.sessions.update(this.id(name), { status: 'archived' })
})

When('{string} is made active', async function (this: HansardWorld, name: string) {
  await this.attempt(() => this.sessions.update(this.id(name), { status: 'active' }))
})

When('{string} is/was deleted', async function (this: HansardWorld, name: string) {
  await this.attempt(() => this.sessions.delete(this.id(name)))
})

Then('{string} has the status {string}', async function (this: HansardWorld, name: string, status: SessionStatus) {
  assert.equal((await this.session(name)).status, status)
})

Then('{string} belongs to {string}', async function (this: HansardWorld, name: string, actorName: string) {
  assert.equal((await this.session(name)).actorName, actorName)
})

Then('the metadata of {string} is:', async function (this: HansardWorld, name: string, metadata: string) {
  assert.equal(JSON.stringify((await this.session(name)).metadata), JSON.stringify(JSON.parse(metadata)))
})

Then(
  'the session known as {string} is {string}',
  async function (this: HansardWorld, externalId: string, name: string) {
    assert.equal((await this.sessions.find({ externalId }))?.id, this.id(name))
  },
)

Then('no session is known as {string}', async function (this: HansardWorld, externalId: string) {
  assert.equal(await this.sessions.find({ externalId }), undefined)
})

Then('{string} and {string} are the same session', function (this: HansardWorld, one: string, other: string) {
  assert.equal(this.id(one), this.id(other))
})

Then('there is/are {int} session(s)', async function (this: HansardWorld, count: number) {
  const { items } = await this.sessions.list({ limit: 1000 })
  assert.equal(items.length, count)
})

Then('{string} does not exist', async function (this: HansardWorld, name: string) {
  assert.equal(await this.sessions.find({ id: this.id(name) }), undefined)
  await this.attempt(() => this.session(name))
  this.claimFailure('SESSION_NOT_FOUND')
})

Then('{string} has all that a session can have', async function (this: HansardWorld, name: string) {
  const { actorName, externalId, title, metadata } = await this.session(name)
  assert.equal(JSON.stringify({ actorName, externalId, title, metadata }), JSON.stringify(fullSession))
})

Then('{string} has used no tokens', async function (this: HansardWorld, name: string) {
  assert.deepEqual({ ...(await this.session(name)).tokenUsage }, noTokens)
})

Then('no row without a session is left in the store', async function (this: HansardWorld) {
  for (const table of [
    'session_messages',
    'session_usage',
    'session_metadata',
    'session_truncations',
    'idempotency_keys',
  ]) {
    assert.deepEqual(await this.storage.execute(`select * from ${table}`), [], table)
  }
})
