import assert from 'node:assert/strict'
import { Given, Then, When } from '@cucumber/cucumber'
import {
  contextName,
  everythingStored,
  multibyteContext,
  openContext,
  readContext,
  sha256,
} from '../support/contexts.js'
import type { HansardWorld } from '../support/world.js'

const minuteMs = 60_000

Given('a context {string}', function (this: HansardWorld, name: string) {
  return openContext(this, name)
})

Given('a context {string} of {string}', function (this: HansardWorld, name: string, subjectId: string) {
  return openContext(this, name, { subjectId })
})

Given('a context {string} holding:', function (this: HansardWorld, name: string, json: string) {
  return openContext(this, name, { savedContext: JSON.parse(json) })
})

Given('a context {string} that lives for {int} minutes', function (this: HansardWorld, name: string, minutes: number) {
  return openContext(this, name, { ttlMs: minutes * minuteMs })
})

Given(
  'a sliding context {string} that lives for {int} minutes',
  function (this: HansardWorld, name: string, minutes: number) {
    return openContext(this, name, { ttlMs: minutes * minuteMs, sliding: true })
  },
)

When('the context {string} is opened', function (this: HansardWorld, name: string) {
  return openContext(this, name)
})

When('the context {string} is opened holding:', function (this: HansardWorld, name: string, json: string) {
  return openContext(this, name, { savedContext: JSON.parse(json) })
})

When('the context {string} is opened for {string}', function (this: HansardWorld, name: string, subjectId: string) {
  return openContext(this, name, { subjectId })
})

When(
  'the context {string} is opened with a lifetime of {int} ms',
  function (this: HansardWorld, name: string, ttlMs: number) {
    return openContext(this, name, { ttlMs })
  },
)

When(
  'the context {string} is/was opened with a multibyte saved context of {int} bytes',
  function (this: HansardWorld, name: string, bytes: number) {
    return openContext(this, name, { savedContext: multibyteContext(bytes) })
  },
)

When('the context {string} is/was opened with {int} keys', function (this: HansardWorld, name: string, count: number) {
  const keys = Array.from({ length: count }, (_, index) => [`key ${index}`, index])
  return openContext(this, name, { savedContext: Object.fromEntries(keys) })
})

When(
  'the context {string} is/was opened with the key {string}',
  function (this: HansardWorld, name: string, idempotencyKey: string) {
    return openContext(this, name, { idempotencyKey })
  },
)

When(
  'the context {string} is opened for {string} with the key {string}',
  function (this: HansardWorld, name: string, subjectId: string, idempotencyKey: string) {
    return openContext(this, name, { subjectId, idempotencyKey })
  },
)

When('{int} callers open a context at once', async function (this: HansardWorld, callers: number) {
  this.outcomes = await Promise.allSettled(Array.from({ length: callers }, () => this.contexts.open()))
})

When(
  '{int} callers open a context at once with the key {string}',
  async function (this: HansardWorld, callers: number, idempotencyKey: string) {
    const open = () => this.contexts.open({ idempotencyKey })
    const opened = await Promise.all(Array.from({ length: callers }, open))
    for (const [index, opening] of opened.entries()) this.openings.set(`caller ${index}`, opening)
  },
)

Then('{int} of their tokens leads to it', async function (this: HansardWorld, count: number) {
  const reads = [...this.openings.values()].map(({ stateToken }) => this.contexts.get(stateToken))
  const found = (await Promise.allSettled(reads)).filter(({ status }) => status === 'fulfilled')
  assert.equal(found.length, count)
})

When('the context {string} is read', async function (this: HansardWorld, name: string) {
  this.context = await this.attempt(() => readContext(this, name))
})

When('the context {string} is read for {string}', async function (this: HansardWorld, name: string, subjectId: string) {
  this.context = await this.attempt(() => this.contexts.get(this.token(name), { subjectId }))
})

When('the context of the token {string} is read', async function (this: HansardWorld, token: string) {
  await this.attempt(() => this.contexts.get(token))
})

When('the context {string} is/was closed', async function (this: HansardWorld, name: string) {
  this.context = await this.attempt(() => this.contexts.close(this.token(name)))
})

When(
  'the context {string} is/was closed for {string}',
  async function (this: HansardWorld, name: string, subjectId: string) {
    this.context = await this.attempt(() => this.contexts.close(this.token(name), { subjectId }))
  },
)

When('{int} callers close {string} at once', async function (this: HansardWorld, callers: number, name: string) {
  const close = () => this.contexts.close(this.token(name))
  this.outcomes = await Promise.allSettled(Array.from({ length: callers }, close))
})

Then('the context {string} can be read', async function (this: HansardWorld, name: string) {
  assert.equal((await readContext(this, name)).id, this.opening(name).id)
})

Then('the context was read', function (this: HansardWorld) {
  assert.equal(this.context?.status, 'open')
})

Then('the context {string} is not found', async function (this: HansardWorld, name: string) {
  await this.attempt(() => readContext(this, name))
  this.claimFailure('CONTEXT_NOT_FOUND')
})

Then('it fails with {word} without naming the token', function (this: HansardWorld, code: string) {
  assert.doesNotMatch(JSON.stringify(this.claimFailure(code)), /[0-9a-f]{32}/)
})

Then('the saved context of {string} is:', async function (this: HansardWorld, name: string, json: string) {
  const { savedContext } = await readContext(this, name)
  assert.equal(JSON.stringify(savedContext), JSON.stringify(JSON.parse(json)))
})

Then('the saved context of {string} has {int} bytes', async function (this: HansardWorld, name: string, bytes: number) {
  const { savedContext } = await readContext(this, name)
  assert.equal(Buffer.byteLength(JSON.stringify(savedContext)), bytes)
})

Then(
  'the saved context of {string} has {int} members',
  async function (this: HansardWorld, name: string, count: number) {
    assert.equal(Object.keys((await readContext(this, name)).savedContext).length, count)
  },
)

Then(
  '{string} is at version {int} with {int} step(s)',
  async function (this: HansardWorld, name: string, version: number, stepCount: number) {
    const context = await readContext(this, name)
    assert.deepEqual([context.status, context.version, context.stepCount], ['open', version, stepCount])
  },
)

Then(
  'the closing gave the steps {string} and the saved context:',
  function (this: HansardWorld, actions: string, json: string) {
    const { status, steps = [], savedContext } = this.context ?? {}
    assert.equal(status, 'closed')
    assert.equal(steps.map(({ action }) => action).join(', '), actions)
    assert.equal(JSON.stringify(savedContext), JSON.stringify(JSON.parse(json)))
  },
)

Then('{string} and {string} are the same context', function (this: HansardWorld, one: string, other: string) {
  assert.equal(this.opening(one).id, this.opening(other).id)
})

Then('{string} and {string} are different contexts', function (this: HansardWorld, one: string, other: string) {
  assert.notEqual(this.opening(one).id, this.opening(other).id)
})

Then(
  'the tokens of {string} and {string} are hexadecimal and differ',
  function (this: HansardWorld, one: string, other: string) {
    for (const name of [one, other]) assert.match(this.token(name), /^[0-9a-f]{32}$/)
    assert.notEqual(this.token(one), this.token(other))
  },
)

Then('no text in the store contains the token of {string}', async function (this: HansardWorld, name: string) {
  assert.ok(!(await everythingStored(this)).includes(this.token(name)))
})

Then('no text in the store contains {string}', async function (this: HansardWorld, text: string) {
  assert.ok(!(await everythingStored(this)).includes(text))
})

Then('the store knows the token of {string} by its SHA-256', async function (this: HansardWorld, name: string) {
  const rows = await this.storage.execute(`select token_hash from contexts where id = '${this.opening(name).id}'`)
  assert.deepEqual(
    rows.map(({ token_hash }) => token_hash),
    [sha256(this.token(name))],
  )
})

Then('the answer does not contain the token of {string}', function (this: HansardWorld, name: string) {
  assert.equal(contextName(this, this.context ?? { id: '' }), name)
  assert.ok(!JSON.stringify(this.context).includes(this.token(name)))
})
