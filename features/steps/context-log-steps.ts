import assert from 'node:assert/strict'
import { type DataTable, Given, Then, When } from '@cucumber/cucumber'
import type { JsonInput, RunOptions, StepInput, SubjectOptions } from '../../src/index.js'
import { multibyteContext, readContext, sha256, stepOf, textOf } from '../support/contexts.js'
import { sequencesOf } from '../support/sequences.js'
import type { HansardWorld } from '../support/world.js'

async function record(world: HansardWorld, name: string, step: StepInput, options?: SubjectOptions): Promise<void> {
  world.recorded = await world.attempt(() => world.contexts.step(world.token(name), step, options))
}

const manySteps = (count: number) => Array.from({ length: count }, (_, index) => stepOf(`step ${index + 1}`))

When('the step {string} is/was recorded in {string}', function (this: HansardWorld, action: string, name: string) {
  return record(this, name, stepOf(action))
})

When(
  'the step {string} is recorded in {string} for {string}',
  function (this: HansardWorld, action: string, name: string, subjectId: string) {
    return record(this, name, stepOf(action), { subjectId })
  },
)

When(
  'the step {string} is/was recorded in {string} with the key {string}',
  function (this: HansardWorld, action: string, name: string, idempotencyKey: string) {
    return record(this, name, { ...stepOf(action), idempotencyKey })
  },
)

When(
  'the step {string} is recorded in {string} with the key {string} and the response {string}',
  function (this: HansardWorld, action: string, name: string, idempotencyKey: string, response: string) {
    return record(this, name, { ...stepOf(action), idempotencyKey, response })
  },
)

When(
  'the step {string} is recorded in {string}, keeping hashes alone',
  function (this: HansardWorld, action: string, name: string) {
    return record(this, name, { ...stepOf(action), hashOnly: true })
  },
)

Given(
  'the step {string} was recorded in {string} with the key {string}, keeping hashes alone',
  function (this: HansardWorld, action: string, name: string, idempotencyKey: string) {
    return record(this, name, { ...stepOf(action), idempotencyKey, hashOnly: true })
  },
)

Given(
  'the step {string} was recorded in {string} {int} minutes later',
  function (this: HansardWorld, action: string, name: string, minutes: number) {
    this.clock.moveMinutes(minutes)
    return record(this, name, stepOf(action))
  },
)

When(
  'the step {string} is recorded in {string} {int} times at once with the key {string}',
  async function (this: HansardWorld, action: string, name: string, times: number, idempotencyKey: string) {
    const once = () => this.contexts.step(this.token(name), { ...stepOf(action), idempotencyKey })
    await Promise.all(Array.from({ length: times }, once))
  },
)

When('this step is recorded in {string}:', function (this: HansardWorld, name: string, json: string) {
  return record(this, name, JSON.parse(json) as StepInput)
})

When(
  /^a step is recorded in "([^"]+)" of the request (\S+) alone$/,
  function (this: HansardWorld, name: string, request: string) {
    return record(this, name, { request: JSON.parse(request) as JsonInput })
  },
)

When(
  /^a step is recorded in "([^"]+)" of the request (\S+) and the response (\S+)$/,
  function (this: HansardWorld, name: string, request: string, response: string) {
    return record(this, name, { request: JSON.parse(request), response: JSON.parse(response) })
  },
)

When(
  'a step of {int} bytes of request and {int} of response is recorded in {string}',
  function (this: HansardWorld, request: number, response: number, name: string) {
    return record(this, name, { request: textOf(request), response: textOf(response) })
  },
)

Given('{int} steps were recorded in {string}', async function (this: HansardWorld, count: number, name: string) {
  for (const step of manySteps(count)) await this.contexts.step(this.token(name), step)
})

When('{int} steps are recorded in {string} at once', async function (this: HansardWorld, count: number, name: string) {
  await Promise.all(manySteps(count).map((step) => this.contexts.step(this.token(name), step)))
})

When(
  '{int} writers record a step in {string} at once',
  async function (this: HansardWorld, writers: number, name: string) {
    const steps = manySteps(writers).map((step) => this.contexts.step(this.token(name), step))
    this.outcomes = await Promise.allSettled(steps)
  },
)

When(
  '{int} openings of the store record {int} steps each in {string} at once',
  async function (this: HansardWorld, openings: number, count: number, name: string) {
    const stores = await Promise.all(Array.from({ length: openings }, () => this.openAnother()))
    const services = stores.map((store) => store.contexts(this.namespace))
    await Promise.all(
      services.flatMap((contexts) => manySteps(count).map((step) => contexts.step(this.token(name), step))),
    )
  },
)

When(
  'another opening of the store records the step {string} in {string}',
  async function (this: HansardWorld, action: string, name: string) {
    const other = await this.openAnother()
    await other.contexts(this.namespace).step(this.token(name), stepOf(action))
  },
)

Then('the log of {string} is:', async function (this: HansardWorld, name: string, table: DataTable) {
  const { steps } = await readContext(this, name)
  assert.deepEqual(
    steps.map(({ stepIndex, action }) => [String(stepIndex), action]),
    table.raw(),
  )
})

Then('the log of {string} is numbered {string}', async function (this: HansardWorld, name: string, numbers: string) {
  const { steps } = await readContext(this, name)
  assert.deepEqual(
    steps.map(({ stepIndex }) => stepIndex),
    sequencesOf(numbers),
  )
})

async function stepAt(world: HansardWorld, index: number, name: string) {
  const step = (await readContext(world, name)).steps[index - 1]
  assert.equal(step?.stepIndex, index)
  return step
}

Then(
  'the request of step {int} of {string} is:',
  async function (this: HansardWorld, index: number, name: string, json: string) {
    const { request } = await stepAt(this, index, name)
    assert.equal(JSON.stringify(request), JSON.stringify(JSON.parse(json)))
  },
)

Then(
  'the response of step {int} of {string} is:',
  async function (this: HansardWorld, index: number, name: string, json: string) {
    const { response } = await stepAt(this, index, name)
    assert.equal(JSON.stringify(response), JSON.stringify(JSON.parse(json)))
  },
)

Then('step {int} of {string} has a response hash', async function (this: HansardWorld, index: number, name: string) {
  const { response, responseHash } = await stepAt(this, index, name)
  assert.deepEqual([response, responseHash], [null, sha256('null')])
})

Then('step {int} of {string} has no response hash', async function (this: HansardWorld, index: number, name: string) {
  assert.equal((await stepAt(this, index, name)).responseHash, null)
})

Then(
  'steps {int} and {int} of {string} have the same request hash',
  async function (this: HansardWorld, one: number, other: number, name: string) {
    assert.equal((await stepAt(this, one, name)).requestHash, (await stepAt(this, other, name)).requestHash)
  },
)

Then(
  'the request hash of step {int} of {string} is the SHA-256 of {string}',
  async function (this: HansardWorld, index: number, name: string, text: string) {
    assert.equal((await stepAt(this, index, name)).requestHash, sha256(text))
  },
)

Then('step {int} of {string} keeps its hashes alone', async function (this: HansardWorld, index: number, name: string) {
  const { hashOnly, request, response, requestHash, responseHash } = await stepAt(this, index, name)
  assert.deepEqual([hashOnly, request, response], [true, null, null])
  for (const hash of [requestHash, responseHash]) assert.match(hash ?? '', /^sha256:[0-9a-f]{64}$/)
})

Then(
  'the answer is step {int}, replayed, with the response {string}',
  function (this: HansardWorld, index: number, text: string) {
    const { stepIndex, replayed, response } = this.recorded ?? {}
    assert.deepEqual([stepIndex, replayed, response], [index, true, text])
  },
)

async function run(world: HansardWorld, table: DataTable, options?: RunOptions): Promise<void> {
  const tooLarge = { action: 'too large', request: textOf(4_097) }
  const steps = table.raw().map(([action = '']) => (action === tooLarge.action ? tooLarge : stepOf(action)))
  world.ran = await world.attempt(() => world.contexts.run(steps, options))
}

When('these steps are run:', function (this: HansardWorld, table: DataTable) {
  return run(this, table)
})

When('these steps are run in part:', function (this: HansardWorld, table: DataTable) {
  return run(this, table, { partial: true })
})

When(
  'these steps are run with the key {string}:',
  function (this: HansardWorld, idempotencyKey: string, table: DataTable) {
    return run(this, table, { idempotencyKey })
  },
)

When(
  'these steps are run on a saved context of {int} bytes:',
  function (this: HansardWorld, bytes: number, table: DataTable) {
    return run(this, table, { savedContext: multibyteContext(bytes) })
  },
)

Then(
  'the run is {string}: {int} of {int} steps recorded',
  function (this: HansardWorld, outcome: string, recorded: number, supplied: number) {
    const { outcome: actual, stepsRecorded, stepsSupplied } = this.ran ?? {}
    assert.deepEqual([actual, stepsRecorded, stepsSupplied], [outcome, recorded, supplied])
  },
)

Then('the run tells of {string}', function (this: HansardWorld, text: string) {
  const told = this.ran?.results.map((result) =>
    result.status === 'recorded' ? `recorded as ${result.stepIndex}` : `failed with ${result.error.code}`,
  )
  assert.equal(told?.join(', '), text)
})

Then("the run's context is closed, with the log {string}", function (this: HansardWorld, actions: string) {
  const { status, steps = [] } = this.ran?.context ?? {}
  assert.deepEqual([status, steps.map(({ action }) => action).join(', ')], ['closed', actions])
})
