import assert from 'node:assert/strict'
import { Given, Then, When } from '@cucumber/cucumber'
import type { ForkOptions } from '../../src/index.js'
import { Follower, openOnHostConnection } from '../support/hosts.js'
import { sequencesOf } from '../support/sequences.js'
import { damages } from '../support/tampering.js'
import type { HansardWorld } from '../support/world.js'

async function fork(world: HansardWorld, parent: string, name: string, options?: ForkOptions): Promise<void> {
  world.remember(name, await world.attempt(() => world.sessions.fork(world.id(parent), options)))
}

When('{string} is/was forked as {string}', function (this: HansardWorld, parent: string, name: string) {
  return fork(this, parent, name)
})

When(
  '{string} is forked after message {int} as {string}',
  function (this: HansardWorld, parent: string, atSequence: number, name: string) {
    return fork(this, parent, name, { atSequence })
  },
)

When(
  '{string} is forked as {string} with the key {string}',
  function (this: HansardWorld, parent: string, name: string, idempotencyKey: string) {
    return fork(this, parent, name, { idempotencyKey })
  },
)

Then(
  '{string} was forked from message {int} of {string}',
  async function (this: HansardWorld, name: string, sequence: number, parent: string) {
    assert.deepEqual((await this.session(name)).forkedFrom, { sessionId: this.id(parent), sequence })
  },
)

Given(/^somebody (.+) behind the store's back$/, async function (this: HansardWorld, damage: string) {
  await this.storage.execute(damages[damage] ?? '')
})

When('{string} is verified', async function (this: HansardWorld, name: string) {
  this.verified = await this.attempt(() => this.sessions.verify(this.id(name)))
})

Then('{string} is sound', async function (this: HansardWorld, name: string) {
  assert.deepEqual((await this.sessions.verify(this.id(name))).problems, [])
})

Then('the problem {string} is reported', function (this: HansardWorld, problem: string) {
  assert.equal(this.verified?.ok, false)
  assert.ok(
    this.verified?.problems.some(({ code }) => code === problem),
    JSON.stringify(this.verified?.problems),
  )
})

Given('{string} is being followed', function (this: HansardWorld, name: string) {
  this.follower = new Follower(this.sessions, this.id(name))
})

Given('{string} is being followed after message {int}', function (this: HansardWorld, name: string, after: number) {
  this.follower = new Follower(this.sessions, this.id(name), after)
})

Then('the follower gets messages {string}', async function (this: HansardWorld, numbers: string) {
  const expected = sequencesOf(numbers)
  assert.deepEqual(await this.follower.take(expected.length), expected)
})

When('the follower stops', function (this: HansardWorld) {
  this.follower.stop()
})

Then('the follower has come to an end', async function (this: HansardWorld) {
  await this.follower.ended
})

Given('the host opened the store on its own connection', async function (this: HansardWorld) {
  this.host = await openOnHostConnection(this)
})

When('the host appends {string} to {string} and commits', function (this: HansardWorld, text: string, name: string) {
  return this.host.transact(({ sessions }) => sessions.appendMessage(this.id(name), { role: 'user', content: text }))
})

When(
  'the host appends {string} to {string} and rolls back',
  async function (this: HansardWorld, content: string, name: string) {
    const change = new Error('The host has changed its mind')
    const work = this.host.transact(async ({ sessions }) => {
      await sessions.appendMessage(this.id(name), { role: 'user', content })
      throw change
    })
    await assert.rejects(work, change)
  },
)

When(
  'the host meets a conflict on {string}, appends {string} all the same and commits',
  async function (this: HansardWorld, name: string, content: string) {
    await this.host.transact(async ({ sessions }) => {
      const early = sessions.appendMessage(
        this.id(name),
        { role: 'user', content: 'Too early' },
        { expectedSequence: 9 },
      )
      await assert.rejects(early, { code: 'SEQUENCE_CONFLICT' })
      await sessions.appendMessage(this.id(name), { role: 'user', content })
    })
  },
)

When(
  'the host appends to {string} outside its transaction while that is open',
  async function (this: HansardWorld, name: string) {
    const outside = () => this.sessions.appendMessage(this.id(name), { role: 'user', content: 'Outside' })
    await this.host.transact(() => this.attempt(outside))
  },
)

Then('the host can still use its connection', async function (this: HansardWorld) {
  assert.equal((await this.host.connection.query('select 1 as one'))[0].one, 1)
})
